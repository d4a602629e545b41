import Alignment
import LanguageModel
import NeuralCore

/// A task with a known best answer: say token 3, and nothing else, until there is no more room.
enum TinyTask {
    static let prompts: [[Int32]] = [[1, 2], [4, 5], [6, 7, 8], [9]]
    static let settings = RolloutSettings(groupSize: 8, maxTokens: 4, stopTokens: [0])
    /// The share of the room that is filled with the token.
    static let reward = CompletionReward("token") { _, completion in
        Float(completion.count { $0 == 3 }) / 4
    }

    static func model(seed: UInt64 = 1) -> Transformer {
        var random = RandomSource(seed: seed)
        return Transformer(
            TransformerConfiguration(
                vocabularySize: 12, width: 32, depth: 2, heads: 2, feedForwardWidth: 64, contextLength: 16),
            using: &random)
    }

    static func critic() -> RewardModel {
        var random = RandomSource(seed: 5)
        return RewardModel(model(seed: 6), using: &random)
    }

    /// The mean reward of many samples of a policy.
    static func score(of policy: Transformer) -> Float {
        var settings = settings
        settings.groupSize = 64
        let rewards = settings.rollout(of: prompts, by: policy, using: RandomSource(seed: 99))
            .scored(by: reward).rewards
        return rewards.reduce(0, +) / Float(rewards.count)
    }

    static func experience(
        of policy: Transformer, step: Int = 0, settings: RolloutSettings = settings
    ) -> Experience {
        settings.rollout(of: prompts, by: policy, using: RandomSource(seed: 7, step: step)).scored(by: reward)
    }
}
