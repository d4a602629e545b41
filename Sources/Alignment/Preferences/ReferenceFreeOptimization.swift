import Foundation
public import LanguageModel
public import NeuralCore

/// Trains a policy on preferences without a reference: ORPO, CPO, SimPO and AlphaPO.
///
///     var orpo = ReferenceFreeOptimization(policy: model, method: .orpo())
///
/// Written with l⁺, l⁻ for log π of the preferred and the other completion, and NLL for the mean negative
/// log-probability of the tokens of the preferred one.
public struct ReferenceFreeOptimization<Policy: TransformerParameters>: Sendable {
    /// Policy, optimizer, schedule and step count.
    public var training: Training<Policy>
    /// What is minimized.
    public let method: ReferenceFreeLoss
    /// The scale of the contrast, above 0.
    public var beta: Float

    /// The policy as trained so far.
    public var policy: Policy { training.model }

    /// A policy about to be trained.
    public init(
        policy: Policy, method: ReferenceFreeLoss, beta: Float = 0.1, optimizer: any Optimizer = AdamW(),
        schedule: LearningRateSchedule = .constant(1e-6), maxGradientNorm: Float? = 1
    ) {
        guard beta > 0 else { misuse("a preference loss with beta \(beta); it is greater than 0") }
        training = Training(
            policy, optimizer: optimizer, schedule: schedule, maxGradientNorm: maxGradientNorm)
        self.method = method
        self.beta = beta
    }

    /// Takes one step.
    ///
    /// - Returns: What was done, with TRL's metrics: `rewards/…`, `logps/…`, `nll_loss`, and for ORPO
    ///   `log_odds_ratio` and `log_odds_chosen`.
    @discardableResult
    public mutating func step(on pairs: [TokenizedPair]) -> StepReport {
        let batch = PreferenceBatch(pairs, promptTargets: method == .orpo)
        let objective = ReferenceFreeObjective(method: method, beta: beta)
        var metrics: [String: Float] = [:]
        var report = training.step(tokens: batch.completions.tokens.tokens.count) { model, _ in
            objective.loss(of: model.transformer, on: batch, metrics: &metrics)
        }
        report.metrics = metrics
        return report
    }

    /// Loss and metrics of pairs under the policy as it is, from which nothing is learned.
    ///
    /// - Returns: `loss` and the metrics of a step.
    public func metrics(on pairs: [TokenizedPair]) -> [String: Float] {
        let batch = PreferenceBatch(pairs, promptTargets: method == .orpo)
        var metrics: [String: Float] = [:]
        let loss = ReferenceFreeObjective(method: method, beta: beta)
            .loss(of: policy.transformer, on: batch, metrics: &metrics)
        metrics["loss"] = loss.item()
        return metrics
    }
}

/// What a step minimizes; it holds no model, so that none is copied when one moves.
private struct ReferenceFreeObjective {
    let method: ReferenceFreeLoss
    let beta: Float

    func loss(of model: Transformer, on batch: PreferenceBatch, metrics: inout [String: Float])
        -> Tensor
    {
        let completions = batch.completions
        let logs = model.predictions(on: completions.tokens).logProbabilities
        // Where prompts are targets too, only the imitation sees them.
        let isCompletion = Tensor(completions.isCompletionTarget.map { $0 ? 1 : 0 })
        let isChosen = Tensor(completions.tokens.sequenceOfTarget.map { $0 % 2 == 0 ? 1 : 0 })
        let imitation = -(logs * isChosen).sum() / isChosen.sum().item()
        var sums = completions.sums(of: logs * isCompletion)
        if method.usesMeans { sums = sums / completions.lengthTensor }
        let (chosen, rejected) = (sums.rows(at: batch.chosen), sums.rows(at: batch.rejected))

        var rewards = (chosen: chosen, rejected: rejected)
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
            if alpha != 0 { rewards = (chosen.tempered(alpha), rejected.tempered(alpha)) }
            loss = smoothed((rewards.chosen - rewards.rejected) * beta - margin, smoothing).mean()
        }
        metrics.merge(
            rewardMetrics(
                chosen: (rewards.chosen.detached * beta).scalars,
                rejected: (rewards.rejected.detached * beta).scalars)
        ) { first, _ in first }
        metrics["logps/chosen"] = chosen.detached.mean().item()
        metrics["logps/rejected"] = rejected.detached.mean().item()
        if method.imitates { metrics["nll_loss"] = imitation.item() }
        return loss
    }
}

/// What a preference loss without a reference minimizes, with l⁺, l⁻ for log π of the preferred and the other completion,
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

    /// How two log-probabilities are contrasted, x = l⁺ − l⁻.
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
    /// Whether log-probabilities are means over tokens, not sums.
    fileprivate var usesMeans: Bool {
        switch self {
        case .orpo, .simpo, .cpo(.ipo, _): true
        case .cpo: false
        }
    }

    /// Whether the loss has a share of imitation.
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
