import Alignment
import BuiltInWorld
import Formatting
import Foundation
import LanguageModel
import NeuralCore
import Reports

/// The report of a quickstart: the story in one screen, then each stage, conversations, cost, and how to repeat it.
struct QuickstartReport {
    /// A stage of training, read from its folder.
    struct Stage {
        let name: String
        let title: String
        /// The line that runs it.
        let line: String
        let metrics: MetricsLog

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
            sections: [story, behavior, conversations, base] + stageSections + [cost, again]
        ).html
    }

    /// Seconds of all stages of training.
    private var seconds: Double { stages.reduce(0) { $0 + $1.seconds } }

    // MARK: Sections

    private func stage(_ name: String) -> Stage? { stages.first { $0.name == name } }

    private var story: Section {
        let style = NumberStyle.significant(3)
        var cards: [FigureCard] = []
        if let bits = stage("base")?.last("eval_bits_per_byte") {
            cards.append(
                FigureCard(
                    style.string(bits), "bits per byte",
                    note:
                        "base model, text it has not seen; a trigram model: \(trigramBitsPerByte.map(style.string) ?? "not measured")"
                ))
        }
        for (model, name, label) in [
            ("dpo", "known facts right", "known facts right"),
            ("dpo", "invented about unknown people", "invents"),
            ("dpo", "claims impossible actions", "claims deeds"),
        ] {
            guard let after = value(name, model) else { continue }
            let before = value(name, "sft").map { "SFT: \(NumberStyle.percent.string($0))" } ?? ""
            cards.append(FigureCard(NumberStyle.percent.string(after), label, note: "after DPO; \(before)"))
        }
        if let accuracy = stage("reward")?.last("eval_accuracy") {
            cards.append(
                FigureCard(
                    NumberStyle.percent.string(accuracy), "reward model agrees",
                    note: "on pairs it has not seen, a tenth of them mistaken"))
        }
        return Section(
            "The story",
            [
                .paragraph(
                    "A base model imitates what it has read: the websites and the code of \(world.town.name), a town that does not exist. "
                        + "Supervised fine-tuning turns it into Wren, who answers, and who has learned from people's bad examples to invent facts and to claim deeds. "
                        + "Preferences, by a reward model and PPO or directly by DPO, teach Wren to say “I don't know” and “I can't do that, but here is what I can do”."
                ),
                .cards(cards),
                .paragraph(arithmetic),
            ])
    }

    /// A sentence on the precision of the figures: every stage of training and evaluation uses its default one.
    private var arithmetic: String {
        "Training, with the figures of the base model and of the reward model, multiplies in "
            + "\(Arithmetic(TrainingOptions.usualPrecision.precision)); the models' answers are computed in "
            + "\(Arithmetic(.float32))."
    }

    private func value(_ measure: String, _ model: String) -> Double? {
        guard let index = evaluation.replies.firstIndex(where: { $0.model == model }),
            let measure = BehaviorTable.measures.first(where: { $0.name == measure })
        else { return nil }
        let replies = evaluation.replies(index, measure.kind)
        return replies.isEmpty ? nil : Double(replies.count(where: measure.isCounted)) / Double(replies.count)
    }

    private var behavior: Section { Section("Behavior", table.bars + [.table(table.table)]) }

    /// One prompt of each kind that shows the most: where the models differ.
    private var conversations: Section {
        let kinds: [(Suite.Kind, String)] = [
            (.unknownSubjects, "Somebody nobody has heard of"),
            (.impossibleActions, "Something it cannot do"),
            (.knownFacts, "Something it knows"), (.userContext, "Something about the user"),
            (.instructionForm, "An instruction with a form"),
        ]
        let models = evaluation.replies.indices.filter { evaluation.replies[$0].model != "base" }
        let blocks = kinds.compactMap { kind, title -> Block? in
            guard let suite = evaluation.suites.first(where: { $0.kind == kind }) else { return nil }
            // The first prompt that the first model fails and the last one passes; else the first.
            let place =
                suite.prompts.indices.first { place in
                    guard let first = models.first, let last = models.last else { return false }
                    return !evaluation.replies(first, kind)[place].isPassed
                        && evaluation.replies(last, kind)[place].isPassed
                } ?? 0
            let transcripts = models.map { model in
                let reply = evaluation.replies(model, kind)[place]
                let tokens = zip(reply.tokens, reply.probabilities).map {
                    ScoredToken($0, probability: Double($1))
                }
                let turns = suite.prompts[place].messages.map {
                    Transcript.Turn($0.role.rawValue, $0.content)
                }
                return Transcript(
                    model: evaluation.replies[model].model,
                    turns: turns + [.init("assistant", tokens: tokens)],
                    verdict: reply.label)
            }
            return .comparison(Comparison(title, transcripts))
        }
        return Section(
            "Before and after",
            [.paragraph("Each token's probability shows when the pointer rests on it.")] + blocks)
    }

    private var base: Section {
        Section(
            "What the base model writes",
            [
                .paragraph("It goes on with whatever it is given, as the source of it would."),
                .samples(continuations),
            ])
    }

    private var stageSections: [Section] {
        stages.map { stage in
            let unit = stage.name == "base" || stage.name == "sft" ? "nats per token" : ""
            let training = TrainingReport(
                title: stage.title, command: "", metrics: stage.metrics, lossUnit: unit)
            let card = stage.name == "reward" ? cardBlocks : []
            return Section(stage.title, card + training.curves + [.commands([stage.line])])
        }
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
        let rows = stages.map { stage in
            Table.Row(
                stage.title,
                cells: [
                    .estimate(Estimate(stage.seconds), .duration),
                    .estimate(Estimate(Double(stage.steps)), .integer),
                    .estimate(Estimate(stage.last("tokens_per_second") ?? .nan), .compact),
                    .estimate(Estimate(stage.last("memory_bytes") ?? .nan), .bytes),
                ])
        }
        return Section(
            "Cost",
            [
                .table(
                    Table("Each stage", columns: ["time", "steps", "tokens a second", "memory"], rows: rows))
            ])
    }

    private var again: Section {
        Section(
            "Again",
            [
                .paragraph(
                    "The same seed and plan give the same models; each command can be run alone in this folder."
                ),
                .commands(
                    ["hone quickstart --minutes \(plan.minutes) --seed \(seed)"]
                        + stages.map(\.line) + [
                            "hone chat --model dpo"
                        ]),
            ])
    }
}
