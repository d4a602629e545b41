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
    /// - Precondition: Where the anchor is the divergence, the batch has two completions or more: it is estimated from
    ///   prompts with each other's completions.
    /// - Returns: What was done, with TRL's metrics: `kl`, `rewards/…`, `logps/…`, `logits/…`, `entropy`.
    @discardableResult
    public mutating func step(on batch: LabeledBatch) -> StepReport {
        requireOthers(in: batch)
        let reference = batch.completions.logProbabilities(under: reference)
        let divergence = anchor == .divergence ? divergence(on: batch.mismatched) : 0
        let objective = objective
        var metrics: [String: Float] = [:]
        var report = training.step(tokens: batch.completions.tokens.tokens.count) { model, _ in
            objective.loss(
                of: model.transformer, on: batch, reference: reference, divergence: divergence,
                metrics: &metrics)
        }
        metrics["kl"] = divergence
        metrics["rewards/accuracies"] = nil
        report.metrics = metrics
        return report
    }

    /// Loss and metrics of a batch under the policy as it is, from which nothing is learned.
    ///
    /// - Precondition: That of a step.
    /// - Returns: `loss`, `rewards/accuracies` (the share of completions that are on the right side of z: log π/π_ref
    ///   above it where wanted, below it where not), and the metrics of a step.
    public func metrics(on batch: LabeledBatch) -> [String: Float] {
        requireOthers(in: batch)
        let reference = batch.completions.logProbabilities(under: reference)
        let divergence = anchor == .divergence ? divergence(on: batch.mismatched) : 0
        var metrics: [String: Float] = [:]
        let loss = objective.loss(
            of: policy.transformer, on: batch, reference: reference, divergence: divergence,
            metrics: &metrics)
        metrics["loss"] = loss.item()
        metrics["kl"] = divergence
        return metrics
    }

    private var objective: KahnemanTverskyObjective {
        KahnemanTverskyObjective(
            beta: beta, desirableWeight: desirableWeight, undesirableWeight: undesirableWeight)
    }

    private func requireOthers(in batch: LabeledBatch) {
        guard anchor == .zero || batch.examples.count > 1 else {
            misuse(
                "KTO on a batch of \(batch.examples.count); its divergence needs 2 completions or more to compare"
            )
        }
    }

    /// How far the policy has moved from the reference on completions that answer other prompts, at least zero.
    private func divergence(on batch: CompletionBatch) -> Float {
        let ratios =
            batch.logProbabilities(under: policy.transformer) - batch.logProbabilities(under: reference)
        return max(0, batch.sums(of: ratios).mean().item())
    }
}

/// What a step of KTO minimizes; it holds no model, so that none is copied when one moves.
private struct KahnemanTverskyObjective {
    let beta: Float
    let desirableWeight: Float
    let undesirableWeight: Float

    /// The loss of a policy on a batch, a scalar. Differentiable.
    func loss(
        of model: Transformer, on batch: LabeledBatch, reference: Tensor, divergence: Float,
        metrics: inout [String: Float]
    ) -> Tensor {
        let scores = CompletionScores(model, on: batch.completions)
        let ratios = batch.logRatios(scores, reference: reference)
        metrics = batch.metrics(rewards: ratios * beta, scores: scores)
        // 1 − σ(x) = σ(−x), and the sign tells the wanted from the unwanted.
        let signs = batch.examples.map { $0.isDesirable ? -beta : beta }
        let worths = Tensor(batch.examples.map { $0.isDesirable ? desirableWeight : undesirableWeight })
        let right = zip(ratios.detached.scalars, signs).count { ($0 - divergence) * $1 < 0 }
        metrics["rewards/accuracies"] = Float(right) / Float(max(1, signs.count))
        return (((ratios - divergence) * Tensor(signs)).sigmoid() * worths).mean()
    }
}

/// What KTO compares completions with.
public enum KahnemanTverskyAnchor: Sendable, Hashable {
    /// The divergence z of the policy from the reference.
    case divergence
    /// Zero ([D'Oosterlinck et al. 2024](https://arxiv.org/abs/2408.06266), Eq. 7, unpaired).
    case zero
}
