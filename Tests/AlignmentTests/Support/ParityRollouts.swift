import Alignment
import Foundation
import NeuralCore

/// The rollouts that `Fixtures/Parity/make_online.py` fed to TRL's trainers.
struct ParityRollouts: Decodable {
    struct Made: Decodable {
        let prompts: [[Int32]]
        let completions: [[[Int32]]]
        let rewards: [Float]
    }
    /// Four prompts with four completions each.
    let groups: [Made]
    /// Sixteen prompts with one completion each.
    let single: [Made]
    let end: Int32
    let longest: Int

    static func load() throws -> ParityRollouts {
        try JSONDecoder().decode(
            ParityRollouts.self,
            from: Data(contentsOf: ParityRun.folder.appending(component: "rollouts.json")))
    }

    /// A rollout as it was made, its first `groupSize` completions of each prompt.
    func experience(_ made: Made, groupSize: Int? = nil) -> Experience {
        let count = made.completions[0].count
        let kept = groupSize ?? count
        let completions = made.completions.enumerated().flatMap { prompt, texts in
            texts.prefix(kept).map { text in
                Rollout.Completion(prompt: prompt, tokens: text, isEnded: text.last == end)
            }
        }
        let rewards = made.rewards.enumerated().filter { $0.offset % count < kept }.map(\.element)
        return Experience(
            Rollout(prompts: made.prompts, completions: completions, using: RandomSource(seed: 0)),
            rewards: rewards, parts: ["reward": rewards])
    }

    func settings(groupSize: Int = 4, temperature: Float = 1) -> RolloutSettings {
        RolloutSettings(groupSize: groupSize, maxTokens: longest, stopTokens: [end], temperature: temperature)
    }
}
