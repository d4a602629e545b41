public import Foundation
public import LanguageModel
public import NeuralCore

/// Trains a policy on its own completions, along the gradient of a loss over ratios and advantages. GRPO, RLOO, REINFORCE++
/// and PPO are this method with an estimator of advantages each.
///
///     var grpo = GroupRelativePolicyOptimization(policy: model, groupSize: 8, stopTokens: [end])
///     for step in 0..<steps {
///         grpo.step(on: prompts(step), rewardedBy: reward, using: RandomSource(seed: seed, step: step))
///     }
///
/// At the first update of a rollout every ratio is one, and where advantages add up to zero the loss is near zero whatever
/// is learned: it is the rewards that tell how a run goes. The settings of the estimator are read and set as the method's
/// own (`grpo.scaling`).
@dynamicMemberLookup
public struct PolicyGradientOptimization<Policy: TransformerParameters, Advantages: AdvantageEstimator>:
    PolicyOptimization
{
    /// Policy, optimizer, schedule and update count.
    public var training: Training<Policy>
    /// Estimates how much better than expected each token is.
    public var advantages: Advantages
    /// The model that the policy is held to.
    public let reference: Transformer
    /// Settings of the sampling.
    public var rollouts: RolloutSettings
    /// The loss to minimize.
    public var loss: PolicyLoss
    /// The cost of a nat of KL from the reference; where it is adaptive, its coefficient changes.
    public var kl: KLControl
    /// Estimates the divergence.
    public var estimator: KLEstimator
    /// Updates for each rollout, and how far they may go.
    public var plan: UpdatePlan
    /// Taken off the reward of a completion that did not come to its end; nil for nothing.
    public var missingEndPenalty: Float?
    /// Learns nothing from completions that were cut off ([Yu et al. 2025](https://arxiv.org/abs/2503.14476), section 3.4).
    public var ignoresTruncated = false
    /// Weight of the entropy bonus in the loss.
    public var entropyWeight: Float = 0
    /// Multiplies the divergence in the loss by the ratio, so that its gradient is that of the reverse KL
    /// ([DeepSeek-AI 2025](https://arxiv.org/abs/2512.02556); `use_bias_correction_kl` in TRL, where it is the default too).
    public var correctsKLBias = true
    /// Demonstrations that are imitated in every update; nil for none.
    public var imitation: Imitation?
    /// Leaves groups of equal rewards out of the computation, and so out of the metrics of tokens, where they teach nothing.
    public var skipsUniformGroups = false
    /// Counts over the whole run.
    public var counts = RolloutCounts()

    /// Beta: the present cost of a nat of KL from the reference, 0 or more; setting it keeps it fixed.
    public var beta: Float {
        get { kl.coefficient }
        set { kl = .fixed(newValue) }
    }

    /// A policy about to be trained.
    ///
    /// - Parameters:
    ///   - policy: The model or adapter to train.
    ///   - reference: The model to hold it to; nil for the policy as it is now.
    ///   - rollouts: Settings of the sampling.
    ///   - advantages: Estimates how much better than expected each token is.
    ///   - loss: The loss to minimize.
    ///   - kl: The cost of a nat of KL from the reference.
    ///   - plan: Updates for each rollout.
    ///   - optimizer: Moves the policy.
    ///   - schedule: The learning rate by update.
    ///   - maxGradientNorm: The gradient is scaled down to this norm.
    public init(
        policy: Policy, reference: Transformer? = nil, rollouts: RolloutSettings, advantages: Advantages,
        loss: PolicyLoss = Advantages.usualLoss, kl: KLControl = .fixed(Advantages.usualBeta),
        plan: UpdatePlan = UpdatePlan(), optimizer: any Optimizer = AdamW(),
        schedule: LearningRateSchedule = .constant(1e-6), maxGradientNorm: Float? = 1
    ) {
        guard kl.coefficient >= 0, rollouts.groupSize >= Advantages.leastGroupSize else {
            misuse(
                "a policy gradient with beta \(kl.coefficient), 0 or more, and \(rollouts.groupSize) completions of a prompt, \(Advantages.leastGroupSize) or more"
            )
        }
        training = Training(
            policy, optimizer: optimizer, schedule: schedule, maxGradientNorm: maxGradientNorm)
        self.advantages = advantages
        self.reference = reference ?? policy.transformer
        self.rollouts = rollouts
        self.loss = loss
        self.kl = kl
        estimator = Advantages.klPlacement == .loss ? .k3 : .k1
        self.plan = plan
    }

    /// A setting of the estimator of advantages.
    public subscript<Value>(dynamicMember setting: WritableKeyPath<Advantages, Value>) -> Value {
        get { advantages[keyPath: setting] }
        set { advantages[keyPath: setting] = newValue }
    }

    /// Learns from a rollout.
    ///
    /// - Returns: A report with TRL's metrics, means over the updates: `reward`, `reward_std`, `rewards/…`,
    ///   `completions/…`, `num_tokens`; for groups `frac_reward_zero_std`, `entropy`, `kl`, `clip_ratio/…`; for PPO
    ///   `objective/…`, `policy/…`, `loss/…`, `val/…`. Those of rewards are absent where no completion was judged. The
    ///   gradient norm is the policy's. Its distributions are `rewards` and, where there are several, those of each part.
    @discardableResult
    public mutating func step(on experience: Experience) -> StepReport {
        StepReport.summary(of: updates(on: experience)).adding([:], experience.distributions)
    }

    /// Learns from a rollout, with a report for each update.
    package mutating func updates(on experience: Experience) -> [StepReport] {
        let rollout = experience.rollout
        advantages.share(training.sharing)
        counts.add(rollout)
        var metrics = experience.metrics(counts)
        var reports: [StepReport] = []
        if experience.rewards.isJudged {
            let scored = scored(experience)
            let estimate = advantages.estimate(scored)
            metrics.merge(estimate.metrics) { $1 }
            reports = makeUpdates(on: scored, estimate)
            if let penalty = scored.kl {
                kl.observe(penalty.perCompletion, completions: rollout.completions.count)
            }
        }
        if reports.isEmpty { reports = [training.nothingLearned(tokens: rollout.tokenCount)] }
        return reports.map { $0.adding(metrics) }
    }

    /// The rewards of a rollout, and its divergence where that is a part of them.
    private func scored(_ experience: Experience) -> ScoredRollout {
        let rollout = experience.rollout
        let scores = zip(experience.rewards, rollout.completions).map { reward, completion in
            reward - (completion.isEnded ? 0 : missingEndPenalty ?? 0)
        }
        var penalty: KLPenalty?
        if Advantages.klPlacement != .loss {
            let found = logProbabilities(of: rollout, under: [policy.transformer, reference])
            penalty = KLPenalty(
                rollout, old: found[0], reference: found[1], estimator, coefficient: kl.coefficient)
        }
        return ScoredRollout(
            rollout: rollout, kl: penalty, rowsAtOnce: plan.rowsAtOnce, scores: scores)
    }

    private func logProbabilities(of rollout: Rollout, under models: [Transformer]) -> [Tensor] {
        rollout.logProbabilities(
            under: models, temperature: rollouts.temperature, rowsAtOnce: plan.rowsAtOnce, training.sharing)
    }

    /// Makes all updates that the plan has for a rollout; none where nothing can be learned from it.
    private mutating func makeUpdates(on scored: ScoredRollout, _ estimate: AdvantageEstimate) -> [StepReport]
    {
        let rollout = scored.rollout
        let costs = Advantages.klPlacement == .loss ? beta : 0
        var targets = PolicyTargets(
            rollout, estimate.advantages, ignoresTruncated: ignoresTruncated)
        let (untrained, idle) = idleGroups(of: rollout, targets, estimate, costs: costs)
        let isIdle = idle.count == rollout.prompts.count
        let skipped = skipsUniformGroups || isIdle ? idle : []
        guard !isIdle else { return [] }
        let objective = PolicyObjective(
            loss: loss, clipRange: plan.clipRange, temperature: rollouts.temperature, beta: costs,
            estimator: estimator, correctsKLBias: correctsKLBias, entropyWeight: entropyWeight,
            maxTokens: rollouts.maxTokens)
        // One update of the whole rollout finds the policy's own on its way.
        let needsOld = scored.kl == nil && plan.miniBatches > 1
        var found = logProbabilities(
            of: rollout, under: (needsOld ? [policy.transformer] : []) + (costs == 0 ? [] : [reference]))
        targets.reference = costs == 0 ? nil : found.removeLast()
        targets.old = scored.kl?.old ?? found.first
        var reports: [StepReport] = []
        for groups in plan.groups(of: rollout)
        where !groups.allSatisfy({ skipped.contains($0) || untrained.contains($0) }) {
            let update = training.update(
                objective, on: rollout, targets, groups: groups, skipping: skipped,
                imitating: imitation, rowsAtOnce: plan.rowsAtOnce)
            // Until its first update the policy is the one that sampled.
            if targets.old == nil { targets.old = Tensor(update.logProbabilities) }
            var report = update.report
            report.metrics = update.statistics.metrics(loss, hasReference: targets.reference != nil)
            advantages.update(
                on: groups, of: rollout, toward: estimate, isTrained: targets.isTrained, plan, report: &report
            )
            // Those of routers and of imitation.
            report.metrics.merge(update.report.metrics) { own, _ in own }
            reports.append(report)
            if plan.ends(after: update) { break }
        }
        return reports
    }

    /// Groups without a completion to learn from, and those that cannot move the policy, the former among them.
    ///
    /// - Parameter costs: The cost of a nat of divergence in the loss.
    private func idleGroups(
        of rollout: Rollout, _ targets: PolicyTargets, _ estimate: AdvantageEstimate, costs: Float
    ) -> (untrained: Set<Int>, idle: Set<Int>) {
        let places = rollout.targets
        func groups(where isIdle: (Int) -> Bool) -> Set<Int> {
            Set(rollout.prompts.indices.filter { rollout.numbers(of: $0).allSatisfy(isIdle) })
        }
        let untrained = groups { !targets.isTrained[$0] }
        guard costs == 0, entropyWeight == 0, !advantages.learns else { return (untrained, untrained) }
        return (
            untrained,
            groups { number in
                !targets.isTrained[number] || estimate.advantages[places[number]].allSatisfy { $0 == 0 }
            }
        )
    }

    /// Writes `training.safetensors`, `progress.json` and what the estimator keeps: of a critic, `critic.safetensors`.
    public func writeCheckpoint(to folder: URL) throws(FileError) {
        var advantages = advantages
        advantages.share(training.sharing)
        try training.writeCheckpoint(toFolder: folder)
        try advantages.writeCheckpoint(to: folder)
        try PolicyProgress(counts: counts, kl: kl).write(to: folder)
    }

    /// Does what another process than the first has to do, for the policy and for the estimator.
    public func writeShare(to folder: URL) throws(FileError) -> [URL] {
        var advantages = advantages
        advantages.share(training.sharing)
        return try training.writeShare(toFolder: folder) + advantages.writeShare(to: folder)
    }

    /// Takes over what ``writeCheckpoint(to:)`` wrote. When something is wrong with it, all is as before.
    public mutating func readCheckpoint(from folder: URL) throws(CheckpointError) {
        let progress = try PolicyProgress(from: folder)
        var advantages = advantages
        advantages.share(training.sharing)
        try advantages.readCheckpoint(from: folder)
        try training.readCheckpoint(fromFolder: folder)
        self.advantages = advantages
        counts = progress.counts
        if let kl = progress.kl { self.kl = kl }
    }
}
