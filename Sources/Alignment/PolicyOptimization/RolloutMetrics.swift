/// Counts over a whole run of policy optimization; a checkpoint keeps them.
public struct RolloutCounts: Sendable, Hashable, Codable {
    /// Rollouts learned from: the next step's number, from 0.
    public internal(set) var steps = 0
    /// Completions in all of them.
    public internal(set) var episodes = 0
    /// Tokens in all of them, those of a prompt counted for each of its completions.
    public internal(set) var tokens = 0

    /// Nothing yet.
    public init() {}

    /// True of counts that a run can have come to: a file may say anything.
    var isCredible: Bool { [steps, episodes, tokens].allSatisfy { (0..<1 << 60).contains($0) } }

    mutating func add(_ rollout: Rollout) {
        steps += 1
        episodes += rollout.completions.count
        tokens += rollout.targetCount + rollout.groupSize * rollout.prompts.reduce(0) { $0 + $1.count }
    }
}

extension Experience {
    /// Rewards and lengths under TRL's names: `reward`, `rewards/…`, `completions/…`, `frac_reward_zero_std`; and
    /// `frac_unjudged`, the share of completions that nothing had an opinion on, where there are some. A mean over no
    /// opinion at all is absent.
    func metrics(_ counts: RolloutCounts) -> [String: Float] {
        var metrics: [String: Float] = [
            "num_tokens": Float(counts.tokens), "episode": Float(counts.episodes),
        ]
        if rewards.isJudged {
            metrics["reward"] = rewards.moments.mean
            metrics["reward_std"] = rewards.moments.deviation
        }
        let unjudged = rewards.count { $0.isNaN }
        if unjudged > 0 { metrics["frac_unjudged"] = Float(unjudged) / Float(rewards.count) }
        for (name, values) in parts where values.isJudged {
            metrics["rewards/\(name)/mean"] = values.moments.mean
            metrics["rewards/\(name)/std"] = values.moments.deviation
        }
        let ended = rollout.completions.filter(\.isEnded).map { Float($0.tokens.count) }
        let lengths = rollout.lengths.map(Float.init)
        for (name, values) in [("", lengths), ("_terminated", ended)] {
            metrics["completions/mean\(name)_length"] = values.moments.mean
            metrics["completions/min\(name)_length"] = values.min() ?? 0
            metrics["completions/max\(name)_length"] = values.max() ?? 0
        }
        metrics["completions/clipped_ratio"] =
            1 - Float(ended.count) / Float(max(1, rollout.completions.count))
        return metrics
    }
}
