public import LanguageModel
public import NeuralCore

/// Trains a policy on its own completions, each compared with the others of its prompt: GRPO and its family.
///
///     var grpo = GroupRelativePolicyOptimization(policy: model, rollouts: .init(stopTokens: [end]))
///     for step in 0..<steps {
///         let rollout = grpo.rollout(of: prompts(step), using: RandomSource(seed: seed, step: step))
///         grpo.step(on: rollout.scored(by: reward))
///     }
///
/// A completion's advantage is its reward less the mean of its group, over the group's standard deviation;
/// there is no critic. At the first update of a rollout every ratio is one and the loss is near zero whatever
/// is learned: it is the rewards that tell how a run goes.
///
/// - SeeAlso: [Shao et al. 2024](https://arxiv.org/abs/2402.03300), Algorithm 1 and Eq. 3. Departures: those
///   of the losses.
public struct GroupRelativePolicyOptimization<Policy: TransformerParameters>: PolicyOptimization {
    /// Policy, optimizer, schedule and update count.
    public var training: Training<Policy>
    /// What the policy is held to where `beta` is above 0.
    public let reference: Transformer
    /// How the policy is sampled.
    public var rollouts: RolloutSettings
    /// What is minimized.
    public var loss: PolicyLoss
    /// What a nat of divergence from the reference costs, 0 or more.
    public var beta: Float
    /// Updates for each rollout, and how far they may go.
    public var plan: UpdatePlan
    /// What a group's rewards are divided by.
    public var scaling: RewardScaling = .group
    /// Whether completions that were cut off teach nothing ([Yu et al.
    /// 2025](https://arxiv.org/abs/2503.14476), section 3.4).
    public var ignoresTruncated = false
    /// What a nat of entropy is worth in the loss.
    public var entropyWeight: Float = 0
    /// Whether groups of equal rewards, which teach nothing while `beta` and `entropyWeight` are 0, are left
    /// out of the computation, and so out of the metrics of tokens.
    public var skipsUniformGroups = false
    /// What the run has come to.
    public var counts = RolloutCounts()

    /// A policy about to be trained.
    ///
    /// - Parameters:
    ///   - policy: What to train.
    ///   - reference: What to hold it to; nil for the policy as it is now.
    ///   - rollouts: How it is sampled.
    ///   - loss: What to minimize.
    ///   - beta: How strongly it is held to the reference.
    ///   - plan: Updates for each rollout.
    ///   - optimizer: What moves the policy.
    ///   - schedule: The learning rate by update.
    ///   - maxGradientNorm: The gradient is scaled down to this norm.
    public init(
        policy: Policy, reference: Transformer? = nil, rollouts: RolloutSettings, loss: PolicyLoss = .dapo,
        beta: Float = 0, plan: UpdatePlan = UpdatePlan(), optimizer: any Optimizer = AdamW(),
        schedule: LearningRateSchedule = .constant(1e-6), maxGradientNorm: Float? = 1
    ) {
        guard beta >= 0, rollouts.samples > 1 else {
            misuse(
                "GRPO with beta \(beta) and \(rollouts.samples) completions of a prompt; beta is 0 or more, and a group has 2 or more"
            )
        }
        training = Training(
            policy, optimizer: optimizer, schedule: schedule, maxGradientNorm: maxGradientNorm)
        self.reference = reference ?? policy.transformer
        self.rollouts = rollouts
        self.loss = loss
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
        let advantages = Advantages.groupRelative(
            experience.rewards, samples: rollout.samples, scaling: scaling)
        let targets = PolicyTargets(
            rollout, advantages: rollout.spread(advantages),
            reference: beta == 0
                ? nil
                : rollout.logProbabilities(
                    under: reference, temperature: rollouts.temperature, rowsAtOnce: plan.rowsAtOnce),
            isTrained: rollout.completions.map { $0.isEnded || !ignoresTruncated })
        let objective = PolicyObjective(
            loss: loss, clipRange: plan.clipRange, temperature: rollouts.temperature, beta: beta,
            entropyWeight: entropyWeight, maxTokens: rollouts.maxTokens)
        let made = training.makeUpdates(
            plan, objective, on: rollout, targets,
            skipping: skipped(advantages, isTrained: targets.isTrained, in: rollout))
        var metrics = experience.metrics(counts)
        metrics["frac_reward_zero_std"] =
            scaling == .batch
            ? (experience.rewards.moments.deviation <= 1e-8 ? 1 : 0)
            : Advantages.uniformShare(experience.rewards, samples: rollout.samples)
        let reports =
            made.isEmpty
            ? [training.nothingLearned(tokens: rollout.tokenCount)]
            : made.map { $0.reported(loss, hasReference: targets.reference != nil) }
        return reports.map { $0.adding(metrics) }
    }

    /// Groups that cannot move the policy: all of them if none can.
    private func skipped(_ advantages: [Float], isTrained: [Bool], in rollout: Rollout) -> Set<Int> {
        guard beta == 0, entropyWeight == 0 else { return [] }
        let idle = rollout.prompts.indices.filter { group in
            rollout.numbers(of: group).allSatisfy { advantages[$0] == 0 || !isTrained[$0] }
        }
        return skipsUniformGroups || idle.count == rollout.prompts.count ? Set(idle) : []
    }
}
