import NeuralCore

/// The number that a group's rewards are divided by.
public enum RewardScaling: String, Sendable, Hashable, Codable, CaseIterable {
    /// The standard deviation within the group.
    case group
    /// The standard deviation of all rewards.
    case batch
    /// One, so that easy and hard prompts are not favored ([Liu et al. 2025](https://arxiv.org/abs/2503.20783)).
    case none
}

/// Each reward less the mean of its group, divided by a standard deviation: the advantage of GRPO.
///
///     A = (r − mean) / (s + 1e-4)
///
/// - SeeAlso: [Shao et al. 2024](https://arxiv.org/abs/2402.03300), section 4.1.2. Departure: 1e-4 is added to the
///   deviation.
public struct GroupRelativeAdvantage: CriticFreeEstimator {
    /// The number that a group's rewards are divided by.
    public var scaling = RewardScaling.group

    /// An estimator that divides by the deviation of each group.
    public init() {}

    /// DAPO's mean over the tokens of a rollout.
    public static var usualLoss: PolicyLoss { .dapo }
    /// Zero: no reference.
    public static var usualBeta: Float { 0 }
    /// In the loss.
    public static var klPlacement: KLPlacement { .loss }
    /// Two: each is compared with the others.
    public static var leastGroupSize: Int { 2 }

    /// Estimates the advantages of a rollout's tokens; 0 where nothing had an opinion.
    public func estimate(_ scored: ScoredRollout) -> AdvantageEstimate {
        let (rewards, size) = (scored.rewards(), scored.rollout.groupSize)
        let advantages = rewards.lessGroupMean(size, over: scaling)
        let uniform: Float =
            scaling == .batch
            ? (rewards.moments.deviation <= Float.greatestUniformDeviation ? 1 : 0)
            : rewards.uniformShare(size)
        return AdvantageEstimate(
            scored.rollout.spread(advantages), metrics: ["frac_reward_zero_std": uniform])
    }
}

/// Each reward less the mean of the others of its group; zero where there is no other: the advantage of RLOO.
///
/// - SeeAlso: [Ahmadian et al. 2024](https://arxiv.org/abs/2402.14740), the estimator RLOO. Departures: none.
public struct LeaveOneOutAdvantage: CriticFreeEstimator {
    /// Keeps rewards within this before the divergence is taken off; nil for no bounds.
    public var rewardBounds: ClosedRange<Float>?
    /// Brings advantages to mean 0 and deviation 1 over the rollout.
    public var standardizesAdvantages = false

    /// An estimator without bounds.
    public init() {}

    /// The clipped loss of the ratio of whole completions.
    public static var usualLoss: PolicyLoss { .rloo }
    /// Two: each is compared with the others.
    public static var leastGroupSize: Int { 2 }

    /// Estimates the advantages of a rollout's tokens; 0 where nothing had an opinion.
    public func estimate(_ scored: ScoredRollout) -> AdvantageEstimate {
        let (rewards, size) = (scored.rewards(within: rewardBounds), scored.rollout.groupSize)
        var advantages = rewards.byGroup(size) { group in
            let known = group.filter { !$0.isNaN }
            let sum = known.reduce(0, +)
            return group.map { known.count > 1 ? $0 - (sum - $0) / Float(known.count - 1) : .nan }
        }
        if standardizesAdvantages {
            let moments = zip(advantages, rewards).map { $1.isNaN ? .nan : $0 }.moments
            advantages = zip(advantages, rewards).map {
                $1.isNaN ? 0 : ($0 - moments.mean) / (moments.deviation + Float.leastDeviation)
            }
        }
        return AdvantageEstimate(
            scored.rollout.spread(advantages),
            metrics: ["kl": scored.kl?.perToken ?? 0, "frac_reward_zero_std": rewards.uniformShare(size)])
    }
}

/// Each reward less the divergence that is still to come, standardized over all tokens of the rollout: the advantage of
/// REINFORCE++.
///
///     A_t = r − β Σ_{i ≥ t} KL_i,   then (A − mean) / deviation over all tokens of the rollout
///
/// - SeeAlso: [Hu et al. 2025](https://arxiv.org/abs/2501.03262); REINFORCE++-baseline with `subtractsGroupMean`.
///   Departure: the divergence is part of the reward in both.
public struct GlobalBaselineAdvantage: CriticFreeEstimator {
    /// Takes the mean reward of a prompt's completions off each of them first.
    public var subtractsGroupMean = false

    /// An estimator that standardizes alone.
    public init() {}

    /// 0.01 of reward for a nat.
    public static var usualBeta: Float { 0.01 }

    /// Estimates the advantages of a rollout's tokens; NaN where nothing had an opinion.
    public func estimate(_ scored: ScoredRollout) -> AdvantageEstimate {
        let (rollout, scores) = (scored.rollout, scored.scores)
        let rewards = subtractsGroupMean ? scores.lessGroupMean(rollout.groupSize, over: .none) : scores
        var advantages = rollout.spread(zip(rewards, scores).map { $1.isNaN ? .nan : $0 })
        guard let kl = scored.kl else { return AdvantageEstimate(advantages.standardized()) }
        for range in rollout.targets {
            var ahead: Float = 0
            for target in range.reversed() {
                ahead += kl.estimates[target]
                advantages[target] -= kl.coefficient * ahead
            }
        }
        return AdvantageEstimate(advantages.standardized(), metrics: ["kl": kl.perToken])
    }
}

extension Float {
    /// Added to a deviation that is divided by.
    fileprivate static let leastDeviation: Float = 1e-4
    /// Rewards that deviate no more than this are the same.
    static let greatestUniformDeviation: Float = 1e-8
}

/// Rewards of groups side by side, NaN where none was given.
extension [Float] {
    /// The share of groups whose rewards are all the same, which teach nothing.
    func uniformShare(_ size: Int) -> Float {
        let groups = stride(from: 0, to: count, by: size).map { Array(self[$0..<$0 + size]) }
        return Float(groups.count { $0.moments.deviation <= Float.greatestUniformDeviation })
            / Float(Swift.max(1, groups.count))
    }

    /// Each reward less the mean of its group, divided by a standard deviation; 0 for one that was not given.
    fileprivate func lessGroupMean(_ size: Int, over scaling: RewardScaling) -> [Float] {
        let overall = moments.deviation
        return byGroup(size) { group in
            let moments = group.moments
            let scale: Float =
                switch scaling {
                case .group: moments.deviation + Float.leastDeviation
                case .batch: overall + Float.leastDeviation
                case .none: 1
                }
            return group.map { ($0 - moments.mean) / scale }
        }
    }

    /// The values that a function gives for each group, one group after another, 0 in place of NaN.
    fileprivate func byGroup(_ size: Int, _ body: ([Float]) -> [Float]) -> [Float] {
        stride(from: 0, to: count, by: size).flatMap { body(Array(self[$0..<$0 + size])) }
            .map { $0.isNaN ? 0 : $0 }
    }
}
