import LanguageModel
import NeuralCore

/// A prompt with one completion and whether it is wanted, as token ids.
public struct TokenizedLabel: Sendable, Hashable, Codable {
    /// At least one token.
    public var prompt: [Int32]
    /// The completion, its end of turn included.
    public var completion: [Int32]
    /// Whether the completion is wanted.
    public var isDesirable: Bool

    /// A judged completion.
    public init(prompt: [Int32], completion: [Int32], isDesirable: Bool) {
        self.prompt = prompt
        self.completion = completion
        self.isDesirable = isDesirable
    }
}

/// Judged completions laid out for one step.
public struct LabeledBatch: Sendable {
    /// The completions in their order.
    public let examples: [TokenizedLabel]
    /// Their layout: completion i belongs to example i.
    public let completions: CompletionBatch
    /// Every prompt with the completion of the example before it, which has nothing to do with it.
    public let mismatched: CompletionBatch

    /// Lays examples out.
    public init(_ examples: [TokenizedLabel]) {
        self.examples = examples
        completions = CompletionBatch(examples.map { .init(prompt: $0.prompt, completions: [$0.completion]) })
        let strangers = examples.suffix(1) + examples.dropLast()
        mismatched = CompletionBatch(
            zip(examples, strangers).map { .init(prompt: $0.prompt, completions: [$1.completion]) })
    }

    /// The numbers of the wanted completions.
    var desirable: [Int32] { examples.indices.filter { examples[$0].isDesirable }.map(Int32.init) }
    /// The numbers of the others.
    var undesirable: [Int32] { examples.indices.filter { !examples[$0].isDesirable }.map(Int32.init) }

    /// log π/π_ref of each completion, `[completions]`. Differentiable.
    func logRatios(_ model: CompletionScores, reference: Tensor) -> Tensor {
        completions.sums(of: model.logProbabilities - reference)
    }

    /// `rewards/…` and `logps/…` by label.
    func metrics(rewards: Tensor, scores: CompletionScores) -> [String: Float] {
        let logs = completions.sums(of: scores.logProbabilities.detached)
        var metrics = tokenMetrics(
            scores, isChosen: completions.tokens.sequenceOfTarget.map { examples[Int($0)].isDesirable })
        metrics["mean_token_accuracy"] = nil
        for (name, numbers) in [("chosen", desirable), ("rejected", undesirable)] where !numbers.isEmpty {
            metrics["rewards/\(name)"] = rewards.detached.rows(at: numbers).mean().item()
            metrics["logps/\(name)"] = logs.rows(at: numbers).mean().item()
        }
        if let chosen = metrics["rewards/chosen"], let rejected = metrics["rewards/rejected"] {
            metrics["rewards/margins"] = chosen - rejected
        }
        return metrics
    }
}
