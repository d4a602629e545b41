public import Foundation
public import LanguageModel
public import NeuralCore

/// Generalized advantages from the values of a critic, which learns beside the policy: the advantage of PPO.
///
/// The reward of a completion is its score less the divergence of each of its tokens from the reference; in an episode, the
/// reward of a turn comes with the turn's last token. Advantages are standardized over the rollout.
public struct CriticAdvantage: AdvantageEstimator {
    /// The critic: a transformer of its own whose score, read before each token, is a value.
    public var critic: Training<RewardModel>
    /// Estimates advantages from rewards and values.
    public var advantage = GeneralizedAdvantage()
    /// The clip range of values in one step; nil for no clipping.
    public var valueClipping: Float? = 0.2
    /// Weight of the critic's loss; it matters only for clipping gradients and for the report.
    public var valueWeight: Float = 0.1
    /// Brings rewards to deviation 1, keeping their mean.
    public var standardizesRewards = false
    /// The time at which the score arrives.
    public var arrival = RewardArrival.lastToken

    /// An estimator with a critic about to be trained; a reward model is a good start.
    public init(_ critic: Training<RewardModel>) { self.critic = critic }

    /// True: the critic learns whatever the advantages are.
    public var learns: Bool { true }

    /// The critic's steps are shared like the policy's, and so are the states of its optimizer.
    public mutating func share(_ sharing: WorkSharing) { critic.sharing = sharing }

    /// Estimates the advantages of a rollout's tokens; NaN where nothing had an opinion.
    public func estimate(_ scored: ScoredRollout) -> AdvantageEstimate {
        let rollout = scored.rollout
        let states = CriticStates(rollout, arrival)
        let values = states.values(
            of: rollout, under: critic.model, rowsAtOnce: scored.rowsAtOnce, critic.sharing)
        let rewards = rewards(of: scored, states)
        var returns = StateValues(rollout)
        var advantages = [Float](repeating: 0, count: rollout.targetCount)
        for (number, range) in rollout.targets.enumerated() {
            let hasFinal = states.hasFinal[number]
            let found = advantage.estimate(
                rewards: rewards[number],
                values: values.tokens[range] + (hasFinal ? [values.finals[number]] : []))
            for (place, target) in range.enumerated() {
                advantages[target] = scored.scores[number].isNaN ? .nan : found.advantages[place]
                returns.tokens[target] = found.returns[place]
            }
            if hasFinal { returns.finals[number] = found.returns[range.count] }
        }
        var estimate = AdvantageEstimate(advantages.standardized(), metrics: metrics(of: scored))
        estimate.critic = CriticTargets(states: states, values: values, returns: returns)
        return estimate
    }

    /// The rewards of each completion's states, first to last.
    private func rewards(of scored: ScoredRollout, _ states: CriticStates) -> [[Float]] {
        let rewards = scored.rollout.targets.enumerated().map { number, range in
            var rewards =
                scored.kl.map { kl in kl.estimates[range].map { -kl.coefficient * $0 } }
                ?? range.map { _ in 0 }
            if states.hasFinal[number] { rewards.append(0) }
            // A completion that nothing had an opinion on is as good as expected of it: its reward is unknown.
            let score = scored.scores[number]
            guard !score.isNaN else { return rewards }
            // Those of turns come with the turns, the rest at the end.
            let episode = scored.rollout.completions[number].episode
            var rest = score
            for (end, reward) in zip(episode?.turnEnds ?? [], episode?.rewards ?? []) {
                rewards[end] += reward
                rest -= reward
            }
            rewards[rewards.count - 1] += rest
            return rewards
        }
        guard standardizesRewards else { return rewards }
        var standardized = Array(rewards.joined()).standardized(keepingMean: true)[...]
        return rewards.map { own in
            defer { standardized.removeFirst(own.count) }
            return Array(standardized.prefix(own.count))
        }
    }

    /// `objective/…` and `val/num_eos_tokens`.
    private func metrics(of scored: ScoredRollout) -> [String: Float] {
        let completions = scored.rollout.completions
        let score = scored.scores.moments.mean
        var metrics: [String: Float] = [
            "objective/scores": score, "val/num_eos_tokens": Float(completions.count(where: \.isEnded)),
        ]
        guard let kl = scored.kl else { return metrics }
        metrics["objective/kl"] = kl.perCompletion
        metrics["objective/kl_coef"] = kl.coefficient
        metrics["objective/entropy"] = -kl.old.sum().item() / Float(max(1, completions.count))
        metrics["objective/non_score_reward"] = -kl.coefficient * kl.perCompletion
        metrics["objective/rlhf_reward"] = score - kl.coefficient * kl.perCompletion
        return metrics
    }

