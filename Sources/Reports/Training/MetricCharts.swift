import Formatting

/// Turns the metrics of a run into charts: what belongs together in one chart, what is of a kind under one heading.
struct MetricCharts {
    /// The run's figures.
    let log: MetricsLog
    /// The unit of the loss.
    var lossUnit = ""
    /// Figures to compare the loss with.
    var lossReferences: [Chart.Reference] = []

    /// Charts that stand first, in this order, by the spellings of their families.
    static let leading = [
        ["/loss"], ["/bits/per/byte"], ["/perplexity"], ["/token/accuracy"], ["/accuracy"],
        ["/learning/rate", "/lr"], ["/grad/norm", "/gradient/norm"], ["/tokens/per/second"],
        ["/memory/bytes"],
        ["/step/seconds", "/step/time"],
    ]

    /// Names that count or date lines, or repeat another in a fixed ratio: they say nothing as a chart.
    static let uncharted: Set = [
        "operations_per_second", "share_of_peak",
        "step", "epoch", "tokens", "num_tokens", "tokens_seen", "episode", "seconds", "elapsed", "time",
        "timestamp",
        "total_tokens", "examples", "elapsed_seconds", "wall_time",
    ]

    /// The charts with a heading before each group.
    var blocks: [Block] {
        var families: [String: [MetricName]] = [:]
        var order: [String] = []
        for name in log.names.map(MetricName.init)
        where !Self.uncharted.contains(name.whole) && log[name.whole]?.count ?? 0 > 0 {
            let family = Self.leading.first { $0.contains(name.family) }?[0] ?? name.family
            if families[family] == nil { order.append(family) }
            families[family, default: []].append(name)
        }
        var blocks: [Block] = []
        for family in Self.leading.map({ $0[0] }) {
            if let names = families.removeValue(forKey: family) {
                blocks.append(chart(of: names, in: family))
            }
        }
        let isConstant = { (name: MetricName) in log[name.whole]?.isConstant ?? true }
        let constants = order.filter { families[$0]?.allSatisfy(isConstant) ?? false }.flatMap {
            families[$0] ?? []
        }
        let rest = order.filter { !(families[$0]?.allSatisfy(isConstant) ?? true) }
        let groups = Dictionary(grouping: rest) { families[$0]?.first?.group ?? "" }
        // A group of one chart needs no heading of its own; it stands with what has no prefix, after the others.
        let isShown = { (group: String) in !group.isEmpty && groups[group]?.count ?? 0 > 1 }
        for group in groups.keys.filter(isShown).sorted() {
            blocks.append(.heading(MetricGlossary.heading(for: group)))
            for family in groups[group] ?? [] { blocks.append(chart(of: families[family] ?? [], in: family)) }
        }
        let others = rest.filter { !isShown(families[$0]?.first?.group ?? "") }
        if !others.isEmpty, !blocks.isEmpty { blocks.append(.heading(MetricGlossary.heading(for: ""))) }
        blocks += others.map { chart(of: families[$0] ?? [], in: $0) }
        return constants.isEmpty ? blocks : blocks + [.facts(facts(constants))]
    }

    /// Metrics that never changed, with their value.
    private func facts(_ names: [MetricName]) -> Facts {
        let style = NumberStyle.significant(3)
        return Facts(
            "Unchanged throughout",
            names.map { ($0.whole, log[$0.whole]?.last.map { style.string($0.y) } ?? "–") })
    }

    private func chart(of names: [MetricName], in family: String) -> Block {
        let mebibyte = 1_048_576.0
        let names = names.sorted { !$0.isValidation && $1.isValidation }
        let entry = MetricGlossary.entry(for: names, family: family)
        let isLoss = family == "/loss"
        let lines = names.compactMap { name -> Series? in
            guard let curve = log[name.whole] else { return nil }
            return Series(
                name.label(among: names), family == "/memory/bytes" ? curve.scaled(by: 1 / mebibyte) : curve)
        }
        return .chart(
            Chart(
                entry.title, yLabel: isLoss ? lossUnit : entry.unit, series: lines,
                references: isLoss ? lossReferences : [],
                isLogarithmic: family == "/grad/norm" && lines.contains { $0.curve.hasPeaks },
                limits: entry.limits, note: entry.note))
    }
}

extension Curve {
    /// True if all of several values are the same.
    fileprivate var isConstant: Bool { count > 2 && lowest?.y == highest?.y }

    /// True if a linear axis would show little but the highest points.
    fileprivate var hasPeaks: Bool {
        guard let lowest, let highest, let median else { return false }
        return lowest.y > 0 && highest.y > 20 * median
    }
}
