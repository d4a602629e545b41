public import LanguageModel
public import NeuralCore

extension CompletionReward {
    /// What the environments of a rollout gave: the sum over the turns of each episode; no opinion on other completions.
    public static let environment = CompletionReward("environment") { rollout in
        rollout.completions.map { $0.episode?.rewards.reduce(0, +) ?? .nan }
    }
}

extension RolloutSettings {
    /// Plays episodes to their end; see ``EpisodeSampling``.
    ///
    /// - Throws: ``EpisodeError``.
    public func rollout(
        in worlds: [any Environment], turns: Int = 8, by model: Transformer, format: TextFormat,
        using random: RandomSource
    ) async throws(EpisodeError) -> Rollout {
        var sampling = try EpisodeSampling(
            worlds, self, turns: turns, by: model, format: format, using: random)
        while !sampling.isFinished {
            sampling.takeTurns()
            try await sampling.stepEnvironments()
        }
        return sampling.rollout
    }
}

extension PolicyOptimization {
    /// Lets the policy act in environments, and learns from the rewards.
    ///
    ///     let worlds = Array(repeating: Calculator(), count: 8)
    ///     try await grpo.step(in: worlds, format: chat.format, using: RandomSource(seed: seed, step: step))
    ///
    /// - Parameters:
    ///   - worlds: The environments, one for each group of episodes.
    ///   - turns: The most turns of the policy in an episode.
    ///   - format: Writes what is said as the policy reads it.
    ///   - random: Decides which episodes there are, and every draw.
    /// - Returns: That of a step on a rollout, with `tools/…` and `episodes/…`.
    /// - Throws: ``EpisodeError``.
    @discardableResult
    public mutating func step(
        in worlds: [any Environment], turns: Int = 8, format: TextFormat, using random: RandomSource
    ) async throws(EpisodeError) -> StepReport {
        let rollout = try await rollouts.rollout(
            in: worlds, turns: turns, by: policy.transformer, format: format, using: random)
        return step(on: rollout.scored(by: .environment))
    }
}
