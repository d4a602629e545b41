import Alignment
import Behavior
import BuiltInWorld
import Foundation
import LanguageModel

/// How well the probabilities of a quickstart's model are to be trusted: of what it holds for true, and as a classifier.
struct QuickstartProbabilities {
    /// The share of facts whose right value is the most probable of four.
    let factsKnown: Proportion
    /// Of the values found most probable: how probable they were, and how many were right.
    let facts: Calibration
    /// The results as a classifier of reviews.
    let reviews: ClassificationReport

    /// Asks a model how probable it finds answers.
    ///
    /// - Parameters:
    ///   - readsPages: Whether the model has read pages only: it is given sentences, not questions.
    init(
        _ chat: ChatModel, facts choices: [FactChoice], reviews prompts: [Prompt], readsPages: Bool
    ) throws {
        let end = [chat.tokenizer.id(ofAddedToken: "<|endoftext|>")].compactMap(\.self)
        let groups = try choices.map { choice in
            PromptedCompletions(
                prompt: readsPages ? end : try chat.format.prompt(choice.prompt.conversation),
                completions: choice.answers.map { chat.tokenizer.encode($0) })
        }
        let answers = chat.model.scores(of: groups).map { scores in
            let shares = Self.normalized(scores.map(\.logProbability))
            let greatest = shares.max() ?? 0
            return (probability: greatest, isRight: shares.first == greatest)
        }
        factsKnown = Proportion(hits: answers.count { $0.isRight }, of: answers.count)
        facts = Calibration(answers, bins: 10)
        reviews = try Self.reviews(chat, prompts)
    }

    /// Classifies reviews by the most probable answer of a model: the same assistant as a classifier.
    ///
    /// Each opinion's probability is that of the answer that names it; the prior of the answers, their mean over all
    /// reviews, is divided out.
    ///
    /// - SeeAlso: Batch calibration, [Zhou et al. 2023](https://arxiv.org/abs/2309.17249), Eq. 5.
    private static func reviews(_ chat: ChatModel, _ prompts: [Prompt]) throws -> ClassificationReport {
        let opinions = Opinion.allCases
        let end = [chat.format.endOfTurn].compactMap(\.self)
        let answers = opinions.map { chat.tokenizer.encode($0.rawValue.capitalized) + end }
        var truth: [Int] = []
        let groups = try prompts.compactMap { prompt -> PromptedCompletions? in
            guard case .review(let opinion) = prompt.task, let number = opinions.firstIndex(of: opinion)
            else {
                return nil
            }
            truth.append(number)
            return PromptedCompletions(
                prompt: try chat.format.prompt(prompt.conversation), completions: answers)
        }
        let shares = chat.model.scores(of: groups).map { scores in normalized(scores.map(\.logProbability)) }
        let prior = opinions.indices.map { opinion in
            shares.reduce(1e-9) { $0 + $1[opinion] } / Double(max(1, shares.count))
        }
        let calibrated = shares.map { share in
            normalized(zip(share, prior).map { log(max($0, .leastNormalMagnitude)) - log($1) })
        }
        return ClassificationReport(
            labels: opinions.map(\.rawValue), truth: truth, probabilities: calibrated)
    }

    /// Probabilities in proportion to eˣ that sum to 1.
    private static func normalized(_ logits: [Double]) -> [Double] {
        let greatest = logits.max() ?? 0
        let weights = logits.map { exp($0 - greatest) }
        let sum = weights.reduce(0, +)
        return weights.map { $0 / sum }
    }
}
