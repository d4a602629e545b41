import Formatting

/// Turns the metrics of a run into charts: what the run is judged by first, then what is of a kind under one heading, and
/// how the run went at the end. A figure that a program logs under several names is drawn once.
struct MetricCharts {
    /// The run's figures.
    let log: MetricsLog
    /// The unit of the loss.
    var lossUnit = ""
    /// Figures to compare the loss with.
    var lossReferences: [Chart.Reference] = []

    /// The order of charts.
    let order: MetricOrder

    /// The charts of a run.
    init(log: MetricsLog, lossUnit: String = "", lossReferences: [Chart.Reference] = []) {
        self.log = log
        self.lossUnit = lossUnit
        self.lossReferences = lossReferences
        order = MetricOrder(names: log.names)
    }

    /// The charts with a heading before each group.
    var blocks: [Block] {
        let families = families
        let byKey = Dictionary(families.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
        var blocks: [Block] = []
        for group in order.groups(of: families.map { ($0.key, $0.names[0]) }) {
            if !group.heading.isEmpty, !blocks.isEmpty { blocks.append(.heading(group.heading)) }
            for family in group.families.compactMap({ byKey[$0] }) {
                blocks.append(chart(of: family, isMinor: group.isOfTheRun))
            }
        }
        return constants.isEmpty ? blocks : blocks + [.facts(facts)]
    }

    /// Metrics of one chart.
    private struct Family {
        let key: String
        var names: [MetricName]
        /// Other names of the same figures.
        var synonyms: [String] = []
    }

    /// What belongs together in one chart, without what never changes, in the order of charts.
    private var families: [Family] {
        var families: [Family] = []
        for name in charted {
            let key = order.family(of: name)
            if let place = families.firstIndex(where: { $0.key == key }) {
                families[place].names.append(name)
            } else {
                families.append(Family(key: key, names: [name]))
            }
        }
        families.removeAll { family in family.names.allSatisfy(isConstant) && !order.isLeading(family.key) }
        // The name that comes first in the order of charts keeps the figures, others of the same are its synonyms.
        let sorted = order.groups(of: families.map { ($0.key, $0.names[0]) }).flatMap(\.families)
            .compactMap { key in families.first { $0.key == key } }
        var distinct: [Family] = []
        for family in sorted {
            let curves = family.names.map { log[$0.whole] ?? Curve() }
            // A point or two, and what never changes, may be equal by chance.
            let isCurve = curves.contains { $0.count > 2 && !$0.isConstant }
            let place = distinct.firstIndex {
                $0.names.count == curves.count
                    && zip($0.names, curves).allSatisfy { log[$0.whole]?.isNearly($1) ?? false }
            }
            if isCurve, let place {
                distinct[place].synonyms += family.names.map(\.whole)
            } else {
                distinct.append(family)
            }
        }
        return distinct
    }

    private var charted: [MetricName] {
        log.names.map(MetricName.init).filter {
            !MetricOrder.uncharted.contains($0.whole) && log[$0.whole]?.count ?? 0 > 0
        }
    }

    private func isConstant(_ name: MetricName) -> Bool { log[name.whole]?.isConstant ?? true }

    /// Metrics of families that never change.
    private var constants: [MetricName] {
        let moving = Set(charted.filter { !isConstant($0) }.map { order.family(of: $0) })
        return charted.filter {
            let family = order.family(of: $0)
            return !moving.contains(family) && !order.isLeading(family)
        }
    }

    /// Metrics that never changed, with their value.
    private var facts: Facts {
        let style = NumberStyle.significant(3)
        return Facts(
            "Unchanged throughout",
            constants.map { ($0.whole, log[$0.whole]?.last.map { style.string($0.y) } ?? "–") })
    }

    private func chart(of family: Family, isMinor: Bool) -> Block {
        let mebibyte = 1_048_576.0
        let names = family.names.sorted { !$0.isValidation && $1.isValidation }
        let entry = MetricGlossary.entry(for: names, family: family.key)
        let isLoss = family.key == "/loss"
        let lines = names.compactMap { name -> Series? in
            guard let curve = log[name.whole] else { return nil }
            return Series(
                name.label(among: names),
                family.key == "/memory/bytes" ? curve.scaled(by: 1 / mebibyte) : curve)
        }
        let also = family.synonyms.map { "`\($0)`" }.joined(separator: ", ")
        let notes = [entry.note, also.isEmpty ? "" : "Logged as \(also) as well."]
        return .chart(
            Chart(
                entry.title, yLabel: isLoss ? lossUnit : entry.unit, series: lines,
                references: isLoss ? lossReferences : [],
                isLogarithmic: family.key == "/grad/norm" && lines.contains { $0.curve.hasPeaks },
                limits: entry.limits, least: entry.least, isMinor: isMinor,
                note: notes.filter { !$0.isEmpty }.joined(separator: " ")))
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
