import Foundation
import LanguageModel
public import NeuralCore

/// Bounds on the ratio of a policy to the one that sampled, beyond which its gradient is cut off.
public struct ClipRange: Sendable, Hashable, Codable {
    /// The farthest that the ratio may fall below 1.
    public var low: Float
    /// The farthest that the ratio may rise above 1.
    public var high: Float
    /// No ratio counts more than this, even where the loss prefers it; nil for no bound.
    public var delta: Float?

    /// The range 1 − low … 1 + high; without `high` it is the same on both sides.
    public init(_ low: Float = 0.2, high: Float? = nil, delta: Float? = nil) {
        self.low = low
        self.high = high ?? low
        self.delta = delta
    }

    /// The ratios whose gradient flows.
    public var range: ClosedRange<Float> { 1 - low...1 + high }
}

/// Numbers that a policy loss is computed from, one for each token of the completions, `[targets]`.
public struct PolicyScores: Sendable {
    /// log π of each token. Differentiable.
    public var logProbabilities: Tensor
    /// π/π_old at the level of the loss. Differentiable.
    public var ratios: Tensor
    /// The advantage of each token.
    public var advantages: Tensor
    /// Bounds on the ratios.
    public var clipRange: ClipRange
}

/// A loss of a policy on its own completions: a function from ratios and advantages to one number for each
/// token, at what level ratios are taken, and how the numbers become a mean.
///
///     GroupRelativePolicyOptimization(policy: model, loss: .grpo)
///     let mine = PolicyLoss(mean: .tokens) { -($0.ratios * $0.advantages) }
///
/// Written with r for ratios, A for advantages, ε for the clipping range.
public struct PolicyLoss: Sendable {
    /// The level at which ratios are taken.
    public enum Level: Sendable, Hashable {
        /// Each token.
        case token
        /// The geometric mean over the tokens of a completion.
        case completionMean
        /// The whole completion.
        case completion
    }

    /// A mean of the losses of tokens.
    public enum Mean: Sendable, Hashable {
        /// The mean over completions of the means over their tokens.
        case completions
        /// The mean over the tokens of an update.
        case tokens
        /// The sum over an update, divided by its even share of the rollout's tokens.
        case tokensOfRollout
        /// The mean over completions of the sums over their tokens, divided by the most tokens allowed.
        case longest
        /// The mean over completions of the sums over their tokens.
        case sums
    }

    /// The level at which ratios are taken.
    public let level: Level
    /// The mean of the losses of tokens.
    public let mean: Mean
    /// The ratio above which `clip_ratio/high_…` counts a token; nil for the upper end of the clipping range.
    public let greatestWeight: Float?
    /// The weight of each token's completion, a constant, `[targets]`, where that stands in place of clipping; its mean over
    /// completions is `vespo/phi_seq_mean`.
    public let completionWeight: (@Sendable (PolicyScores) -> Tensor)?
    /// The loss of each token, `[targets]`.
    public let value: @Sendable (PolicyScores) -> Tensor

    /// A loss from a function.
    public init(
        level: Level = .token, mean: Mean, greatestWeight: Float? = nil,
        completionWeight: (@Sendable (PolicyScores) -> Tensor)? = nil,
        _ value: @escaping @Sendable (PolicyScores) -> Tensor
    ) {
        self.level = level
        self.mean = mean
        self.greatestWeight = greatestWeight
        self.completionWeight = completionWeight
        self.value = value
    }

    /// −min(r A, clip(r, 1 − ε, 1 + ε) A).
    ///
    /// - SeeAlso: PPO, [Schulman et al. 2017](https://arxiv.org/abs/1707.06347), Eq. 7; two-sided where the
    ///   range has a greatest ratio.
    @Sendable public static func clipped(_ scores: PolicyScores) -> Tensor {
        let clipped = scores.ratios.clipped(to: scores.clipRange.range)
        let ratios =
            scores.clipRange.delta.map { scores.ratios.clipped(to: -.infinity...$0) } ?? scores.ratios
        return -minimum(ratios * scores.advantages, clipped * scores.advantages)
    }
}

extension PolicyLoss {
    /// The clipped loss, averaged over each completion: short completions weigh as much as long ones.
    ///
    /// - SeeAlso: GRPO, [Shao et al. 2024](https://arxiv.org/abs/2402.03300), Eq. 3. Departures: none.
    public static let grpo = PolicyLoss(mean: .completions, clipped)

    /// The clipped loss, averaged over the tokens of an update: the mean of PPO, and of GRPO as `bnpo`.
    public static let bnpo = PolicyLoss(mean: .tokens, clipped)

    /// The clipped loss, divided by the greatest length, so that length has no part in it.
    ///
    /// - SeeAlso: Dr. GRPO, [Liu et al. 2025](https://arxiv.org/abs/2503.20783), section 3.2. Departures:
    ///   none; its advantages are not divided by a deviation (`RewardScaling.none`).
    public static let drGRPO = PolicyLoss(mean: .longest, clipped)

    /// The clipped loss, averaged over the tokens of a rollout.
    ///
    /// - SeeAlso: DAPO, [Yu et al. 2025](https://arxiv.org/abs/2503.14476), Eq. 8. Departures: none.
    public static let dapo = PolicyLoss(mean: .tokensOfRollout, clipped)