    /// Moves the critic toward the returns. The loss becomes the policy's with the critic's, and metrics take the names of
    /// TRL's trainer for PPO: `policy/…`, `loss/…`, `val/…`.
    public mutating func update(
        on groups: [Int], of rollout: Rollout, toward estimate: AdvantageEstimate, isTrained: [Bool],
        _ plan: UpdatePlan, report: inout StepReport
    ) {
        guard let targets = estimate.critic else { return }
        let learned = critic.update(
            on: rollout, targets, isTrained: isTrained, groups: groups, weight: valueWeight,
            clipRange: valueClipping, rowsAtOnce: plan.rowsAtOnce)
        let found = report.metrics
        report.metrics = [
            "policy/approxkl_avg": found["policy/approxkl"] ?? 0,
            "policy/clipfrac_avg": found["clip_ratio/region_mean"] ?? 0,
            "policy/entropy_avg": found["entropy"] ?? 0,
            "loss/policy_avg": report.loss,
            "loss/value_avg": learned.loss,
            "val/clipfrac_avg": learned.clippedShare,
            "val/ratio": found["ratio"] ?? 0,
            "val/gradient_norm": learned.report.gradientNorm,
        ]
        report.loss += valueWeight * learned.loss
    }

    private static func file(in folder: URL) -> URL { folder.appending(component: "critic.safetensors") }

    /// Writes `critic.safetensors`, with the files of ``/LanguageModel/Training/writeCheckpoint(to:)``.
    public func writeCheckpoint(to folder: URL) throws(FileError) {
        try critic.writeCheckpoint(to: Self.file(in: folder))
    }

    /// Does it for the critic.
    public func writeShare(to folder: URL) throws(FileError) -> [URL] {
        try critic.writeShare(of: Self.file(in: folder))
    }

    /// Reads `critic.safetensors`.
    public mutating func readCheckpoint(from folder: URL) throws(CheckpointError) {
        try critic.readCheckpoint(from: Self.file(in: folder))
    }
}

/// Advantages from rewards and a critic's values along one completion.
///
///     δ_t = r_t + γ V_{t+1} − V_t        A_t = δ_t + γλ A_{t+1}        R_t = A_t + V_t
///
/// Beyond the last state there is no value. λ = 1 gives the whole of what came less what was expected, λ = 0
/// trusts the critic one step ahead.
///
/// - SeeAlso: [Schulman et al. 2015](https://arxiv.org/abs/1506.02438), Eq. 16. Departures: none.
public struct GeneralizedAdvantage: Sendable, Hashable, Codable {
    /// The discount γ of a reward that comes one token later, from 0 to 1.
    public var gamma: Float
    /// The λ of GAE, the weight of later rewards against the critic's values, from 0 to 1.
    public var lambda: Float

    /// An estimate with γ and λ.
    public init(gamma: Float = 1, lambda: Float = 0.95) {
        guard (0...1).contains(gamma), (0...1).contains(lambda) else {
            misuse("a gamma of \(gamma) and a lambda of \(lambda); both are from 0 to 1")
        }
        self.gamma = gamma
        self.lambda = lambda
    }

    /// The advantage of each state and the return that its value should have been.
    ///
    /// - Parameters:
    ///   - rewards: The reward of each state's action, first to last.
    ///   - values: The critic's value of each state, as many.
    public func estimate(rewards: [Float], values: [Float]) -> (advantages: [Float], returns: [Float]) {
        guard rewards.count == values.count else {
            misuse("\(rewards.count) rewards and \(values.count) values of one completion")
        }
        var advantages = [Float](repeating: 0, count: rewards.count)
        var (next, following): (Float, Float) = (0, 0)
        for index in rewards.indices.reversed() {
            let surprise = rewards[index] + gamma * next - values[index]
            following = surprise + gamma * lambda * following
            advantages[index] = following
            next = values[index]
        }
        return (advantages, zip(advantages, values).map { $0 + $1 })
    }
}
