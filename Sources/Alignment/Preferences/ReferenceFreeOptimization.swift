import Foundation
public import LanguageModel
public import NeuralCore

/// Trains a policy on preferences without a reference: ORPO, CPO, SimPO and AlphaPO.
///
///     var orpo = ReferenceFreeOptimization(policy: model, objective: .init(.orpo))
public typealias ReferenceFreeOptimization<Policy: TransformerParameters> = PreferenceOptimization<
    Policy, ReferenceFreeObjective
>

/// A preference loss that compares completions with each other, not with a reference. Its metrics have `nll_loss`, and for
/// ORPO `log_odds_ratio` and `log_odds_chosen`.
public struct ReferenceFreeObjective: PreferenceObjective {
    /// The loss to minimize.
    public let method: ReferenceFreeLoss
    /// The scale of the contrast, above 0.
    public var beta: Float

    /// An objective with its scale.
    public init(_ method: ReferenceFreeLoss, beta: Float = 0.1) {
        guard beta > 0 else { misuse("a preference loss with beta \(beta); it is greater than 0") }
        self.method = method
        self.beta = beta
    }

    /// False.
    public static var usesReference: Bool { false }
    /// True for ORPO, which imitates prompts too.
    public var learnsPrompts: Bool { method == .orpo }

    /// The loss of a policy on pairs, a scalar. Differentiable.
    public func loss(
        of model: Transformer, on batch: PreferenceBatch<TokenizedPair>, metrics: inout [String: Float]
    ) -> Tensor {
        let completions = batch.completions
        let logs = model.predictions(on: completions.tokens).logProbabilities
        // Where prompts are targets too, only the imitation sees them.
        let isCompletion = Tensor(completions.isCompletionTarget.map { $0 ? 1 : 0 })
        let isChosen = Tensor(completions.tokens.sequenceOfTarget.map { batch.isChosen[Int($0)] ? 1 : 0 })
        let imitation = -(logs * isChosen).sum() / isChosen.sum().item()
        var sums = completions.sums(of: logs * isCompletion)
        if method.usesMeans { sums = sums / completions.lengthTensor }
        let (chosen, rejected) = (sums.rows(at: batch.chosen), sums.rows(at: batch.rejected))

        var tempered = sums
        let loss: Tensor
        switch method {
        case .orpo:
            let odds = chosen - rejected - (chosen.logOneMinusExp() - rejected.logOneMinusExp())
            metrics["log_odds_chosen"] = odds.detached.mean().item()
            metrics["log_odds_ratio"] = odds.detached.logSigmoid().mean().item()
            loss = imitation - odds.logSigmoid().mean() * beta
        case .cpo(let contrast, let weight):
            let x = chosen - rejected
            let mean =
                switch contrast {
                case .sigmoid(let smoothing): smoothed(x * beta, smoothing).mean()
                case .hinge: (1 - x * beta).relu().mean()
                case .ipo: (x - 1 / (2 * beta)).squared().mean()
                }
            loss = weight == 0 ? mean : mean + imitation * weight
        case .simpo(let margin, let alpha, let smoothing):
            if alpha != 0 { tempered = sums.tempered(alpha) }
            let x = tempered.rows(at: batch.chosen) - tempered.rows(at: batch.rejected)
            loss = smoothed(x * beta - margin, smoothing).mean()
        }
        let rewards = tempered.detached * beta
        metrics.merge(batch.metrics(rewards: rewards, logProbabilities: sums)) { first, _ in first }
        metrics["rewards/accuracies"] = batch.accuracy(of: rewards)
        if method.imitates { metrics["nll_loss"] = imitation.item() }
        return loss
    }
}

/// Preference losses without a reference, written with l⁺, l⁻ for log π of the preferred and the other completion,
/// and NLL for the mean negative log-probability of the tokens of the preferred one.
public enum ReferenceFreeLoss: Sendable, Hashable {
    /// NLL(prompt and preferred completion) − mean β log σ(log odds ratio), of means over tokens.
    ///
    /// - SeeAlso: ORPO, [Hong et al. 2024](https://arxiv.org/abs/2403.07691), Eq. 6 and 7.
    case orpo
    /// mean of a contrast of l⁺ − l⁻, plus `imitation` times NLL.
    ///
    /// - SeeAlso: CPO, [Xu et al. 2024](https://arxiv.org/abs/2401.08417), Eq. 5.
    case cpo(Contrast = .sigmoid(), imitation: Float = 1)
    /// −log σ(β(l⁺ − l⁻) − margin), of means over tokens; with `alpha` not zero, of (1 − π^−α)/α instead of log π.
    ///
    /// - SeeAlso: SimPO, [Meng et al. 2024](https://arxiv.org/abs/2405.14734), Eq. 6; AlphaPO,
    ///   [Gupta et al. 2025](https://arxiv.org/abs/2501.03884), Eq. 8.
    case simpo(margin: Float = 0.5, alpha: Float = 0, smoothing: Float = 0)

    /// A contrast of two log-probabilities, x = l⁺ − l⁻.
    public enum Contrast: Sendable, Hashable {
        /// −(1 − ε) log σ(βx) − ε log σ(−βx).
        case sigmoid(smoothing: Float = 0)
        /// max(0, 1 − βx).
        case hinge
        /// (x − 1/(2β))², of means over tokens.
        case ipo
    }
}

extension ReferenceFreeLoss {
    /// True where log-probabilities are means over tokens, not sums.
    fileprivate var usesMeans: Bool {
        switch self {
        case .orpo, .simpo, .cpo(.ipo, _): true
        case .cpo: false
        }
    }

    /// True where the loss has a share of imitation.
    fileprivate var imitates: Bool {
        switch self {
        case .orpo: true
        case .cpo(_, let weight): weight != 0
        case .simpo: false
        }
    }
}

extension Tensor {
    /// (1 − e^(−αx)) / α, which goes to x as α goes to zero.
    fileprivate func tempered(_ alpha: Float) -> Tensor { (1 - (self * -alpha).exp()) / alpha }

    /// log(1 − eˣ) for x below zero, without cancellation near either end. Differentiable.
    ///
    /// - SeeAlso: [Mächler 2012](https://cran.r-project.org/package=Rmpfr/vignettes/log1mexp-note.pdf), Eq. 7.
    fileprivate func logOneMinusExp() -> Tensor {
        let x = scalars
        let values = x.map { $0 > -0.6931472 ? Foundation.log(-expm1($0)) : log1p(-Foundation.exp($0)) }
        let slopes = Tensor(x.map { -1 / expm1(-$0) }, shape: shape)
        return recorded(Tensor(values, shape: shape), from: [self]) { [$0 * slopes] }
    }
}
