import Foundation
public import NeuralCore

/// A loss over pairs: a function from scores to one number for each pair, nats unless said otherwise.
///
///     DirectPreferenceOptimization(policy: model, losses: [.init(.sigmoid)])
///     let mine = PreferenceLoss { ($0.margin * $0.beta - 1).squared() }
///
/// Written with D = s⁺ − s⁻ for the scores of the preferred and the other completion, ρ for log-ratios, n for lengths,
/// σ for the logistic function.
public struct PreferenceLoss: Sendable {
    /// The loss of each pair, `[pairs]`, or of all, `[]`.
    public let value: @Sendable (PairScores) -> Tensor

    /// A loss from a function.
    public init(_ value: @escaping @Sendable (PairScores) -> Tensor) { self.value = value }

    /// −log σ(βD).
    ///
    /// - SeeAlso: DPO, [Rafailov et al. 2023](https://arxiv.org/abs/2305.18290), Eq. 7. Departures: none.
    public static let sigmoid = PreferenceLoss { -($0.margin * $0.beta).logSigmoid() }

    /// −(1 − ε) log σ(βD) − ε log σ(−βD): a share ε of the labels is taken to be wrong.
    ///
    /// - Parameter smoothing: ε, from 0 and below 0.5.
    /// - SeeAlso: conservative DPO, [Mitchell 2023](https://ericmitchell.ai/cdpo.pdf), Eq. 3.
    public static func sigmoid(smoothing: Float) -> PreferenceLoss {
        guard (0..<0.5).contains(smoothing) else {
            misuse("DPO with a smoothing of \(smoothing); it is from 0 and below 0.5")
        }
        return PreferenceLoss { smoothed($0.margin * $0.beta, smoothing) }
    }

    /// max(0, 1 − βD).
    ///
    /// - SeeAlso: SLiC, [Zhao et al. 2023](https://arxiv.org/abs/2305.10425), Eq. 1, as adapted to ratios by
    ///   [Liu et al. 2023](https://arxiv.org/abs/2309.06657).
    public static let hinge = PreferenceLoss { (1 - $0.margin * $0.beta).relu() }

    /// (s⁺/n⁺ − s⁻/n⁻ − 1/(2β))².
    ///
    /// - SeeAlso: IPO, [Azar et al. 2023](https://arxiv.org/abs/2310.12036), Eq. 17. Departure: scores are means over
    ///   tokens, so that long completions do not dominate.
    public static let ipo = PreferenceLoss { pairs in
        let margin = pairs.chosen / pairs.chosenLengths - pairs.rejected / pairs.rejectedLengths
        return (margin - 1 / (2 * pairs.beta)).squared()
    }

    /// KL from the model's preference to the smoothed label:
    /// σ(βD)(log σ(βD) − log(1 − ε)) + σ(−βD)(log σ(−βD) − log ε).
    ///
    /// - Parameter smoothing: ε, above 0; the paper suggests 1e-3.
    /// - SeeAlso: EXO, [Ji et al. 2024](https://arxiv.org/abs/2402.00856), Eq. 16.
    public static func exo(smoothing: Float = 1e-3) -> PreferenceLoss {
        guard smoothing > 0, smoothing < 1 else {
            misuse("EXO with a smoothing of \(smoothing); it lies between 0 and 1")
        }
        let (kept, flipped) = (log1p(-smoothing), log(smoothing))
        return PreferenceLoss { pairs in
            let x = pairs.margin * pairs.beta
            return x.sigmoid() * (x.logSigmoid() - kept) + (-x).sigmoid() * ((-x).logSigmoid() - flipped)
        }
    }

    /// −log σ(βs⁺) − ½ log σ(−βs⁺) − ½ log σ(−βs⁻).
    ///
    /// - SeeAlso: NCA, [Chen et al. 2024](https://arxiv.org/abs/2402.05369), Eq. 13, for two completions.
    public static let nca = PreferenceLoss { pairs in
        let (chosen, rejected) = (pairs.chosen * pairs.beta, pairs.rejected * pairs.beta)
        return -chosen.logSigmoid() - (-chosen).logSigmoid() * 0.5 - (-rejected).logSigmoid() * 0.5
    }

    /// (−(1 − ε) log σ(βD) + ε log σ(−βD)) / (1 − 2ε): unbiased when a share ε of the labels is wrong.
    ///
    /// - Parameter noise: ε, from 0 and below 0.5.
    /// - SeeAlso: Robust DPO, [Chowdhury et al. 2024](https://arxiv.org/abs/2403.00409), Eq. 9.
    public static func robust(noise: Float) -> PreferenceLoss {
        guard (0..<0.5).contains(noise) else {
            misuse("robust DPO with noise \(noise); it is from 0 and below 0.5")
        }
        return PreferenceLoss { pairs in
            let x = pairs.margin * pairs.beta
            return (x.logSigmoid() * (noise - 1) + (-x).logSigmoid() * noise) / (1 - 2 * noise)
        }
    }

    /// −log σ(βs⁺) − log σ(−βs⁻).
    ///
    /// - SeeAlso: [Jung et al. 2024](https://arxiv.org/abs/2404.04656), Eq. 6, without the shift.
    public static let bcoPair = PreferenceLoss { pairs in
        -(pairs.chosen * pairs.beta).logSigmoid() - (pairs.rejected * -pairs.beta).logSigmoid()
    }