    /// −min(r, c) A log π with a constant weight min(r, c): no token loses its gradient.
    ///
    /// - Parameter greatestWeight: c, above 1.
    /// - SeeAlso: CISPO, [MiniMax 2025](https://arxiv.org/abs/2506.13585), Eq. 4 and 5. Departures: none.
    public static func cispo(greatestWeight: Float = 5) -> PolicyLoss {
        PolicyLoss(mean: .tokensOfRollout, greatestWeight: greatestWeight) { scores in
            let weights = scores.ratios.detached.clipped(to: -.infinity...greatestWeight)
            return -(weights * scores.advantages * scores.logProbabilities)
        }
    }

    /// The clipped loss of the geometric mean of a completion's ratios; its range is narrow, 3e-4 and 4e-4 in
    /// the paper.
    ///
    /// - SeeAlso: GSPO, [Zheng et al. 2025](https://arxiv.org/abs/2507.18071), Eq. 5 and 7. Departures: none.
    public static let gspo = PolicyLoss(level: .completionMean, mean: .completions, clipped)

    /// −σ(τ(r − 1)) · 4/τ · A: the gradient fades out where clipping would cut it off.
    ///
    /// - Parameters:
    ///   - positive: τ where A is positive, above 0.
    ///   - negative: τ elsewhere; greater, as what is pushed down spreads over the whole vocabulary.
    /// - SeeAlso: SAPO, [Gao et al. 2025](https://arxiv.org/abs/2511.20347), its soft gate. Departures: none.
    public static func sapo(positive: Float = 1, negative: Float = 1.05) -> PolicyLoss {
        PolicyLoss(mean: .completions) { scores in
            let sharpness = Tensor(repeating: negative, shape: scores.advantages.shape)
                .replacing(with: Tensor(positive), where: scores.advantages .> Tensor(0))
            let gates = (sharpness * (scores.ratios - 1)).sigmoid() * (4 / sharpness)
            return -(gates * scores.advantages)
        }
    }

    /// The loss of GSPO times each completion's length, so that long completions are not pushed less for each of their tokens.
    ///
    /// - SeeAlso: LUSPO, [TRL's paper index](https://huggingface.co/papers/2602.05261). Departures: none.
    public static let luspo = PolicyLoss(level: .completionMean, mean: .sums, clipped)

    /// −φ(w) A log π with the constant weight φ(w) = w^k exp(λ(1 − w)) of the ratio w of the whole completion: it is 1 where
    /// the policy has not moved and falls on both sides, and nothing is clipped.
    ///
    /// - Parameters:
    ///   - positive: k and λ where A is not negative.
    ///   - negative: k and λ where it is.
    /// - SeeAlso: VESPO, [TRL's paper index](https://huggingface.co/papers/2602.10693). Departures: the ratio of a completion
    ///   alone is bounded, 1e-8 below and e²⁰ above, and not that of each of its tokens too.
    public static func vespo(
        positive: (k: Float, lambda: Float) = (2, 3), negative: (k: Float, lambda: Float) = (3, 2)
    ) -> PolicyLoss {
        let weight = { @Sendable (scores: PolicyScores) -> Tensor in
            let ratios = scores.ratios.detached.clipped(to: 1e-8...exp(20))
            let isNegative = scores.advantages .< Tensor(0)
            func setting(_ positive: Float, _ negative: Float) -> Tensor {
                Tensor(repeating: positive, shape: ratios.shape)
                    .replacing(with: Tensor(negative), where: isNegative)
            }
            let lambda = setting(positive.lambda, negative.lambda)
            return (lambda + setting(positive.k, negative.k) * ratios.log() - lambda * ratios).exp()
        }
        return PolicyLoss(level: .completion, mean: .tokensOfRollout, completionWeight: weight) { scores in
            -(weight(scores) * scores.advantages * scores.logProbabilities)
        }
    }

    /// The clipped loss of the ratio of whole completions.
    ///
    /// - SeeAlso: RLOO, [Ahmadian et al. 2024](https://arxiv.org/abs/2402.14740); clipped as in TRL.
    public static let rloo = PolicyLoss(level: .completion, mean: .completions, clipped)

    /// The variants of GRPO under the names that TRL gives them; `cispo`, `sapo` and `vespo` with
    /// their usual constants.
    public static let variants: [String: PolicyLoss] = [
        "grpo": .grpo, "bnpo": .bnpo, "dr_grpo": .drGRPO, "dapo": .dapo, "cispo": .cispo(), "gspo": .gspo,
        "sapo": .sapo(), "luspo": .luspo, "vespo": .vespo(),
    ]
}

/// The loss of a policy's updates.
struct PolicyObjective: Sendable {
    var loss: PolicyLoss
    var clipRange: ClipRange
    /// Divides the logits, as when the completions were drawn.
    var temperature: Float
    /// Beta: the cost of a nat of KL from the reference, in the loss.
    var beta: Float
    /// Estimates that divergence.
    var estimator: KLEstimator
    /// Whether the divergence is multiplied by the ratio.
    var correctsKLBias: Bool
    /// Weight of the entropy bonus in the loss.
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
        case .sums: weight = { _ in 1 / count }
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
    var reference: Tensor?
    /// log π of the policy that sampled, `[targets]`; nil while the policy is that one.
    var old: Tensor?
    /// False for completions that nothing is learned from.
    let isTrained: [Bool]

    /// - Parameter advantages: NaN for completions that nothing is learned from.
    init(_ rollout: Rollout, _ advantages: [Float], ignoresTruncated: Bool) {
        isTrained = zip(rollout.completions, rollout.targets).map { completion, targets in
            !advantages[targets.lowerBound].isNaN && (completion.isEnded || !ignoresTruncated)
        }
        self.advantages = Tensor(advantages.map { $0.isNaN ? 0 : $0 })
    }
}
