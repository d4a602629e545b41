import Formatting

/// Several runs of training as one report: their curves over each other, the settings that differ, how their models do, and
/// what they cost.
///
///     let comparison = ComparisonReport(title: "Two learning rates", runs: [slow, fast])
///     let page = comparison.report.html
public struct ComparisonReport: Sendable {
    /// The most runs whose lines can be told apart.
    public static let mostRuns = 6

    /// The report's title.
    public var title: String
    /// The command that makes it again.
    public var command: String
    /// The runs, in the order of their columns.
    public var runs: [ComparedRun]

    /// A report on runs.
    public init(title: String, command: String = "", runs: [ComparedRun]) {
        (self.title, self.command, self.runs) = (title, command, runs)
    }

    /// The report: sections named Outcome, Curves, Settings that differ, Behavior, Cost and Again; those without content are
    /// left out.
    public var report: Report {
        let all: [(String, [Block])] = [
            ("Outcome", [.table(outcome)]), ("Curves", curves),
            ("Settings that differ", [settings]), ("Behavior", behavior),
            ("Cost", [.table(cost)]), ("Again", command.isEmpty ? [] : [.commands([command])]),
        ]
        return Report(title: title, sections: all.filter { !$0.1.isEmpty }.map { Section($0.0, $0.1) })
    }

    private var columns: [String] { runs.map(\.name) }

    // MARK: Outcome and cost

    private var outcome: Table {
        var rows = [Table.Row("state", texts: runs.map(\.state))]
        rows.append(
            .init(
                "loss at the end", note: "not comparable between methods", style: .significant(4),
                estimates: runs.map { $0.loss.map { Estimate($0) } }))
        let names = MetricNames(of: runs).all.filter { $0.hasPrefix("eval_") && direction(of: $0) != nil }
        for name in names {
            let direction = direction(of: name)
            let label = name.dropFirst("eval_".count).replacing("_", with: " ")
            rows.append(
                .init(
                    "best \(label), validation", style: .significant(4), direction: direction,
                    estimates: runs.map { run in
                        let curve = run.metrics[name]
                        let best = direction == .higherIsBetter ? curve?.highest : curve?.lowest
                        return best.map { Estimate($0.y) }
                    }))
        }
        return Table("What came of them", columns: columns, rows: rows)
    }

    /// The direction in which a metric is better; nil where that depends.
    private func direction(of name: String) -> Direction? {
        let leaf = MetricName(name).leaf
        if leaf.hasSuffix("loss") || leaf.hasSuffix("bits_per_byte") { return .lowerIsBetter }
        let better = ["accuracy", "accuracies", "margin", "margins"]
        return better.contains { leaf.hasSuffix($0) } ? .higherIsBetter : nil
    }

    private var cost: Table {
        func row(_ label: String, _ style: NumberStyle, note: String = "", _ value: (ComparedRun) -> Double?)
            -> Table.Row
        {
            .init(
                label, note: note, style: style,
                estimates: runs.map { run in value(run).map { Estimate($0) } })
        }
        return Table(
            "What they took", columns: columns,
            rows: [
                row("steps", .integer, \.steps), row("steps not taken", .integer) { $0.refused ?? 0 },
                row("time", .duration, \.seconds), row("tokens", .compact, \.tokens),
                row("tokens a second", .compact, note: "median", \.speed),
                row("memory at most", .bytes, \.memory),
            ])
    }

    // MARK: Settings

    private var settings: Block {
        let values = runs.map { Dictionary($0.settings, uniquingKeysWith: { $1 }) }
        let names = Set(values.flatMap(\.keys)).sorted()
        let differing = names.filter { name in Set(values.map { $0[name] }).count > 1 }
        guard !differing.isEmpty else { return .paragraph("All settings are the same.") }
        return .table(
            Table(
                "Settings and what was read", columns: columns,
                rows: differing.map { name in
                    .init(name, cells: values.map { $0[name].map { .text($0) } ?? .none })
                },
                note: "The other \(names.count - differing.count) are the same."))
    }

    // MARK: Curves

    /// A chart for each metric, with a line for each run that has it: what runs are judged by first, how they went last.
    private var curves: [Block] {
        var blocks: [Block] = []
        for group in MetricNames(of: runs).groups {
            if !group.heading.isEmpty, !blocks.isEmpty { blocks.append(.heading(group.heading)) }
            blocks += group.names.map { .chart(chart(of: $0, isMinor: group.isOfTheRun)) }
        }
        return blocks
    }

