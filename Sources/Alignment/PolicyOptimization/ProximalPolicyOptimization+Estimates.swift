import LanguageModel
import NeuralCore

/// What PPO knows of a rollout before it makes any update.
struct RolloutEstimate: Sendable {
    /// The divergence from the reference.
    let penalties: KLPenalty
    /// What the critic is asked about.
    let states: CriticStates
    /// What the critic expected.
    let values: StateValues
    /// What its values should have been.
    let returns: StateValues
    /// Standardized over all tokens, `[targets]`.
    let advantages: [Float]
    /// `objective/…` and `val/num_eos_tokens`.
    let metrics: [String: Float]
}

extension ProximalPolicyOptimization {
    /// Rewards, values, returns and advantages of a rollout.
    func estimate(_ experience: Experience) -> RolloutEstimate {
        let rollout = experience.rollout
        let penalties = KLPenalty(
            rollout, policy: policy.transformer, reference: reference, estimator: estimator, rollouts, plan)
        let scores = zip(experience.rewards, rollout.completions).map { reward, completion in
            reward - (completion.isEnded ? 0 : missingEndPenalty ?? 0)
        }
        let states = CriticStates(rollout, arrival)
        let values = states.values(of: rollout, under: critic.model, rowsAtOnce: plan.rowsAtOnce)
        let rewards = rewards(of: rollout, scores: scores, penalties: penalties, states: states)
        var returns = StateValues(rollout)
        var advantages = [Float](repeating: 0, count: rollout.targetCount)
        for (number, range) in rollout.targets.enumerated() {
            let hasFinal = states.hasFinal[number]
            let found = advantage.estimate(
                rewards: rewards[number],
                values: values.tokens[range] + (hasFinal ? [values.finals[number]] : []))
            for (place, target) in range.enumerated() {
                advantages[target] = scores[number].isNaN ? .nan : found.advantages[place]
                returns.tokens[target] = found.returns[place]
            }
            if hasFinal { returns.finals[number] = found.returns[range.count] }
        }
        return RolloutEstimate(
            penalties: penalties, states: states, values: values, returns: returns,
            advantages: Advantages.standardized(advantages).map { $0.isNaN ? 0 : $0 },
            metrics: metrics(of: rollout, scores: scores, penalties: penalties))
    }

    /// The rewards of each completion's states, first to last.
    private func rewards(
        of rollout: Rollout, scores: [Float], penalties: KLPenalty, states: CriticStates
    ) -> [[Float]] {
        let coefficient = kl.coefficient
        let rewards = rollout.targets.enumerated().map { number, range in
            var rewards = penalties.estimates[range].map { -coefficient * $0 }
            if states.hasFinal[number] { rewards.append(0) }
            // A completion that nothing had an opinion on is as good as expected of it: its reward is
            // unknown.
            rewards[rewards.count - 1] += scores[number].isNaN ? 0 : scores[number]
            return rewards
        }
        guard standardizesRewards else { return rewards }
        var standardized = Advantages.standardized(Array(rewards.joined()), keepingMean: true)[...]
        return rewards.map { own in
            defer { standardized.removeFirst(own.count) }
            return Array(standardized.prefix(own.count))
        }
    }

    private func metrics(of rollout: Rollout, scores: [Float], penalties: KLPenalty) -> [String:
        Float]
    {
        let count = Float(max(1, rollout.completions.count))
        let kl = penalties.sums.moments.mean
        let score = scores.moments.mean
        return [
            "objective/kl": kl,
            "objective/entropy": -penalties.old.sum().item() / count,
            "objective/non_score_reward": -self.kl.coefficient * kl,
            "objective/rlhf_reward": score - self.kl.coefficient * kl,
            "objective/scores": score,
            "val/num_eos_tokens": Float(rollout.completions.count(where: \.isEnded)),
        ]
    }
}

extension PolicyUpdate {
    /// The metrics of TRL's trainer for PPO, of one update.
    func metrics(with critic: CriticUpdate) -> [String: Float] {
        let shares = statistics.clippedShares(.token)
        return [
            "policy/approxkl_avg": statistics.movement,
            "policy/clipfrac_avg": shares.low + shares.high,
            "policy/entropy_avg": statistics.entropy,
            "loss/policy_avg": report.loss,
            "loss/value_avg": critic.loss,
            "val/clipfrac_avg": critic.clippedShare,
            "val/ratio": statistics.ratio,
            "val/gradient_norm": critic.report.gradientNorm,
        ]
    }
}