    /// (s⁺ − 1/(2β))² + (s⁻ + 1/(2β))².
    ///
    /// - SeeAlso: SPPO, [Wu et al. 2024](https://arxiv.org/abs/2405.00675), Eq. 4.7, with certain preferences.
    public static let sppoHard = PreferenceLoss { pairs in
        let goal = 0.5 / pairs.beta
        return (pairs.chosen - goal).squared() + (pairs.rejected + goal).squared()
    }

    /// −(1 − ε) log σ(βx) − ε log σ(−βx) over sorted differences: x = sort(log π⁺ − log π⁻) − sort(log π⁺_ref − log π⁻_ref).
    ///
    /// - SeeAlso: AOT, [Melnyk et al. 2024](https://arxiv.org/abs/2406.05882), Eq. 5, paired.
    public static func aot(smoothing: Float = 0) -> PreferenceLoss {
        PreferenceLoss { pairs in
            let policy = (pairs.chosenLogProbabilities - pairs.rejectedLogProbabilities).sorted()
            let reference = (pairs.chosenReference - pairs.rejectedReference).sorted()
            return smoothed((policy - reference) * pairs.beta, smoothing)
        }
    }

    /// The same over each side sorted by itself: x = sort(ρ⁺) − sort(ρ⁻).
    ///
    /// - SeeAlso: AOT, [Melnyk et al. 2024](https://arxiv.org/abs/2406.05882), Eq. 6, unpaired.
    public static func aotUnpaired(smoothing: Float = 0) -> PreferenceLoss {
        PreferenceLoss { pairs in
            smoothed(
                (pairs.chosenLogRatios.sorted() - pairs.rejectedLogRatios.sorted()) * pairs.beta, smoothing)
        }
    }

    /// 1 − σ(βρ⁺) + σ(βρ⁻): for completions better than what the model says by itself.
    ///
    /// - SeeAlso: APO-zero, [D'Oosterlinck et al. 2024](https://arxiv.org/abs/2408.06266), Eq. 7.
    public static let apoZero = PreferenceLoss { pairs in
        1 - (pairs.chosenLogRatios * pairs.beta).sigmoid() + (pairs.rejectedLogRatios * pairs.beta).sigmoid()
    }

    /// σ(βρ⁺) + 1 − σ(βD): for completions worse than what the model says by itself.
    ///
    /// - SeeAlso: APO-down, [D'Oosterlinck et al. 2024](https://arxiv.org/abs/2408.06266), Eq. 8.
    public static let apoDown = PreferenceLoss { pairs in
        (pairs.chosenLogRatios * pairs.beta).sigmoid() + 1 - (pairs.margin * pairs.beta).sigmoid()
    }

    /// −log σ(l)(1 − m) + e^−l m with l = βD, m = σ(l/τ): found by a language model.
    ///
    /// - SeeAlso: DiscoPOP, [Lu et al. 2024](https://arxiv.org/abs/2406.08414), Eq. 5.
    public static func discopop(temperature: Float = 0.05) -> PreferenceLoss {
        PreferenceLoss { pairs in
            let x = pairs.margin * pairs.beta
            let share = (x / temperature).sigmoid()
            return -x.logSigmoid() * (1 - share) + (-x).exp() * share
        }
    }

    /// The cross-entropy of the preferred completions, a mean over all their tokens.
    public static let sft = PreferenceLoss { $0.chosenCrossEntropy }

    /// −log σ(β(s⁺/n⁺ − s⁻/n⁻)).
    ///
    /// - SeeAlso: length-normalized DPO, [Lambert et al. 2024](https://arxiv.org/abs/2411.15124), Eq. 6.
    public static let sigmoidNorm = PreferenceLoss { pairs in
        -((pairs.chosen / pairs.chosenLengths - pairs.rejected / pairs.rejectedLengths) * pairs.beta)
            .logSigmoid()
    }
}

/// −(1 − ε) log σ(x) − ε log σ(−x): the cross-entropy of a label that is wrong with probability ε.
func smoothed(_ x: Tensor, _ epsilon: Float) -> Tensor {
    x.logSigmoid() * (epsilon - 1) - (-x).logSigmoid() * epsilon
}

extension Tensor {
    /// The elements in ascending order; gradients go back to where they came from.
    func sorted() -> Tensor {
        let values = scalars
        return rows(at: values.indices.sorted { values[$0] < values[$1] }.map(Int32.init))
    }
}

/// Scores that a preference loss is computed from: one number for each pair, `[pairs]`.
public struct PairScores: Sendable {
    /// Scores of the preferred completions: f(log π/π_ref) for the chosen divergence. Differentiable.
    public var chosen: Tensor
    /// Scores of the other completions.
    public var rejected: Tensor
    /// log π of the preferred completions, summed over tokens. Differentiable.
    public var chosenLogProbabilities: Tensor
    /// log π of the other completions.
    public var rejectedLogProbabilities: Tensor
    /// log π_ref of the preferred completions.
    public var chosenReference: Tensor
    /// log π_ref of the other completions.
    public var rejectedReference: Tensor
    /// Tokens in the preferred completions.
    public var chosenLengths: Tensor
    /// Tokens in the other completions.
    public var rejectedLengths: Tensor
    /// Mean negative log-probability of all tokens of the preferred completions, a scalar. Differentiable.
    public var chosenCrossEntropy: Tensor
    /// Strength of the KL constraint to the reference.
    public var beta: Float

    /// The score of the preferred completion less that of the other.
    public var margin: Tensor { chosen - rejected }
    /// log π/π_ref of the preferred completions.
    public var chosenLogRatios: Tensor { chosenLogProbabilities - chosenReference }
    /// log π/π_ref of the other completions.
    public var rejectedLogRatios: Tensor { rejectedLogProbabilities - rejectedReference }
}

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
