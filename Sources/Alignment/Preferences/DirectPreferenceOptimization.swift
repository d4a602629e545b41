public import Foundation
public import LanguageModel
public import NeuralCore

/// Trains a policy on preferences directly, without a reward model: DPO and its family.
///
///     var dpo = DirectPreferenceOptimization(policy: model, reference: model, schedule: .constant(1e-6))
///     for batch in batches { dpo.step(on: batch) }
///
/// The loss is the mean over pairs of each loss, times its weight, added up. The reference costs nothing until the
/// policy moves, because a model is a value; its log-probabilities are computed once for a batch that has been
/// `prepared`, and anew at each step otherwise.
///
/// - SeeAlso: [Rafailov et al. 2023](https://arxiv.org/abs/2305.18290), Eq. 7. Departures: those of the losses.
public struct DirectPreferenceOptimization<Policy: TransformerParameters>: Sendable {
    /// Policy, optimizer, schedule and step count.
    public var training: Training<Policy>
    /// What the policy is held to.
    public var reference: Transformer
    /// How strongly, above 0.
    public var beta: Float
    /// What is minimized.
    public var losses: [WeightedPreferenceLoss]
    /// How log-ratios become scores.
    public var divergence: Divergence
    /// Whether pairs count by how likely the policy is to say them ([Zhou et al. 2024](https://arxiv.org/abs/2406.11827),
    /// Eq. 2).
    public var weighsByLikelihood = false
    /// What tokens beyond the length that both completions reach count, from 0 to 1; nil for as much as the others
    /// ([Liu et al. 2024](https://arxiv.org/abs/2409.06411), Eq. 11).
    public var weightBeyondSharedLength: Float?
    /// Moves the reference toward the policy; nil leaves it alone.
    public var referenceUpdate: ReferenceUpdate?

    /// The policy as trained so far.
    public var policy: Policy { training.model }

    /// A policy about to be trained.
    ///
    /// - Parameters:
    ///   - policy: What to train.
    ///   - reference: What to hold it to; nil for the policy as it is now.
    ///   - beta: How strongly.
    ///   - losses: What to minimize.
    ///   - divergence: How log-ratios become scores.
    ///   - optimizer: What moves the policy.
    ///   - schedule: The learning rate by step.
    ///   - maxGradientNorm: The gradient is scaled down to this norm.
    public init(
        policy: Policy, reference: Transformer? = nil, beta: Float = 0.1,
        losses: [WeightedPreferenceLoss] = [.init(.sigmoid)], divergence: Divergence = .reverseKL,
        optimizer: any Optimizer = AdamW(), schedule: LearningRateSchedule = .constant(1e-6),
        maxGradientNorm: Float? = 1
    ) {
        guard beta > 0 else { misuse("DPO with beta \(beta); it is greater than 0") }
        training = Training(
            policy, optimizer: optimizer, schedule: schedule, maxGradientNorm: maxGradientNorm)
        self.reference = reference ?? policy.transformer
        self.beta = beta
        self.losses = losses
        self.divergence = divergence
    }

    /// The batch with the reference's log-probabilities, so that no step computes them again.
    public func prepared(_ batch: PreferenceBatch) -> PreferenceBatch {
        var batch = batch
        batch.reference = batch.completions.logProbabilities(under: reference)
        return batch
    }

    /// Takes one step.
    ///
    /// - Returns: What was done, with TRL's metrics: `rewards/chosen`, `rewards/rejected`, `rewards/accuracies`,
    ///   `rewards/margins`, `logps/…`, `logits/…`, `entropy`, `mean_token_accuracy`.
    @discardableResult
    public mutating func step(on batch: PreferenceBatch) -> StepReport {
        var metrics: [String: Float] = [:]
        let reference = batch.reference ?? batch.completions.logProbabilities(under: reference)
        let objective = objective
        var report = training.step(tokens: batch.completions.tokens.tokens.count) { model, _ in
            objective.loss(of: model.transformer, on: batch, reference: reference, metrics: &metrics)
        }
        report.metrics = metrics
        moveReference()
        return report
    }

    /// Loss and metrics of a batch under the policy as it is, from which nothing is learned.
    ///
    /// - Returns: `loss` and the metrics of a step.
    public func metrics(on batch: PreferenceBatch) -> [String: Float] {
        var metrics: [String: Float] = [:]
        let reference = batch.reference ?? batch.completions.logProbabilities(under: reference)
        let loss = objective.loss(
            of: policy.transformer, on: batch, reference: reference, metrics: &metrics)
        metrics["loss"] = loss.item()
        return metrics
    }

    /// Writes `training.safetensors`, and `reference.safetensors` where the reference moves, into a folder that exists.
    public func writeCheckpoint(to folder: URL) throws(FileError) {
        try training.writeCheckpoint(to: folder.appending(component: PreferenceProgress.trainingFile))
        try writeReference(to: folder)
    }

    /// Takes over what ``writeCheckpoint(to:)`` wrote. When something is wrong with it, all is as before.
    public mutating func readCheckpoint(from folder: URL) throws(CheckpointError) {
        let moved = try movedReference(in: folder)
        try training.readCheckpoint(from: folder.appending(component: PreferenceProgress.trainingFile))
        reference = moved
    }

