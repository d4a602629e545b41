import Alignment
import BuiltInWorld
import Foundation
import LanguageModel

extension QuickstartEvaluation {
    /// Classifies reviews by the most probable answer of a model: the same assistant as a classifier.
    ///
    /// Each opinion's probability is that of the answer that names it; the prior of the answers, their mean over all
    /// reviews, is divided out.
    ///
    /// - SeeAlso: Batch calibration, [Zhou et al. 2023](https://arxiv.org/abs/2309.17249), Eq. 5.
    func reviewReport(_ chat: ChatModel) throws -> ClassificationReport? {
        guard let suite = suites.first(where: { $0.kind == .reviews }) else { return nil }
        let opinions = Opinion.allCases
        let end = [chat.format.endOfTurn].compactMap(\.self)
        let answers = opinions.map { chat.tokenizer.encode($0.rawValue.capitalized) + end }
        var truth: [Int] = []
        let groups = try suite.prompts.compactMap { prompt -> PromptedCompletions? in
            guard case .review(let opinion) = prompt.task, let number = opinions.firstIndex(of: opinion)
            else {
                return nil
            }
            truth.append(number)
            return PromptedCompletions(prompt: try ids(of: prompt, chat), completions: answers)
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
    private func normalized(_ logits: [Double]) -> [Double] {
        let greatest = logits.max() ?? 0
        let weights = logits.map { exp($0 - greatest) }
        let sum = weights.reduce(0, +)
        return weights.map { $0 / sum }
    }
}
