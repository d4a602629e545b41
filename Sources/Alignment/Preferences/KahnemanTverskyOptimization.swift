public import LanguageModel
public import NeuralCore

/// Trains a policy on completions that are each desirable or not, without pairs: KTO.
///
///     var kto = KahnemanTverskyOptimization(policy: model, objective: .init(beta: 0.1))
///
/// - SeeAlso: [Ethayarajh et al. 2024](https://arxiv.org/abs/2402.01306), Eq. 7 and 8. Departure: z comes from the batch's
///   own prompts with each other's completions.
public typealias KahnemanTverskyOptimization<Policy: TransformerParameters> = PreferenceOptimization<
    Policy, KahnemanTverskyObjective
>

/// A value function around z that falls off on both sides.
///
///     z = max(0, mean of log π/π_ref over mismatched completions), a constant
///     L = mean of w₊ (1 − σ(β(ρ − z))) where desirable, w₋ (1 − σ(β(z − ρ))) where not
///
/// Its metrics have `kl`, which is z, and `rewards/accuracies`, the share of completions on the right side of z.
public struct KahnemanTverskyObjective: PreferenceObjective {
    /// Strength of the KL constraint to the reference, above 0.
    public var beta: Float
    /// Weight of desirable completions in the loss.
    public var desirableWeight: Float
    /// Weight of undesirable completions in the loss.
    public var undesirableWeight: Float
    /// The log-ratio that those of completions are compared with.
    public var anchor: KahnemanTverskyAnchor

    /// An objective with its weights.
    public init(
        beta: Float = 0.1, desirableWeight: Float = 1, undesirableWeight: Float = 1,
        anchor: KahnemanTverskyAnchor = .divergence
    ) {
        guard beta > 0 else { misuse("KTO with beta \(beta); it is greater than 0") }
        self.beta = beta
        self.desirableWeight = desirableWeight
        self.undesirableWeight = undesirableWeight
        self.anchor = anchor
    }

    /// False: at every step the reference reads the batch's prompts with each other's completions.
    public static var remembersReference: Bool { false }
    /// Two where z is estimated, from prompts with each other's completions.
    public var fewestExamples: Int { anchor == .divergence ? 2 : 1 }

    /// z: the divergence of the policy from the reference on completions that answer other prompts, at least zero, nats.
    public func anchor(of examples: [TokenizedLabel], policy: Transformer, reference: Transformer) -> Float {
        guard anchor == .divergence else { return 0 }
        let mismatched = CompletionBatch(
            zip(examples, examples.suffix(1) + examples.dropLast()).map {
                .init(prompt: $0.prompt, completions: [$1.completion])
            })
        let ratios =
            mismatched.logProbabilities(under: policy) - mismatched.logProbabilities(under: reference)
        return max(0, mismatched.sums(of: ratios).mean().item())
    }

    /// The loss of a policy on judged completions, a scalar. Differentiable.
    public func loss(
        of model: Transformer, on batch: PreferenceBatch<TokenizedLabel>, metrics: inout [String: Float]
    ) -> Tensor {
        let (ratios, figures) = batch.logRatios(of: model, beta: beta)
        metrics = figures
        // 1 − σ(x) = σ(−x), and the sign tells the wanted from the unwanted.
        let signs = batch.isChosen.map { $0 ? -beta : beta }
        let weights = Tensor(batch.isChosen.map { $0 ? desirableWeight : undesirableWeight })
        let right = zip(ratios.detached.scalars, signs).count { ($0 - batch.anchor) * $1 < 0 }
        metrics["rewards/accuracies"] = Float(right) / Float(max(1, signs.count))
        metrics["kl"] = batch.anchor
        return (((ratios - batch.anchor) * Tensor(signs)).sigmoid() * weights).mean()
    }
}

/// The log-ratio that KTO compares those of completions with.
public enum KahnemanTverskyAnchor: Sendable, Hashable {
    /// The divergence z of the policy from the reference.
    case divergence
    /// Zero ([D'Oosterlinck et al. 2024](https://arxiv.org/abs/2408.06266), Eq. 7, unpaired).
    case zero
}

extension PreferenceBatch<TokenizedLabel> {
    /// ρ = log π/π_ref of each completion, `[completions]`, differentiable; and the figures of a step.
    func logRatios(of model: Transformer, beta: Float) -> (ratios: Tensor, metrics: [String: Float]) {
        let scores = CompletionScores(model, on: completions)
        let ratios = completions.sums(of: scores.logProbabilities - referenceLogProbabilities)
        let metrics = metrics(
            rewards: ratios * beta, logProbabilities: completions.sums(of: scores.logProbabilities.detached))
        return (ratios, metrics.merging(self.metrics(of: scores)) { first, _ in first })
    }
}
