public import Foundation
public import LanguageModel
public import NeuralCore

/// When the reward of a completion arrives.
public enum RewardArrival: String, Sendable, Hashable, Codable {
    /// With its last token.
    case lastToken
    /// In a state of its own after the end, where a completion has ended before the longest of its rollout:
    /// as in TRL.
    case afterEnd
}

/// Trains a policy against a reward with a critic that says what was to be expected: PPO.
///
///     var critic = RewardModel(model, using: &random)
///     let settings = RolloutSettings(samples: 1, stopTokens: [end])
///     var ppo = ProximalPolicyOptimization(policy: model, critic: critic, rollouts: settings)
///     for step in 0..<steps {
///         let rollout = ppo.rollout(of: prompts(step), using: RandomSource(seed: seed, step: step))
///         ppo.step(on: rollout.scored(by: .init(of: rewardModel)))
///     }
///
/// The reward of a completion is its score less the divergence of each of its tokens from the reference;
/// advantages are estimated from the critic's values and standardized over the rollout.
///
/// - SeeAlso: [Schulman et al. 2017](https://arxiv.org/abs/1707.06347), Algorithm 1; for language models
///   [Stiennon et al. 2020](https://arxiv.org/abs/2009.01325), section 3.4. Departure: the critic is a model
///   of its own.
public struct ProximalPolicyOptimization<Policy: TransformerParameters>: PolicyOptimization {
    /// Policy, optimizer, schedule and update count.
    public var training: Training<Policy>
    /// The critic: a transformer of its own whose score, read before each token, is a value.
    public var critic: Training<RewardModel>
    /// What the policy is held to.
    public let reference: Transformer
    /// How the policy is sampled.
    public var rollouts: RolloutSettings
    /// Updates for each rollout, and how far they may go.
    public var plan: UpdatePlan
    /// What a nat of divergence from the reference costs; where it is steered, its coefficient changes.
    public var kl: KLControl
    /// How the divergence is estimated.
    public var estimator = KLEstimator.k1
    /// How advantages come from rewards and values.
    public var advantage = GeneralizedAdvantage()
    /// How far a value may move in one step; nil for any distance.
    public var valueClipping: Float? = 0.2
    /// What the critic's loss counts; it matters only for clipping and the report.
    public var valueWeight: Float = 0.1
    /// Whether rewards are brought to deviation 1, keeping their mean.
    public var standardizesRewards = false
    /// What is taken off the score of a completion that did not come to its end; nil for nothing.
    public var missingEndPenalty: Float?
    /// When the score arrives.
    public var arrival = RewardArrival.lastToken
    /// What a nat of entropy is worth in the loss.
    public var entropyWeight: Float = 0
    /// What the run has come to.
    public var counts = RolloutCounts()

    /// A policy about to be trained.
    ///
    /// - Parameters:
    ///   - policy: What to train.
    ///   - critic: What to learn values with; a reward model is a good start.
    ///   - reference: What to hold the policy to; nil for the policy as it is now.
    ///   - rollouts: How the policy is sampled.
    ///   - plan: Updates for each rollout.
    ///   - kl: What a nat of divergence from the reference costs.
    ///   - optimizer: What moves the policy, and a copy of it the critic.
    ///   - schedule: The learning rate by update.
    ///   - criticSchedule: That of the critic; nil for the policy's.
    ///   - maxGradientNorm: The gradients of policy and critic are scaled down to this norm, each by itself.
    public init(
        policy: Policy, critic: RewardModel, reference: Transformer? = nil, rollouts: RolloutSettings,
        plan: UpdatePlan = UpdatePlan(epochs: 4), kl: KLControl = .fixed(0.05),
        optimizer: any Optimizer = AdamW(), schedule: LearningRateSchedule = .constant(3e-6),
        criticSchedule: LearningRateSchedule? = nil, maxGradientNorm: Float? = 1
    ) {
        training = Training(
            policy, optimizer: optimizer, schedule: schedule, maxGradientNorm: maxGradientNorm)
        self.critic = Training(
            critic, optimizer: optimizer, schedule: criticSchedule ?? schedule,
            maxGradientNorm: maxGradientNorm)
        self.reference = reference ?? policy.transformer
        self.rollouts = rollouts
        self.plan = plan
        self.kl = kl
    }

    /// Learns from a rollout.
    ///
    /// - Returns: What was done, with TRL's metrics: `objective/…`, `policy/…`, `loss/…`, `val/…`, `episode`,
    ///   and those of rewards and lengths. The loss is the policy's with the critic's, the gradient norm the
    ///   policy's.
    @discardableResult
    public mutating func step(on experience: Experience) -> StepReport {
        let rollout = experience.rollout
        counts.add(rollout)
        guard experience.rewards.contains(where: { !$0.isNaN }) else {
            return training.nothingLearned(tokens: rollout.tokenCount).adding(experience.metrics(counts))
        }
        let estimate = estimate(experience)
        var targets = PolicyTargets(
            rollout, advantages: estimate.advantages, isTrained: experience.rewards.map { !$0.isNaN })
        targets.old = estimate.penalties.old
        let objective = PolicyObjective(
            loss: .bnpo, clipRange: plan.clipRange, temperature: rollouts.temperature,
            entropyWeight: entropyWeight, maxTokens: rollouts.maxTokens)
        var updates: [(policy: PolicyUpdate, critic: CriticUpdate)] = []
        func teaches(_ groups: [Int]) -> Bool {
            groups.contains { rollout.numbers(of: $0).contains { targets.isTrained[$0] } }
        }
        for groups in plan.groups(of: rollout) where teaches(groups) {
            let moved = training.update(
                objective, on: rollout, targets, groups: groups, rowsAtOnce: plan.rowsAtOnce)
            let learned = critic.update(
                on: rollout, estimate.states, old: estimate.values, returns: estimate.returns,
                isTrained: targets.isTrained, groups: groups,
                weight: valueWeight, clipRange: valueClipping, rowsAtOnce: plan.rowsAtOnce)
            updates.append((moved, learned))
            if plan.ends(after: moved) { break }
        }
        let reports = updates.map { update in
            var report = update.policy.report
            report.loss += valueWeight * update.critic.loss
            report.metrics = update.policy.metrics(with: update.critic)
            return report
        }
        var report = StepReport.summary(of: reports)
        let ratios = updates.map { $0.policy.statistics.ratio }
        report.metrics["val/ratio_var"] = ratios.moments.deviation * ratios.moments.deviation
        let kl = estimate.penalties.sums.moments.mean
        report.metrics["objective/kl_coef"] = self.kl.coefficient
        self.kl.observe(kl, completions: rollout.completions.count)
        return report.adding(estimate.metrics).adding(experience.metrics(counts))
    }

    /// Writes `training.safetensors`, `critic.safetensors` and `progress.json`.
    public func writeCheckpoint(to folder: URL) throws(FileError) {
        try training.writeCheckpoint(toFolder: folder)
        try critic.writeCheckpoint(to: folder.appending(component: "critic.safetensors"))
        try PolicyProgress(counts: counts, kl: kl).write(to: folder)
    }

    /// Reads `training.safetensors`, `critic.safetensors` and `progress.json`.
    public mutating func readCheckpoint(from folder: URL) throws(CheckpointError) {
        let progress = try PolicyProgress(from: folder)
        var critic = critic
        try critic.readCheckpoint(from: folder.appending(component: "critic.safetensors"))
        try training.readCheckpoint(fromFolder: folder)
        self.critic = critic
        counts = progress.counts
        if let kl = progress.kl { self.kl = kl }
    }
}
