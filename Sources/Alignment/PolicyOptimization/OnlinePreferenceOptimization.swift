public import Foundation
public import LanguageModel
public import NeuralCore

/// Trains a policy by preference on its own completions: of each prompt's, the one with the greatest reward
/// is preferred to the one with the least.
///
/// The preference step is DPO's. Prompts whose completions were all given the same reward say nothing and are
/// left out.
///
/// - SeeAlso: Online DPO, [Guo et al. 2024](https://arxiv.org/abs/2402.04792), Algorithm 1. Departure: a pair
///   of equal rewards is left out rather than ordered by chance.
public struct OnlinePreferenceOptimization<Policy: TransformerParameters>: PolicyOptimization {
    /// Learns from the pairs.
    public var optimization: DirectPreferenceOptimization<Policy>
    /// Settings of the sampling; at least two completions of each prompt.
    public var rollouts: RolloutSettings
    /// Taken off the reward of a completion that did not come to its end; nil for nothing.
    public var missingEndPenalty: Float?
    /// Counts over the whole run.
    public var counts = RolloutCounts()

    /// That of `optimization`.
    public var training: Training<Policy> {
        get { optimization.training }
        _modify { yield &optimization.training }
    }

    /// Learns by `optimization` from what its policy says.
    public init(_ optimization: DirectPreferenceOptimization<Policy>, rollouts: RolloutSettings) {
        guard rollouts.groupSize > 1 else {
            misuse("preferences among \(rollouts.groupSize) completions; there are at least 2")
        }
        self.optimization = optimization
        // No completion comes twice.
        self.optimization.rememberedTokens = 0
        self.rollouts = rollouts
    }

    /// Learns from a rollout.
    ///
    /// - Returns: A report with the metrics of DPO and TRL's `objective/…`, `val/contain_eos_token` and
    ///   `beta`.
    @discardableResult
    public mutating func step(on experience: Experience) -> StepReport {
        var experience = experience
        counts.add(experience.rollout)
        let ends = experience.rollout.completions.map(\.isEnded)
        if let missingEndPenalty {
            for index in ends.indices where !ends[index] { experience.rewards[index] -= missingEndPenalty }
        }
        let chosen = experience.extremes()
        var metrics = experience.metrics(counts)
        let scores = experience.rewards.moments.mean
        if experience.rewards.isJudged {
            metrics["objective/scores"] = scores
            metrics["frac_reward_zero_std"] = experience.rewards.uniformShare(
                experience.rollout.groupSize)
        }
        metrics["val/contain_eos_token"] = Float(ends.count { $0 }) / Float(max(1, ends.count))
        metrics["beta"] = optimization.beta
        guard !chosen.isEmpty else {
            return training.nothingLearned(tokens: experience.rollout.tokenCount)
                .adding(metrics, experience.distributions)
        }
        metrics["objective/scores_margin"] =
            chosen.map { experience.rewards[$0.best] - experience.rewards[$0.worst] }.moments.mean
        let report = optimization.step(on: experience.preferencePairs())
        let own = report.metrics
        let kl =
            ((own["rewards/chosen"] ?? 0) + (own["rewards/rejected"] ?? 0)) / (2 * optimization.beta)
        metrics["objective/kl"] = kl
        metrics["objective/non_score_reward"] = -optimization.beta * kl
        metrics["objective/rlhf_reward"] = scores - optimization.beta * kl
        metrics["objective/entropy"] = -((own["logps/chosen"] ?? 0) + (own["logps/rejected"] ?? 0)) / 2
        return report.adding(metrics, experience.distributions)
    }

    /// Writes what the optimization does, and `progress.json`.
    public func writeCheckpoint(to folder: URL) throws(FileError) {
        try optimization.writeCheckpoint(to: folder)
        try PolicyProgress(counts: counts).write(to: folder)
    }

    /// Takes over what ``writeCheckpoint(to:)`` wrote. When something is wrong with it, all is as before.
    public mutating func readCheckpoint(from folder: URL) throws(CheckpointError) {
        let progress = try PolicyProgress(from: folder)
        try optimization.readCheckpoint(from: folder)
        counts = progress.counts
    }
}
