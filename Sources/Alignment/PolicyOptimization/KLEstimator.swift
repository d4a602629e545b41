import LanguageModel
public import NeuralCore

/// An estimate of KL(π ‖ π_ref) from tokens drawn from π.
///
/// With ρ = log π_ref − log π of each token:
///
///     k1 = −ρ                 unbiased, of either sign
///     k2 = ρ² / 2             biased, never negative
///     k3 = e^ρ − 1 − ρ        unbiased, never negative
///
/// - SeeAlso: [Schulman 2020](http://joschu.net/blog/kl-approx.html).
public enum KLEstimator: String, Sendable, Hashable, Codable, CaseIterable {
    /// −ρ.
    case k1
    /// ρ² / 2.
    case k2
    /// e^ρ − 1 − ρ.
    case k3

    /// The estimate of each token, nats. Differentiable.
    public func estimates(_ logProbabilities: Tensor, reference: Tensor) -> Tensor {
        let ratios = reference - logProbabilities
        switch self {
        case .k1: return -ratios
        case .k2: return ratios.squared() * 0.5
        case .k3: return ratios.exp() - 1 - ratios
        }
    }
}

/// The cost of a nat of KL from the reference, fixed or adapted to a target.
///
///     β ← β (1 + clip(KL / target − 1, ±0.2) · completions / horizon)
///
/// - SeeAlso: [Ziegler et al. 2019](https://arxiv.org/abs/1909.08593), section 2.2. Departures: none.
public struct KLControl: Sendable, Hashable, Codable {
    /// The present cost, reward per nat.
    public private(set) var coefficient: Float
    /// The target KL of a completion, nats; nil keeps the coefficient as it is.
    public var target: Float?
    /// The number of completions that adapting takes, about.
    public var horizon: Float

    /// A constant cost.
    public static func fixed(_ coefficient: Float) -> KLControl {
        KLControl(coefficient: coefficient, target: nil, horizon: 1)
    }

    /// A cost that rises while the KL is above its target and falls while it is below.
    ///
    /// - Parameters:
    ///   - initial: Reward per nat to begin with.
    ///   - target: Nats a completion, summed over its tokens, above 0.
    ///   - horizon: The number of completions that adapting takes, about.
    public static func adaptive(initial: Float = 0.2, target: Float = 6, horizon: Float = 10_000)
        -> KLControl
    {
        guard target > 0, horizon > 0 else {
            misuse("a divergence steered to \(target) over \(horizon) completions")
        }
        return KLControl(coefficient: initial, target: target, horizon: horizon)
    }

    /// Adapts to the KL of that many completions.
    mutating func observe(_ kl: Float, completions: Int) {
        guard let target, kl.isFinite else { return }
        let error = min(max(kl / target - 1, -0.2), 0.2)
        coefficient *= 1 + error * Float(completions) / horizon
    }
}

/// The place where the divergence from the reference costs.
public enum KLPlacement: Sendable, Hashable {
    /// Each token's loss.
    case loss
    /// The reward, before advantages are estimated.
    case reward
}

/// The divergence of a policy from its reference on its own completions, to be taken off their rewards.
public struct KLPenalty: Sendable {
    /// The cost, reward per nat.
    public let coefficient: Float
    /// The estimate of each token, nats, `[targets]`.
    public let estimates: [Float]
    /// The sums over completions, nats, `[completions]`.
    public let sums: [Float]
    /// log π of every target, `[targets]`; a constant.
    let old: Tensor

    init(_ rollout: Rollout, old: Tensor, reference: Tensor, _ estimator: KLEstimator, coefficient: Float) {
        let estimates = estimator.estimates(old, reference: reference).scalars
        self.coefficient = coefficient
        self.estimates = estimates
        self.old = old
        sums = rollout.targets.map { estimates[$0].reduce(0, +) }
    }

    /// The mean over all tokens, nats.
    public var perToken: Float { sums.reduce(0, +) / Float(max(1, estimates.count)) }
    /// The mean over completions, nats.
    public var perCompletion: Float { sums.moments.mean }
}
