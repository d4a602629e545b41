public import LanguageModel
public import NeuralCore

/// Trains a policy on its own completions, each compared with the mean of the others of its prompt: RLOO.
///
/// The divergence from the reference is taken off the reward, `r − β Σ (log π − log π_ref)`, and a completion
/// is one action: its ratio is that of all its tokens.
///
/// - SeeAlso: [Ahmadian et al. 2024](https://arxiv.org/abs/2402.14740). Departure: ratios are clipped, which
///   changes nothing at the first update of a rollout.
public struct ReinforceLeaveOneOut<Policy: TransformerParameters>: PolicyOptimization {
    /// Policy, optimizer, schedule and update count.
    public var training: Training<Policy>
    /// What the policy is held to.
    public let reference: Transformer
    /// How the policy is sampled; at least two completions of each prompt.
    public var rollouts: RolloutSettings
    /// What a nat of divergence from the reference costs, 0 or more.
    public var beta: Float
    /// Updates for each rollout, and how far they may go.
    public var plan: UpdatePlan
    /// Rewards are kept within this before the divergence is taken off; nil for no bounds.
    public var rewardBounds: ClosedRange<Float>?
    /// Whether advantages are brought to mean 0 and deviation 1 over the rollout.
    public var standardizesAdvantages = false
    /// Whether completions that were cut off teach nothing.
    public var ignoresTruncated = false
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
        policy: Policy, reference: Transformer? = nil, rollouts: RolloutSettings, beta: Float = 0.05,
        plan: UpdatePlan = UpdatePlan(), optimizer: any Optimizer = AdamW(),
        schedule: LearningRateSchedule = .constant(1e-6), maxGradientNorm: Float? = 1
    ) {
        guard beta >= 0, rollouts.samples > 1 else {
            misuse("RLOO with beta \(beta), 0 or more, and \(rollouts.samples) samples, 2 or more")
        }
        training = Training(
            policy, optimizer: optimizer, schedule: schedule, maxGradientNorm: maxGradientNorm)
        self.reference = reference ?? policy.transformer
        self.rollouts = rollouts
        self.beta = beta
        self.plan = plan
    }

    /// Learns from a rollout.
    ///
    /// - Returns: What was done, with TRL's metrics, means over the updates: `reward`, `reward_std`,
    ///   `frac_reward_zero_std`, `rewards/…`, `completions/…`, `entropy`, `kl`, `clip_ratio/…`, `num_tokens`.
    @discardableResult
    public mutating func step(on experience: Experience) -> StepReport {
        StepReport.summary(of: updates(on: experience))
    }

    /// Learns from a rollout, with a report for each update.
    package mutating func updates(on experience: Experience) -> [StepReport] {
        let rollout = experience.rollout
        counts.add(rollout)
        var metrics = experience.metrics(counts)
        let penalties = KLPenalty(
            rollout, policy: policy.transformer, reference: reference, estimator: .k1, rollouts, plan)
        let rewards = experience.rewards.indices.map { index in
            let reward = experience.rewards[index]
            let bounded = rewardBounds.map { min(max(reward, $0.lowerBound), $0.upperBound) } ?? reward
            return reward.isNaN ? .nan : bounded - beta * penalties.sums[index]
        }
        var advantages = Advantages.leaveOneOut(rewards, samples: rollout.samples)
        if standardizesAdvantages {
            let moments = zip(advantages, rewards).map { $1.isNaN ? .nan : $0 }.moments
            advantages = zip(advantages, rewards).map {
                $1.isNaN ? 0 : ($0 - moments.mean) / (moments.deviation + Advantages.smallest)
            }
        }
        var targets = PolicyTargets(
            rollout, advantages: rollout.spread(advantages),
            isTrained: rollout.completions.map { $0.isEnded || !ignoresTruncated })
        targets.old = penalties.old
        let objective = PolicyObjective(
            loss: .rloo, clipRange: plan.clipRange, temperature: rollouts.temperature,
            maxTokens: rollouts.maxTokens)
        let isIdle = advantages.allSatisfy { $0 == 0 }
        let made =
            isIdle ? [] : training.makeUpdates(plan, objective, on: rollout, targets)
        metrics["kl"] = penalties.perToken
        metrics["frac_reward_zero_std"] = Advantages.uniformShare(rewards, samples: rollout.samples)
        let reports =
            made.isEmpty
            ? [training.nothingLearned(tokens: rollout.tokenCount)]
            : made.map { $0.reported(.rloo, hasReference: false) }
        return reports.map { $0.adding(metrics) }
    }
}
