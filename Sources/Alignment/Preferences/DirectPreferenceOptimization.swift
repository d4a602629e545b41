public import LanguageModel
public import NeuralCore

/// Trains a policy on preferences directly, without a reward model: DPO and its family.
///
///     var dpo = DirectPreferenceOptimization(policy: model, beta: 0.1, schedule: .constant(1e-6))
///     for pairs in batches { dpo.step(on: pairs) }
///
/// - SeeAlso: [Rafailov et al. 2023](https://arxiv.org/abs/2305.18290), Eq. 7. Departures: those of the losses.
public typealias DirectPreferenceOptimization<Policy: TransformerParameters> = PreferenceOptimization<
    Policy, DirectPreferenceObjective
>

extension PreferenceOptimization where Objective == DirectPreferenceObjective {
    /// A policy about to be trained on a mixture of losses.
    ///
    /// - Parameters:
    ///   - policy: The model or adapter to train.
    ///   - reference: The model to hold it to; nil for the policy as it is now.
    ///   - beta: Strength of the KL constraint, above 0.
    ///   - losses: The losses to minimize, added up.
    ///   - divergence: Turns log-ratios into scores.
    ///   - optimizer: Moves the policy.
    ///   - schedule: The learning rate by step.
    ///   - maxGradientNorm: The gradient is scaled down to this norm.
    public init(
        policy: Policy, reference: Transformer? = nil, beta: Float = 0.1,
        losses: [WeightedPreferenceLoss] = [.init(.sigmoid)], divergence: Divergence = .reverseKL,
        optimizer: any Optimizer = AdamW(), schedule: LearningRateSchedule = .constant(1e-6),
        maxGradientNorm: Float? = 1
    ) {
        self.init(
            policy: policy, reference: reference,
            objective: DirectPreferenceObjective(beta: beta, losses: losses, divergence: divergence),
            optimizer: optimizer, schedule: schedule, maxGradientNorm: maxGradientNorm)
    }

    /// A policy about to be trained on one loss, which may be one of your own.
    ///
    /// ```swift
    /// var dpo = DirectPreferenceOptimization(
    ///     policy: model, beta: 0.1, loss: .init { (1 - $0.margin * $0.beta).relu().squared() })
    /// ```
    public init(
        policy: Policy, reference: Transformer? = nil, beta: Float = 0.1, loss: PreferenceLoss,
        optimizer: any Optimizer = AdamW(), schedule: LearningRateSchedule = .constant(1e-6),
        maxGradientNorm: Float? = 1
    ) {
        self.init(
            policy: policy, reference: reference, beta: beta, losses: [.init(loss)], optimizer: optimizer,
            schedule: schedule, maxGradientNorm: maxGradientNorm)
    }
}

/// The mean over pairs of each loss, times its weight, added up.
public struct DirectPreferenceObjective: PreferenceObjective {
    /// Strength of the KL constraint to the reference, above 0.
    public var beta: Float
    /// The losses that are added up.
    public var losses: [WeightedPreferenceLoss]
    /// Turns log-ratios into scores.
    public var divergence: Divergence
    /// Weighs pairs by how likely the policy is to say them ([Zhou et al. 2024](https://arxiv.org/abs/2406.11827), Eq. 2).
    public var weighsByLikelihood = false
    /// Weight of tokens beyond the length that both completions reach, from 0 to 1; nil for that of the others
    /// ([Liu et al. 2024](https://arxiv.org/abs/2409.06411), Eq. 11).
    public var weightBeyondSharedLength: Float?

    /// An objective with a mixture of losses.
    public init(
        beta: Float = 0.1, losses: [WeightedPreferenceLoss] = [.init(.sigmoid)],
        divergence: Divergence = .reverseKL
    ) {
        guard beta > 0 else { misuse("DPO with beta \(beta); it is greater than 0") }
        self.beta = beta
        self.losses = losses
        self.divergence = divergence
    }

    /// The loss of a policy on pairs, a scalar. Differentiable.
    public func loss(
        of model: Transformer, on batch: PreferenceBatch<TokenizedPair>, metrics: inout [String: Float]
    ) -> Tensor {
        let completions = batch.completions
        let scores = CompletionScores(model, on: completions, wantsCollisions: weighsByLikelihood)
        let weights = weightBeyondSharedLength.map(batch.weights(beyondShared:))
        func sums(_ logs: Tensor) -> Tensor { completions.sums(of: weights.map { logs * $0 } ?? logs) }
        let (ours, theirs) = (sums(scores.logProbabilities), sums(batch.referenceLogProbabilities))
        let pairs = pairScores(scores, ours: ours, theirs: theirs, on: batch)
        let likelihoods = likelihoods(scores, on: batch)
        var loss = Tensor(0)
        for (index, weighted) in losses.enumerated() {
            var values = weighted.loss.value(pairs)
            if let likelihoods { values = values * likelihoods }
            let share = values.mean() * weighted.weight
            loss = index == 0 ? share : loss + share
        }
        let rewards = (ours.detached - theirs) * beta
        metrics = batch.metrics(rewards: rewards, logProbabilities: ours)
        metrics["rewards/accuracies"] = batch.accuracy(of: rewards)
        metrics.merge(batch.metrics(of: scores)) { first, _ in first }
        return loss
    }

    /// The likelihood of each pair next to what the policy usually says, `[pairs]`; nil unless pairs are weighed by it.
    private func likelihoods(
        _ scores: CompletionScores, on batch: PreferenceBatch<TokenizedPair>
    ) -> Tensor? {
        scores.logCollisions.map { collisions in
            let completions = batch.completions
            let means =
                completions.sums(of: scores.logProbabilities.detached - collisions) / completions.lengthTensor
            return (means.rows(at: batch.chosen) + means.rows(at: batch.rejected)).exp()
        }
    }

    private func pairScores(
        _ scores: CompletionScores, ours: Tensor, theirs: Tensor, on batch: PreferenceBatch<TokenizedPair>
    ) -> PairScores {
        let isChosen = Tensor(
            batch.completions.tokens.sequenceOfTarget.map { batch.isChosen[Int($0)] ? 1 : 0 })
        let lengths = batch.completions.lengthTensor
        return PairScores(
            chosen: divergence.scores((ours - theirs).rows(at: batch.chosen)),
            rejected: divergence.scores((ours - theirs).rows(at: batch.rejected)),
            chosenLogProbabilities: ours.rows(at: batch.chosen),
            rejectedLogProbabilities: ours.rows(at: batch.rejected),
            chosenReference: theirs.rows(at: batch.chosen),
            rejectedReference: theirs.rows(at: batch.rejected),
            chosenLengths: lengths.rows(at: batch.chosen), rejectedLengths: lengths.rows(at: batch.rejected),
            chosenCrossEntropy: -(scores.logProbabilities * isChosen).sum() / isChosen.sum().item(),
            beta: beta)
    }
}

/// A preference loss with its weight in a mixture.
public struct WeightedPreferenceLoss: Sendable {
    /// The loss.
    public var loss: PreferenceLoss
    /// Multiplies the loss.
    public var weight: Float

    /// A loss in a mixture.
    public init(_ loss: PreferenceLoss, weight: Float = 1) {
        self.loss = loss
        self.weight = weight
    }
}
