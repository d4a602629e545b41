public import LanguageModel
public import NeuralCore

/// Trains a policy on its own completions without a critic, their advantages standardized over the whole
/// rollout: REINFORCE++.
///
///     A_t = r − β Σ_{i ≥ t} KL_i,   then (A − mean) / deviation over all tokens of the rollout
///
/// One completion of each prompt is enough; with several, the mean of the group can be taken off first.
///
/// - SeeAlso: [Hu et al. 2025](https://arxiv.org/abs/2501.03262); REINFORCE++-baseline with
///   `subtractsGroupMean`. Departure: the divergence is part of the reward in both.
public struct ReinforcePlusPlus<Policy: TransformerParameters>: PolicyOptimization {
    /// Policy, optimizer, schedule and update count.
    public var training: Training<Policy>
    /// What the policy is held to.
    public let reference: Transformer
    /// How the policy is sampled.
    public var rollouts: RolloutSettings
    /// What a nat of divergence from the reference costs, 0 or more.
    public var beta: Float
    /// How the divergence is estimated.
    public var estimator = KLEstimator.k1
    /// Updates for each rollout, and how far they may go.
    public var plan: UpdatePlan
    /// Whether the mean reward of a prompt's completions is taken off each of them first.
    public var subtractsGroupMean = false
    /// What the run has come to.
    public var counts = RolloutCounts()

    /// A policy about to be trained.
    ///
    /// - Parameters:
    ///   - policy: What to train.
    ///   - reference: What to hold it to; nil for the policy as it is now.
    ///   - rollouts: How it is sampled.
    ///   - beta: How strongly it is held to the reference.
    ///   - plan: Updates for each rollout.
    ///   - optimizer: What moves the policy.
    ///   - schedule: The learning rate by update.
    ///   - maxGradientNorm: The gradient is scaled down to this norm.
    public init(
        policy: Policy, reference: Transformer? = nil, rollouts: RolloutSettings, beta: Float = 0.01,
        plan: UpdatePlan = UpdatePlan(), optimizer: any Optimizer = AdamW(),
        schedule: LearningRateSchedule = .constant(1e-6), maxGradientNorm: Float? = 1
    ) {
        guard beta >= 0 else { misuse("REINFORCE++ with beta \(beta); it is 0 or more") }
        training = Training(
            policy, optimizer: optimizer, schedule: schedule, maxGradientNorm: maxGradientNorm)
        self.reference = reference ?? policy.transformer
        self.rollouts = rollouts
        self.beta = beta
        self.plan = plan
    }

    /// Learns from a rollout.
    ///
    /// - Returns: What was done, with the metrics of RLOO.
    @discardableResult
    public mutating func step(on experience: Experience) -> StepReport {
        let rollout = experience.rollout
        counts.add(rollout)
        let penalties = KLPenalty(
            rollout, policy: policy.transformer, reference: reference, estimator: estimator, rollouts, plan)
        let rewards =
            subtractsGroupMean
            ? Advantages.groupRelative(experience.rewards, samples: rollout.samples, scaling: .none)
            : experience.rewards
        let isTrained = experience.rewards.map { !$0.isNaN }
        var advantages = rollout.spread(zip(rewards, isTrained).map { $1 ? $0 : .nan })
        for range in rollout.targets {
            var ahead: Float = 0
            for target in range.reversed() {
                ahead += penalties.estimates[target]
                advantages[target] -= beta * ahead
            }
        }
        advantages = Advantages.standardized(advantages).map { $0.isNaN ? 0 : $0 }
        var targets = PolicyTargets(rollout, advantages: advantages, isTrained: isTrained)
        targets.old = penalties.old
        let objective = PolicyObjective(
            loss: .bnpo, clipRange: plan.clipRange, temperature: rollouts.temperature,
            maxTokens: rollouts.maxTokens)
        let isIdle = advantages.allSatisfy { $0 == 0 }
        let made = isIdle ? [] : training.makeUpdates(plan, objective, on: rollout, targets)
        var metrics = experience.metrics(counts)
        metrics["kl"] = penalties.perToken
        let reports =
            made.isEmpty
            ? [training.nothingLearned(tokens: rollout.tokenCount)]
            : made.map { $0.reported(.bnpo, hasReference: false) }
        return StepReport.summary(of: reports.map { $0.adding(metrics) })
    }
}
