import LanguageModel
public import NeuralCore

/// Examples laid out for one step, each prompt computed once for its completions, with all that is constant in the step.
public struct PreferenceBatch<Example: PreferenceExample>: Sendable {
    /// The examples in their order.
    public let examples: [Example]
    /// The layout: all completions of the first example, then those of the second.
    public let completions: CompletionBatch
    /// For each completion, true where it is preferred or desirable, `[completions]`.
    public let isChosen: [Bool]
    /// log π_ref of every target, `[targets]`; nil where there is no reference.
    public internal(set) var reference: Tensor?
    /// A constant that the objective measured before the step, such as z of KTO.
    public internal(set) var anchor: Float = 0

    /// Lays examples out.
    package init(_ examples: [Example], promptTargets: Bool = false) {
        self.examples = examples
        completions = CompletionBatch(examples.map(\.group), promptTargets: promptTargets)
        isChosen = examples.flatMap(\.isChosen)
    }

    /// The numbers of the completions that are preferred or desirable.
    public var chosen: [Int32] { numbers(true) }
    /// The numbers of the other completions.
    public var rejected: [Int32] { numbers(false) }

    private func numbers(_ side: Bool) -> [Int32] {
        isChosen.indices.filter { isChosen[$0] == side }.map(Int32.init)
    }

    /// log π_ref of every target, `[targets]`.
    ///
    /// - Precondition: The method has a reference.
    public var referenceLogProbabilities: Tensor {
        guard let reference else { misuse("a loss that needs a reference, of a method that has none") }
        return reference
    }
}

extension PreferenceBatch<TokenizedPair> {
    /// Weight of each target in the sum over its completion, `[targets]`: 1 within the length that both completions of a
    /// pair reach, `beyondShared` after it.
    func weights(beyondShared: Float) -> Tensor {
        var places = [Int](repeating: 0, count: completions.count)
        let lengths = completions.lengths
        return Tensor(
            completions.tokens.sequenceOfTarget.map { sequence in
                let number = Int(sequence)
                defer { places[number] += 1 }
                return places[number] < min(lengths[number], lengths[number ^ 1]) ? 1 : beyondShared
            })
    }
}

/// Figures of a step under TRL's names.
extension PreferenceBatch {
    /// `rewards/…` and `logps/…`, means over the completions of each side that has some.
    ///
    /// - Parameters:
    ///   - rewards: One for each completion, `[completions]`.
    ///   - logProbabilities: log π of each completion, `[completions]`.
    func metrics(rewards: Tensor, logProbabilities: Tensor) -> [String: Float] {
        var metrics: [String: Float] = [:]
        for (side, numbers) in [("chosen", chosen), ("rejected", rejected)] where !numbers.isEmpty {
            metrics["rewards/\(side)"] = rewards.detached.rows(at: numbers).mean().item()
            metrics["logps/\(side)"] = logProbabilities.detached.rows(at: numbers).mean().item()
        }
        if let chosen = metrics["rewards/chosen"], let rejected = metrics["rewards/rejected"] {
            metrics["rewards/margins"] = chosen - rejected
        }
        return metrics
    }

    /// `logits/…`, `entropy` and `mean_token_accuracy`: logits by side, entropy over both, accuracy of what is preferred.
    func metrics(of scores: CompletionScores) -> [String: Float] {
        let logits = scores.meanLogits.scalars
        let sides = completions.tokens.sequenceOfTarget.map { isChosen[Int($0)] }
        func mean(_ values: [Float], of side: Bool) -> Float {
            let kept = zip(values, sides).filter { $0.1 == side }.map(\.0)
            return kept.reduce(0, +) / Float(max(1, kept.count))
        }
        return [
            "logits/chosen": mean(logits, of: true),
            "logits/rejected": mean(logits, of: false),
            "entropy": scores.predictions.entropies.detached.mean().item(),
            "mean_token_accuracy": mean(scores.predictions.hits.map { $0 ? 1 : 0 }, of: true),
        ]
    }
}

extension PreferenceBatch<TokenizedPair> {
    /// `rewards/accuracies`: the share of pairs whose preferred completion has the greater reward.
    func accuracy(of rewards: Tensor) -> Float {
        let rewards = rewards.scalars
        let right = examples.indices.count { rewards[2 * $0] > rewards[2 * $0 + 1] }
        return Float(right) / Float(max(1, examples.count))
    }
}
