public import LanguageModel
public import NeuralCore

/// Trains a policy on completions that are each wanted or not, without pairs: KTO.
///
///     z = max(0, mean of log π/π_ref over mismatched completions), a constant
///     L = mean of w₊ (1 − σ(β(ρ − z))) where wanted, w₋ (1 − σ(β(z − ρ))) where not
///
/// - SeeAlso: [Ethayarajh et al. 2024](https://arxiv.org/abs/2402.01306), Eq. 7 and 8. Departure: z comes from the batch's
///   own prompts with each other's completions.
public struct KahnemanTverskyOptimization<Policy: TransformerParameters>: Sendable {
    /// Policy, optimizer, schedule and step count.
    public var training: Training<Policy>
    /// What the policy is held to.
    public let reference: Transformer
    /// How strongly, above 0.
    public var beta: Float
    /// What a wanted completion counts.
    public var desirableWeight: Float
    /// What an unwanted completion counts.
    public var undesirableWeight: Float
    /// What completions are compared with.
    public var anchor: KahnemanTverskyAnchor

    /// The policy as trained so far.
    public var policy: Policy { training.model }

    /// A policy about to be trained.
    public init(
        policy: Policy, reference: Transformer? = nil, beta: Float = 0.1, desirableWeight: Float = 1,
        undesirableWeight: Float = 1, anchor: KahnemanTverskyAnchor = .divergence,
        optimizer: any Optimizer = AdamW(),
        schedule: LearningRateSchedule = .constant(1e-6), maxGradientNorm: Float? = 1
    ) {
        guard beta > 0 else { misuse("KTO with beta \(beta); it is greater than 0") }
        training = Training(
            policy, optimizer: optimizer, schedule: schedule, maxGradientNorm: maxGradientNorm)
        self.reference = reference ?? policy.transformer
        self.beta = beta
        self.desirableWeight = desirableWeight
        self.undesirableWeight = undesirableWeight
        self.anchor = anchor
    }

    /// Takes one step.
    ///
    /// - Returns: What was done, with TRL's metrics: `kl`, `rewards/…`, `logps/…`, `logits/…`, `entropy`.
    @discardableResult
    public mutating func step(on batch: LabelledBatch) -> StepReport {
        let reference = batch.completions.logProbabilities(under: reference)
        let divergence = anchor == .divergence ? divergence(on: batch.mismatched) : 0
        let (beta, weights) = (beta, (desirableWeight, undesirableWeight))
        var metrics: [String: Float] = [:]
        var report = training.step(tokens: batch.completions.tokens.tokens.count) { model, _ in
            let scores = CompletionScores(model.transformer, on: batch.completions)
            let ratios = batch.logRatios(scores, reference: reference)
            metrics = batch.metrics(rewards: ratios * beta, scores: scores)
            // 1 − σ(x) = σ(−x), and the sign tells the wanted from the unwanted.
            let signs = Tensor(batch.examples.map { $0.isDesirable ? -beta : beta })
            let worths = Tensor(batch.examples.map { $0.isDesirable ? weights.0 : weights.1 })
            return (((ratios - divergence) * signs).sigmoid() * worths).mean()
        }
        metrics["kl"] = divergence
        report.metrics = metrics
        return report
    }

    /// How far the policy has moved from the reference on completions that answer other prompts, at least zero.
    private func divergence(on batch: CompletionBatch) -> Float {
        let ratios =
            batch.logProbabilities(under: policy.transformer) - batch.logProbabilities(under: reference)
        return max(0, batch.sums(of: ratios).mean().item())
    }
}

/// What KTO compares completions with.
public enum KahnemanTverskyAnchor: Sendable, Hashable {
    /// The divergence z of the policy from the reference.
    case divergence
    /// Zero ([D'Oosterlinck et al. 2024](https://arxiv.org/abs/2408.06266), Eq. 7, unpaired).
    case zero
}
