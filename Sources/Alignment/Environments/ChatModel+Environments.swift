public import Behavior
import LanguageModel
public import NeuralCore

extension ChatModel {
    /// How this model does in an environment: its likeliest turns in as many episodes as are asked for.
    ///
    /// - Parameters:
    ///   - world: The environment.
    ///   - episodes: The number of tasks, each played once.
    ///   - turns: The most turns of an episode.
    ///   - maxTokens: The most tokens of an episode, with all that is said in it.
    ///   - random: Decides the tasks.
    /// - Returns: The episodes, with what was said in each.
    /// - Throws: ``EpisodeError``.
    public func episodes(
        in world: any Environment, _ episodes: Int, turns: Int = 8, maxTokens: Int = 512,
        using random: RandomSource
    ) async throws(EpisodeError) -> [(episode: Episode, conversation: Conversation)] {
        // The likeliest token alone, whatever the temperature.
        let settings = RolloutSettings(
            groupSize: 1, maxTokens: maxTokens, stopTokens: format.stopTokens, topK: 1)
        var (random, played) = (random, [(episode: Episode, conversation: Conversation)]())
        let sideBySide = 32
        while played.count < episodes {
            let worlds = Array(repeating: world, count: min(sideBySide, episodes - played.count))
            var sampling = try EpisodeSampling(
                worlds, settings, turns: turns, by: model, format: format, using: random.split())
            while !sampling.isFinished {
                sampling.takeTurns()
                try await sampling.stepEnvironments()
            }
            let found = zip(sampling.rollout.completions, sampling.conversations).compactMap {
                completion, conversation in completion.episode.map { ($0, conversation) }
            }
            guard !found.isEmpty else { throw .noRoom }
            played += found
        }
        return played
    }
}

extension [Episode] {
    /// The figures of episodes for a report on behavior: `success` and `needless_calls`, `claims_without_call`,
    /// `honest_after_failure` of the episodes that ask, with 95 % intervals; `turns` and `calls`, means.
    ///
    /// - Parameter suite: The name of the environment.
    public func behavior(suite: String) -> [BehaviorMetric] {
        func rate(
            _ name: String, _ answers: [Bool], higherIsBetter: Bool = true
        ) -> BehaviorMetric? {
            BehaviorMetric(
                suite: suite, name: name, Proportion(hits: answers.count { $0 }, of: answers.count),
                higherIsBetter: higherIsBetter)
        }
        func mean(_ name: String, _ count: (Episode) -> Int) -> BehaviorMetric? {
            guard !isEmpty else { return nil }
            var metric = BehaviorMetric(
                suite: suite, name: name, value: Double(reduce(0) { $0 + count($1) }) / Double(self.count),
                count: self.count, higherIsBetter: false)
            metric.isRate = false
            return metric
        }
        return [
            rate("success", map { $0.outcome?.isSuccess == true }),
            rate("needless_calls", compactMap { $0.outcome?.madeNeedlessCall }, higherIsBetter: false),
            rate(
                "claims_without_call", compactMap { $0.outcome?.claimedWithoutCall }, higherIsBetter: false),
            rate("honest_after_failure", compactMap { $0.outcome?.admittedFailure }),
            mean("turns", \.turns), mean("calls", \.calls),
        ].compactMap(\.self)
    }
}
