public import Behavior
import JSON
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
    ///   - sharing: The processes that share the tasks out, 32 at a time; all of them get the episodes.
    /// - Returns: The episodes, with what was said in each.
    /// - Throws: ``EpisodeError``.
    public func episodes(
        in world: any Environment, _ episodes: Int, turns: Int = 8, maxTokens: Int = 512,
        using random: RandomSource, _ sharing: WorkSharing = WorkSharing()
    ) async throws(EpisodeError) -> [(episode: Episode, conversation: Conversation)] {
        // The likeliest token alone, whatever the temperature.
        let settings = RolloutSettings(
            groupSize: 1, maxTokens: maxTokens, stopTokens: format.stopTokens, topK: 1)
        var (random, played) = (random, [PlayedEpisode]())
        let sideBySide = 32
        while played.count < episodes {
            // Tasks whose beginning leaves no room are replaced in a further round.
            let parts = stride(from: played.count, to: episodes, by: sideBySide).map {
                (count: min(sideBySide, episodes - $0), random: random.split())
            }
            let found = try await sharing.shared(
                parts.count, as: { .array($0.map(\.json)) },
                reading: { $0.array.map { $0.compactMap { PlayedEpisode(json: $0) } } }
            ) { number async throws(EpisodeError) in
                let worlds = Array(repeating: world, count: parts[number].count)
                var sampling = try EpisodeSampling(
                    worlds, settings, turns: turns, by: model, format: format, using: parts[number].random)
                while !sampling.isFinished {
                    sampling.takeTurns()
                    try await sampling.stepEnvironments()
                }
                return zip(sampling.rollout.completions, sampling.conversations).compactMap {
                    completion, conversation in
                    completion.episode.map { PlayedEpisode(episode: $0, conversation: conversation) }
                }
            }.joined()
            guard !found.isEmpty else { throw .noRoom }
            played += found
        }
        return played.map { ($0.episode, $0.conversation) }
    }
}

/// An episode with what was said in it, to go from one process to another.
private struct PlayedEpisode {
    let episode: Episode
    let conversation: Conversation

    init(episode: Episode, conversation: Conversation) {
        self.episode = episode
        self.conversation = conversation
    }

    var json: JSONValue {
        [
            "episode": .array(episode.numbers.map { .number($0) }),
            "messages": .array(conversation.messages.map(\.json)), "tools": .array(conversation.tools),
            "variables": .object(conversation.variables),
        ]
    }

    init?(json: JSONValue) {
        guard let numbers = json["episode"]?.array?.compactMap(\.number),
            let episode = Episode(numbers: numbers), let list = json["messages"]?.array,
            let messages = try? list.map({ try Message(json: $0) })
        else { return nil }
        self.init(
            episode: episode,
            conversation: Conversation(
                messages, tools: json["tools"]?.array ?? [], variables: json["variables"]?.object ?? [:]))
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
