import LanguageModel
import NeuralCore

/// What updates of a policy minimize.
struct PolicyObjective: Sendable {
    var loss: PolicyLoss
    var clipRange: ClipRange
    /// Divides the logits, as when the completions were drawn.
    var temperature: Float
    /// What a nat of divergence from the reference costs in the loss.
    var beta: Float = 0
    /// What a nat of entropy is worth in the loss.
    var entropyWeight: Float = 0
    /// The most tokens of a completion.
    var maxTokens: Int

    /// What the loss of one token of each completion counts in an update, `[completions]`.
    ///
    /// - Parameter numbers: The completions of the update.
    func weights(of numbers: [Int], in rollout: Rollout, isTrained: [Bool]) -> [Float] {
        let lengths = rollout.lengths
        let count = Float(numbers.count)
        func tokens(_ numbers: some Sequence<Int>) -> Float {
            Float(max(1, numbers.reduce(0) { $0 + (isTrained[$1] ? lengths[$1] : 0) }))
        }
        let weight: (Int) -> Float
        switch loss.mean {
        case .completions: weight = { 1 / (count * Float(lengths[$0])) }
        case .tokens:
            let total = tokens(numbers)
            weight = { _ in 1 / total }
        case .tokensOfRollout:
            let share = tokens(lengths.indices) * count / Float(lengths.count)
            weight = { _ in 1 / share }
        case .longest:
            let total = count * Float(maxTokens)
            weight = { _ in 1 / total }
        }
        var weights = [Float](repeating: 0, count: lengths.count)
        for number in numbers where isTrained[number] { weights[number] = weight(number) }
        return weights
    }
}

/// What is known of every target of a rollout before a policy is updated on it.
struct PolicyTargets: Sendable {
    /// `[targets]`.
    let advantages: Tensor
    /// log π_ref, `[targets]`; nil where nothing asks for it.
    let reference: Tensor?
    /// log π of the policy that sampled, `[targets]`; nil while the policy is that one.
    var old: Tensor?
    /// Whether each completion is learned from.
    let isTrained: [Bool]

    init(_ rollout: Rollout, advantages: [Float], reference: Tensor? = nil, isTrained: [Bool]? = nil) {
        self.advantages = Tensor(advantages)
        self.reference = reference
        self.isTrained = isTrained ?? [Bool](repeating: true, count: rollout.completions.count)
    }
}