    private func chart(of name: String, isMinor: Bool) -> Chart {
        let metric = MetricName(name)
        let entry = MetricGlossary.entry(for: [metric], family: metric.family)
        let isMemory = metric.family == "/memory/bytes"
        let parts = [entry.title, metric.variant, metric.isValidation ? "validation" : ""]
        let mebibyte = 1_048_576.0
        return Chart(
            parts.filter { !$0.isEmpty }.joined(separator: ", "), yLabel: entry.unit,
            series: runs.map { run in
                let curve = run.metrics[name] ?? Curve()
                return Series(run.name, isMemory ? curve.scaled(by: 1 / mebibyte) : curve)
            }, limits: entry.limits, least: entry.least, isMinor: isMinor, note: entry.note)
    }

    // MARK: Behavior

    private var behavior: [Block] {
        var rows: [Table.Row] = []
        var seen: Set<String> = []
        for measure in runs.flatMap(\.measures) where seen.insert(measure.name).inserted {
            rows.append(
                .init(
                    measure.name, style: measure.style, direction: measure.direction,
                    estimates: runs.map { run in
                        run.measures.first { $0.name == measure.name }?.estimate
                    }))
        }
        let table: [Block] = rows.isEmpty ? [] : [.table(Table("How they do", columns: columns, rows: rows))]
        return table + answers
    }

    private static let mostQuestions = 12

    /// Questions with the answers of every run of which there is one to read; those that most runs answered first.
    private var answers: [Block] {
        var items: [String] = []
        var found: [String: [(run: String, answer: ComparedRun.Answer)]] = [:]
        for run in runs {
            for answer in run.answers {
                if found[answer.item] == nil { items.append(answer.item) }
                found[answer.item, default: []].append((run.name, answer))
            }
        }
        let shown = items.enumerated().sorted {
            let (a, b) = (found[$0.element]?.count ?? 0, found[$1.element]?.count ?? 0)
            return (b, $0.offset) < (a, $1.offset)
        }.prefix(Self.mostQuestions).map(\.element)
        return shown.map { item in
            let transcripts = (found[item] ?? []).map { run, answer in
                Transcript(
                    model: run, turns: [.init("user", answer.prompt), .init("assistant", answer.text)],
                    verdict: answer.verdict)
            }
            return .comparison(Comparison(item, transcripts))
        }
    }
}

/// The names of metrics that are worth a chart, of several runs.
private struct MetricNames {
    /// Names in groups, in the order of their charts, training before validation.
    let groups: [(heading: String, names: [String], isOfTheRun: Bool)]

    var all: [String] { groups.flatMap(\.names) }

    init(of runs: [ComparedRun]) {
        var names: [String] = []
        for run in runs {
            for name in run.metrics.names
            where !names.contains(name) && !MetricOrder.uncharted.contains(name) { names.append(name) }
        }
        // A figure that never changes and is the same in all runs is no curve.
        names.removeAll { name in
            let heights = runs.compactMap { $0.metrics[name] }.filter { $0.count > 0 }
                .flatMap { [$0.lowest?.y, $0.highest?.y] }
            return Set(heights).count < 2 && runs.contains { $0.metrics[name]?.count ?? 0 > 2 }
                || heights.isEmpty
        }
        let order = MetricOrder(names: names)
        var families: [(key: String, name: MetricName)] = []
        var members: [String: [MetricName]] = [:]
        for name in names.map(MetricName.init) {
            let key = order.family(of: name)
            if members[key] == nil { families.append((key, name)) }
            members[key, default: []].append(name)
        }
        var seen: [[Curve]] = []
        groups = order.groups(of: families).map { group in
            let sorted = group.families.flatMap { key in
                let found = members[key] ?? []
                return found.filter { !$0.isValidation } + found.filter(\.isValidation)
            }
            // What a program logs under several names is drawn once.
            let distinct = sorted.map(\.whole).filter { name in
                let curves = runs.map { $0.metrics[name] ?? Curve() }
                let isKnown = seen.contains { zip($0, curves).allSatisfy { $0.isNearly($1) } }
                let isCurve = curves.contains { $0.count > 2 && $0.lowest?.y != $0.highest?.y }
                if isKnown, isCurve { return false }
                seen.append(curves)
                return true
            }
            return (group.heading, distinct, group.isOfTheRun)
        }.filter { !$0.1.isEmpty }
    }
}
