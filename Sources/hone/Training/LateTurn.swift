import Alignment
import LanguageModel
import NeuralCore

extension RolloutSettings {
    /// Lets a policy begin a late turn of episodes, to see what memory it takes: each has a history of its own by then, where
    /// the first turn reads what a group is told once.
    ///
    /// - Parameters:
    ///   - prompts: What the groups that are played side by side are told first.
    ///   - policy: The policy.
    func takeLateTurn(after prompts: [[Int32]], by policy: Transformer) {
        var late = self
        (late.groupSize, late.stopTokens, late.maxTokens) = (1, [], 2)
        let longest = max(1, policy.configuration.contextLength - late.maxTokens)
        let histories = prompts.flatMap { prompt in
            let said = Array(repeating: prompt.last ?? 0, count: min(maxTokens, longest))
            return Array(repeating: Array((prompt + said).prefix(longest)), count: groupSize)
        }
        _ = late.rollout(of: histories, by: policy, using: RandomSource(seed: 0))
    }
}
