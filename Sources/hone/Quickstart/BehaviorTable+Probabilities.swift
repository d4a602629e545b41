import Behavior
import BuiltInWorld
import Formatting
import LanguageModel
import Reports

extension BehaviorTable {
    /// A figure of what a model finds probable, or of what it draws.
    struct Figure<Source>: Sendable {
        let name: String
        let note: String
        let style: NumberStyle
        let direction: Direction?
        let estimate: @Sendable (Source) -> Estimate
    }

    /// What a model's probabilities are worth.
    static let probabilities = [
        Figure<QuickstartProbabilities>(
            name: "finds the right value", note: "the most probable of four, for any fact of the town",
            style: .percent, direction: .higherIsBetter
        ) { Estimate($0.factsKnown.share ?? 0, interval: $0.factsKnown.interval) },
        Figure(
            name: "calibration error, facts",
            note: "by how much its probability and the share that is right differ", style: .percent,
            direction: .lowerIsBetter
        ) { Estimate($0.facts.expectedError ?? 0) },
        Figure(
            name: "reviews, macro-F1", note: "by which label the model finds most probable", style: .percent,
            direction: .higherIsBetter
        ) { Estimate($0.reviews.macroF1) },
        Figure(
            name: "calibration error, reviews", note: "", style: .percent, direction: .lowerIsBetter
        ) { Estimate($0.reviews.expectedCalibrationError) },
    ]

    /// How many different things a model says. None is better or worse by itself.
    static let variety = [
        Figure<QuickstartDiversity>(
            name: "different draws", note: "of \(QuickstartDiversity.draws) for a prompt", style: .percent,
            direction: nil
        ) { Estimate($0.distinctDraws) },
        Figure(
            name: "different word pairs", note: "among those of all draws for a prompt", style: .percent,
            direction: nil
        ) { Estimate($0.distinctPairs) },
        Figure(
            name: "self-similarity", note: "word pairs that two draws have in common", style: .percent,
            direction: nil
        ) { Estimate($0.selfSimilarity) },
        Figure(
            name: "bits per token drawn", note: "the entropy of the next token, about",
            style: .significant(3), direction: nil
        ) { Estimate($0.entropy) },
    ]

    /// What the models find probable, for the report.
    var probabilityBlocks: [Block] {
        let shown = [QuickstartModel.base, .dpo].compactMap(evaluation.place(of:))
        let diagrams = shown.map { place in
            let (model, probabilities) = (models[place], evaluation.probabilities[place])
            return Block.calibration(
                CalibrationDiagram(
                    "Facts: \(model)",
                    bins: probabilities.facts.bins.map {
                        .init(confidence: $0.confidence, accuracy: $0.accuracy, count: $0.count)
                    }))
        }
        return [
            .table(
                Table(
                    "What the models find probable", columns: models,
                    rows: rows(Self.probabilities, evaluation.probabilities), unranked: unranked,
                    note:
                        "Facts: the right value against three others of the town, in a sentence that is otherwise the same; by chance 25 %. The base model reads the sentence, "
                        + "the others are asked. The confidence is the share of the most probable value in the four."
                ))
        ] + diagrams
    }

    /// How many different things the models say, for the report.
    var varietyTable: Table {
        Table(
            "How many different things the models say", columns: models,
            rows: rows(Self.variety, evaluation.diversity),
            note:
                "\(QuickstartDiversity.draws) draws of at most \(QuickstartDiversity.maxTokens) tokens at temperature 1 for each of some prompts of every suite. The base model goes on from the "
                + "question as from a page. Imitation narrows what is said, learning from preferences and rewards more so."
        )
    }

    private func rows<Source>(_ figures: [Figure<Source>], _ sources: [Source]) -> [Table.Row] {
        figures.map { figure in
            Table.Row(
                figure.name, note: figure.note, style: figure.style, direction: figure.direction,
                estimates: sources.map(figure.estimate))
        }
    }
}