    /// Writes the reference, if it moves.
    func writeReference(to folder: URL) throws(FileError) {
        guard referenceUpdate != nil else { return }
        var writer = SafetensorsWriter()
        writer.add(parametersOf: reference.merged)
        try writer.write(to: folder.appending(component: PreferenceProgress.referenceFile))
    }

    /// The reference that ``writeReference(to:)`` wrote; the present one if it does not move.
    func movedReference(in folder: URL) throws(CheckpointError) -> Transformer {
        guard referenceUpdate != nil else { return reference }
        var reference = reference.merged
        try Checkpoint(folder.appending(component: PreferenceProgress.referenceFile))
            .loadParameters(into: &reference)
        return reference
    }

    private var objective: PreferenceObjective {
        PreferenceObjective(
            beta: beta, losses: losses, divergence: divergence, weighsByLikelihood: weighsByLikelihood,
            weightBeyondSharedLength: weightBeyondSharedLength)
    }

    private mutating func moveReference() {
        guard let update = referenceUpdate, training.stepsTaken % update.interval == 0 else { return }
        let targets = policy.transformer.merged.parameters
        reference = reference.merged
        var position = 0
        reference.forEachParameter { _, parameter in
            parameter = targets[position].value * update.mixture + parameter * (1 - update.mixture)
            position += 1
        }
    }
}

/// What a step of direct preference optimization minimizes; it holds no model, so that none is copied when one moves.
private struct PreferenceObjective {
    let beta: Float
    let losses: [WeightedPreferenceLoss]
    let divergence: Divergence
    let weighsByLikelihood: Bool
    let weightBeyondSharedLength: Float?

    /// The loss of a policy on a batch, a scalar. Differentiable.
    func loss(
        of model: Transformer, on batch: PreferenceBatch, reference: Tensor, metrics: inout [String: Float]
    ) -> Tensor {
        let completions = batch.completions
        let scores = CompletionScores(model, on: completions, wantsCollisions: weighsByLikelihood)
        let pairs = pairScores(scores, on: batch, reference: reference)
        // −log σ p + Σ p² in the exponent: how likely the policy is to say a completion, next to its usual likelihood.
        let likelihoods = scores.logCollisions.map { collisions in
            let means =
                completions.sums(of: scores.logProbabilities.detached - collisions) / completions.lengthTensor
            return (means.rows(at: batch.chosen) + means.rows(at: batch.rejected)).exp()
        }
        var loss = Tensor(0)
        for (index, weighted) in losses.enumerated() {
            var values = weighted.loss.value(pairs)
            if let likelihoods { values = values * likelihoods }
            let share = values.mean() * weighted.weight
            loss = index == 0 ? share : loss + share
        }
        metrics = preferenceMetrics(scores, pairs, on: batch, beta: beta)
        return loss
    }

    private func pairScores(_ scores: CompletionScores, on batch: PreferenceBatch, reference: Tensor)
        -> PairScores
    {
        let completions = batch.completions
        var (policy, reference) = (scores.logProbabilities, reference)
        let isChosen = Tensor(completions.tokens.sequenceOfTarget.map { $0 % 2 == 0 ? 1 : 0 })
        let crossEntropy = -(policy * isChosen).sum() / isChosen.sum().item()
        if let weightBeyondSharedLength {
            let weights = batch.weights(beyondShared: weightBeyondSharedLength)
            (policy, reference) = (policy * weights, reference * weights)
        }
        let (ours, theirs) = (completions.sums(of: policy), completions.sums(of: reference))
        let lengths = completions.lengthTensor
        return PairScores(
            chosen: divergence.scores((ours - theirs).rows(at: batch.chosen)),
            rejected: divergence.scores((ours - theirs).rows(at: batch.rejected)),
            chosenLogProbabilities: ours.rows(at: batch.chosen),
            rejectedLogProbabilities: ours.rows(at: batch.rejected),
            chosenReference: theirs.rows(at: batch.chosen),
            rejectedReference: theirs.rows(at: batch.rejected),
            chosenLengths: lengths.rows(at: batch.chosen), rejectedLengths: lengths.rows(at: batch.rejected),
            chosenCrossEntropy: crossEntropy, beta: beta)
    }
}

/// A preference loss and what it counts in a sum.
public struct WeightedPreferenceLoss: Sendable {
    /// The loss.
    public var loss: PreferenceLoss
    /// What it is multiplied by in the sum.
    public var weight: Float

    /// A loss in a mixture.
    public init(_ loss: PreferenceLoss, weight: Float = 1) {
        self.loss = loss
        self.weight = weight
    }
}

/// How a reference follows the policy: reference ← mixture · policy + (1 − mixture) · reference.
///
/// - SeeAlso: TR-DPO, [Gorbatovski et al. 2024](https://arxiv.org/abs/2404.09656), Eq. 5 and 6.
public struct ReferenceUpdate: Sendable, Hashable {
    /// The share of the policy, above 0; 1 replaces the reference.
    public var mixture: Float
    /// Steps between updates.
    public var interval: Int

    /// An update every `interval` steps.
    public init(mixture: Float = 0.6, interval: Int = 512) {
        self.mixture = mixture
        self.interval = interval
    }
}
