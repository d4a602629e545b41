import LanguageModel
import NeuralCore

/// The loss of a policy's updates.
struct PolicyObjective: Sendable {
    var loss: PolicyLoss
    var clipRange: ClipRange
    /// Divides the logits, as when the completions were drawn.
    var temperature: Float
    /// The cost of a nat of divergence from the reference in the loss.
    var beta: Float
    /// Estimates that divergence.
    var estimator: KLEstimator
    /// Worth of a nat of entropy in the loss.
    var entropyWeight: Float
    /// The most tokens of a completion.
    var maxTokens: Int

    /// The weight of each completion's tokens in an update, `[completions]`.
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

/// All that is known of a rollout's targets before a policy is updated on it.
struct PolicyTargets: Sendable {
    /// `[targets]`.
    let advantages: Tensor
    /// log π_ref, `[targets]`; nil where nothing asks for it.
    let reference: Tensor?
    /// log π of the policy that sampled, `[targets]`; nil while the policy is that one.
    var old: Tensor?
    /// False for completions that nothing is learned from.
    let isTrained: [Bool]

    /// - Parameter advantages: NaN for completions that nothing is learned from.
    init(_ rollout: Rollout, _ advantages: [Float], ignoresTruncated: Bool, reference: Tensor?) {
        isTrained = zip(rollout.completions, rollout.targets).map { completion, targets in
            !advantages[targets.lowerBound].isNaN && (completion.isEnded || !ignoresTruncated)
        }
        self.advantages = Tensor(advantages.map { $0.isNaN ? 0 : $0 })
        self.reference = reference
    }
}
