import Alignment
import BuiltInWorld
import Formatting
import Foundation
import LanguageModel
import NeuralCore
import Reports

/// The report of a quickstart: what changed, for a reader with one minute; then behavior, conversations, each stage,
/// cost, and how to repeat it.
struct QuickstartReport {
    /// A stage of training, read from its folder.
    struct Stage {
        let name: String
        let title: String
        /// The line that runs it.
        let line: String
        let metrics: MetricsLog

        /// Its name in the contents.
        var label: String {
            switch name {
            case "base": title
            case "reward": "Reward model"
            case "shown": "Shown errands"
            case "acting": "GRPO"
            default: QuickstartModel(rawValue: name)?.title ?? name
            }
        }

        /// Its heading: the method, with its abbreviation.
        var heading: String { name == "base" || name == "reward" ? title : "\(title) (\(label))" }

        /// The last value of a figure.
        func last(_ figure: String) -> Double? { metrics[figure]?.last?.y }
        /// Steps in all.
        var steps: Int { Int(metrics["loss"]?.last?.x ?? 0) }
        /// Seconds the training took.
        var seconds: Double { last("seconds") ?? 0 }
    }

    let plan: QuickstartPlan
    let seed: UInt64
    let world: World
    let stages: [Stage]
    let evaluation: QuickstartEvaluation
    let table: BehaviorTable
    /// What the assistant does about errands, before and after it has learned to use tools.
    let errands: [QuickstartErrands]
    /// Whether this was a short run, of which nothing is claimed.
    let isQuick: Bool
    /// The results of the reward model on pairs it has not seen.
    let rewardCard: RewardCard?
    /// The base model's continuations of the beginnings of a web page, a program and a forum thread.
    let continuations: [Sample]
    /// The bits per byte of a trigram model on the same text as the base model's.
    let trigramBitsPerByte: Double?

    /// The page.
    var html: String {
        let processors = ProcessInfo.processInfo.activeProcessorCount
        return Report(
            title: "\(world.town.name): an assistant, raised from nothing",
            subtitle:
                "seed \(seed), \(processors) processors, \(NumberStyle.clock.string(seconds)) of training",
            sections: sections, related: [("Given a tool", Self.toolsFile)]
        ).html
    }

    /// The file of the page on tools, beside that of the report.
    static let toolsFile = "tools.html"

    /// A page of its own on what being given a tool changes.
    var toolsPage: String {
        Report(
            title: "\(world.town.name): an assistant that is given tools", subtitle: "seed \(seed)",
            sections: [tools]
        ).html
    }

    /// The sections in their order; each that begins a group names it.
    private var sections: [Section] {
        [minute, behavior, judges, conversations, probabilities, variety, base] + stageSections + [
            cost, again,
        ]
    }

    /// Seconds of all stages of training.
    private var seconds: Double { stages.reduce(0) { $0 + $1.seconds } }

    // MARK: Sections

    private func stage(_ name: String) -> Stage? { stages.first { $0.name == name } }

    private var behavior: Section { Section("Behavior", [.table(table.table)]) }

    private var probabilities: Section {
        Section("What it finds probable", label: "Probabilities", table.probabilityBlocks)
    }

    private var variety: Section { Section("Variety", [.table(table.varietyTable)]) }

    private var base: Section {
        Section(
            "What the base model writes", label: "Base model",
            [
                .paragraph("It goes on with whatever it is given, as the source of it would."),
                .samples(continuations),
            ])
    }

    /// Stages that the page on tools tells of; their curves stand in reports of their own.
    static let toolStages = ["shown", "acting"]

    private var stageSections: [Section] {
        stages.filter { !Self.toolStages.contains($0.name) }.map { stage in
            let unit = stage.name == "base" || stage.name == "sft" ? "nats per token" : ""
            let training = TrainingReport(
                title: stage.title, command: "", metrics: stage.metrics, lossUnit: unit)
            let outcome = stage.name == "reward" ? cardBlocks : stage.name == "base" ? [bitsPerByte] : []
            return Section(
                stage.heading, group: "Training", label: stage.label,
                outcome + training.curves + [.commands([stage.line])])
        }
    }

