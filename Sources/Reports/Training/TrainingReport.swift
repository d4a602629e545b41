import Formatting

/// The report of one run of training, whatever the method: what came of it, its curves, its settings, what it cost,
/// and how to repeat it.
///
///     var training = TrainingReport(title: "Preference optimization", command: "hone dpo --model sft …")
///     training.settings = [("beta", "0.1"), ("seed", "42")]
///     training.metrics = try MetricsLog(contentsOf: metricsFile)
///     training.cost = [("time", "1 min 12 s"), ("hardware", "2 cores")]
///     let page = training.report.html
public struct TrainingReport: Sendable {
    /// The run's title.
    public var title: String
    /// A line under the title: when, by which version.
    public var subtitle: String
    /// The command that does it again.
    public var command: String
    /// The settings of the run by name.
    public var settings: [(String, String)]
    /// The run's figures.
    public var metrics: MetricsLog
    /// Sentences that the reader should know, such as the findings of a run's checks.
    public var findings: [String]
    /// Headline figures that stand before those read from the metrics.
    public var cards: [FigureCard]
    /// The files that the run wrote, each with its description.
    public var files: [(String, String)]
    /// The cost of the run: time, memory, hardware.
    public var cost: [(String, String)]
    /// The loss's unit, such as "nats per token".
    public var lossUnit: String
    /// Figures to compare the loss with.
    public var lossReferences: [Chart.Reference]

    /// A report on a run.
    public init(
        title: String, subtitle: String = "", command: String, settings: [(String, String)] = [],
        metrics: MetricsLog = MetricsLog(), findings: [String] = [], cards: [FigureCard] = [],
        files: [(String, String)] = [], cost: [(String, String)] = [], lossUnit: String = "",
        lossReferences: [Chart.Reference] = []
    ) {
        self.title = title
        self.subtitle = subtitle
        self.command = command
        self.settings = settings
        self.metrics = metrics
        self.findings = findings
        self.cards = cards
        self.files = files
        self.cost = cost
        self.lossUnit = lossUnit
        self.lossReferences = lossReferences
    }

    /// The report: sections named Outcome, Curves, Settings, Cost, Files and Again; those without content are left
    /// out. Add sections of your own, such as samples, with `report.sections.insert(_:at:)`.
    public var report: Report {
        var outcome: [Block] = [.cards(cards + headlines)]
        if !allFindings.isEmpty { outcome.append(.list(allFindings)) }
        let all: [(String, [Block])] = [
            ("Outcome", outcome),
            ("Curves", curves),
            ("Settings", settings.isEmpty ? [] : [.facts(Facts("", settings))]),
            ("Cost", cost.isEmpty ? [] : [.facts(Facts("", cost))]),
            ("Files", files.isEmpty ? [] : [.facts(Facts("", files))]),
            ("Again", command.isEmpty ? [] : [.commands([command])]),
        ]
        return Report(
            title: title, subtitle: subtitle,
            sections: all.filter { !$0.1.isEmpty }.map { Section($0.0, $0.1) })
    }

    /// The run's curves alone, for a report of several runs.
    public var curves: [Block] {
        MetricCharts(log: metrics, lossUnit: lossUnit, lossReferences: lossReferences).blocks
    }

    /// Headline figures read from the metrics.
    private var headlines: [FigureCard] {
        let style = NumberStyle.significant(3)
        var cards: [FigureCard] = []
        if let loss = metrics["loss"], let last = loss.level {
            let first = loss.first.map { ", at first \(style.string($0.y))" } ?? ""
            cards.append(FigureCard(style.string(last), "loss at the end", note: "without its noise\(first)"))
        }
        for (name, label) in [
            ("eval_loss", "best validation loss"), ("validation_loss", "best validation loss"),
            ("eval_bits_per_byte", "bits per byte, validation"),
        ] {
            guard let lowest = metrics[name]?.lowest else { continue }
            let step = NumberStyle.integer.string(lowest.x)
            cards.append(FigureCard(style.string(lowest.y), label, note: "at step \(step)"))
        }
        if let accuracy = metrics["eval_accuracy"]?.last {
            cards.append(FigureCard(NumberStyle.percent.string(accuracy.y), "validation accuracy"))
        }
        if let accuracy = metrics["rewards/accuracies"]?.level {
            cards.append(FigureCard(NumberStyle.percent.string(accuracy), "pairs in order at the end"))
        }
        if let reward = metrics["objective/scores"] ?? metrics["reward"], let last = reward.level {
            let first = reward.first.map { "at first \(style.string($0.y))" } ?? ""
            cards.append(FigureCard(style.string(last), "reward at the end", note: first))
        }
        if let divergence = metrics["objective/kl"]?.level {
            cards.append(FigureCard(style.string(divergence), "divergence at the end", note: "nats"))
        }
        return cards + costs
    }

    /// Headline figures of what the run took.
    private var costs: [FigureCard] {
        var cards: [FigureCard] = []
        if let step = metrics["step"]?.last {
            let count = refusals.values.reduce(0, +)
            let note = count > 0 ? "\(count) not taken" : ""
            cards.append(FigureCard(NumberStyle.integer.string(step.y), "steps", note: note))
        }
        if let tokens = tokens { cards.append(FigureCard(NumberStyle.compact.string(tokens), "tokens")) }
        if let speed = metrics["tokens_per_second"]?.median {
            cards.append(FigureCard(NumberStyle.compact.string(speed), "tokens per second", note: "median"))
        }
        if let memory = metrics["memory_bytes"]?.highest {
            cards.append(FigureCard(NumberStyle.bytes.string(memory.y), "memory at most"))
        }
        return cards
    }

    /// Tokens in all: the last of a running count, or the sum of what each step took.
    private var tokens: Double? {
        for name in ["num_tokens", "tokens_seen", "tokens"] {
            guard let curve = metrics[name], let last = curve.last else { continue }
            return metrics.isRunningCount(name) || name != "tokens" ? last.y : curve.total
        }
        return nil
    }

    /// The number of steps skipped, by reason.
    private var refusals: [String: Int] {
        (metrics.remarks["skipped"] ?? [:]).merging(metrics.remarks["refusal"] ?? [:], uniquingKeysWith: +)
    }

    private var allFindings: [String] {
        var sentences = findings
        for (reason, count) in refusals.sorted(by: { $0.key < $1.key }) {
            sentences.append("\(count == 1 ? "One step was" : "\(count) steps were") not taken: \(reason).")
        }
        if metrics.damagedLineCount > 0 {
            let count = metrics.damagedLineCount
            sentences.append(
                "\(count == 1 ? "One line" : "\(count) lines") of the metrics could not be read.")
        }
        return sentences
    }
}

extension Curve {
    /// The level of the curve at its end, without its noise.
    fileprivate var level: Double? { smoothed().last?.y }
}
