public import NeuralCore

/// A divergence of the policy from the reference, which turns log-ratios ρ = log π/π_ref into scores.
///
///     reverse KL   ρ
///     forward KL   −e^−ρ
///     Jensen–Shannon   log σ(ρ)
///     α   e^((α−1)ρ) / (α − 1)
///
/// - SeeAlso: [Wang et al. 2023](https://arxiv.org/abs/2309.16240), table 1. Departure: constants that cancel in a
///   difference of scores are left out; the exponent of α is at most 80.
public enum Divergence: Sendable, Hashable {
    case reverseKL, forwardKL, jensenShannon
    case alpha(Float)

    /// Scores from log-ratios, element by element. Differentiable.
    public func scores(_ logRatios: Tensor) -> Tensor {
        switch self {
        case .reverseKL: return logRatios
        case .forwardKL: return -(-logRatios).exp()
        case .jensenShannon: return logRatios.logSigmoid()
        case .alpha(let alpha):
            if abs(alpha - 1) < 1e-6 { return logRatios }
            return (logRatios * (alpha - 1)).clipped(to: -.infinity...80).exp() / (alpha - 1)
        }
    }
}