    /// How well the base model foresees text, beside a much simpler model.
    private var bitsPerByte: Block {
        let style = NumberStyle.significant(3)
        let measured = { (bits: Double?) in bits.map(style.string) ?? "not measured" }
        return .cards([
            FigureCard(
                measured(stage("base")?.last("eval_bits_per_byte")), "bits per byte of text it has not seen"),
            FigureCard(measured(trigramBitsPerByte), "the same, by a trigram model"),
        ])
    }

    /// The reward card.
    private var cardBlocks: [Block] {
        guard let card = rewardCard else { return [] }
        func cell(_ rate: RewardCard.Rate) -> Table.Cell {
            .estimate(Estimate(rate.value, interval: rate.low...rate.high), .percent)
        }
        let rows =
            [
                Table.Row("all pairs", cells: [.text("\(card.accuracy.count)"), cell(card.accuracy)]),
                Table.Row(
                    "chosen answer shorter",
                    cells: [
                        .text("\(card.lengthBias.accuracyWhenChosenIsShorter.count)"),
                        cell(card.lengthBias.accuracyWhenChosenIsShorter),
                    ]),
                Table.Row(
                    "chosen answer longer",
                    cells: [
                        .text("\(card.lengthBias.accuracyWhenChosenIsLonger.count)"),
                        cell(card.lengthBias.accuracyWhenChosenIsLonger),
                    ]),
            ]
            + card.byMargin.map { band in
                Table.Row(
                    "margin \(fixed(Double(band.least), 2)) to \(fixed(Double(band.greatest), 2))",
                    cells: [.text("\(band.accuracy.count)"), cell(band.accuracy)])
            }
        let bins = card.calibration.bins.filter { $0.count > 0 }.map {
            CalibrationDiagram.Bin(confidence: $0.confidence, accuracy: $0.accuracy, count: $0.count)
        }
        let computed = card.precision.flatMap { precision in
            card.processor.map { " Computed in \(precision) on \($0)." }
        }
        return [
            .paragraph(
                "A tenth of the opinions is mistaken, so no judge could agree with more than about 90 % of them."
                    + (computed ?? "")
            ),
            .table(
                Table(
                    "Reward card: how often the preferred answer gets the greater reward, on unseen pairs",
                    columns: ["pairs", "right"], rows: rows)),
            .calibration(CalibrationDiagram("Confidence against accuracy", bins: bins)),
        ]
    }

    private var cost: Section {
        let rows = stages.filter { !Self.toolStages.contains($0.name) }.map { stage in
            Table.Row(
                stage.heading,
                cells: [
                    .estimate(Estimate(stage.seconds), .duration),
                    .estimate(Estimate(Double(stage.steps)), .integer),
                    .estimate(Estimate(stage.last("tokens_per_second") ?? .nan), .compact),
                    .estimate(Estimate(stage.last("memory_bytes") ?? .nan), .bytes),
                ])
        }
        return Section(
            "Cost", group: "The run",
            [
                .table(
                    Table("Each stage", columns: ["time", "steps", "tokens a second", "memory"], rows: rows)),
                .paragraph(arithmetic),
            ])
    }

    /// A sentence on the precision of the figures: every stage of training and evaluation uses its default one.
    private var arithmetic: String {
        "Training, with the figures of the base model and of the reward model, multiplies in "
            + "\(Arithmetic(TrainingOptions.usualPrecision.precision)); the models' answers are computed in "
            + "\(Arithmetic(.float32))."
    }

    private var again: Section {
        Section(
            "How to do it again", label: "Commands",
            [
                .paragraph(
                    "The same seed and plan give the same models. The command of each stage stands in its section and can be run alone in this folder."
                ),
                .commands([
                    "hone quickstart --minutes \(QuickstartStages.shown(plan.minutes)) --seed \(seed)",
                    "hone chat --model dpo",
                ]),
            ])
    }
}
