import Alignment
import Foundation
import LanguageModel
import NeuralCore
import Testing

/// The user says a letter, and then another; each is to be said after them.
private struct Letters: Environment {
    var letters: [String] = []
    var turns = 0

    mutating func reset(using random: inout RandomSource) -> Conversation {
        letters = (0..<2).map { _ in ["a", "b"][random.integer(in: 0..<2)] }
        return Conversation([.user(letters[0])])
    }

    mutating func step(_ turn: EpisodeTurn) -> EnvironmentStep {
        turns += 1
        let reward: Float = turn.text == letters[turns - 1] ? 0.5 : 0
        guard turns == 2 else { return .next([.user(letters[1])], reward: reward) }
        return .end(EpisodeOutcome(isSuccess: reward > 0), reward: reward)
    }
}

/// Policies that learn from whole episodes.
@Suite struct EpisodeLearningTests {
    /// A model that has seen it done, right for three letters of four.
    private static func chat(seed: UInt64) throws -> ChatModel {
        let tokenizer = try BytePairTokenizer(
            trainedOn: ["a b"], vocabularySize: 259,
            specialTokens: ["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
        var random = RandomSource(seed: seed)
        let format = TextFormat(tokenizer, template: .chatML)
        let model = Transformer(
            TransformerConfiguration(vocabularySize: 259, width: 32, depth: 2, heads: 2, contextLength: 128),
            using: &random)
        func exchange() -> [Message] {
            let letter = random.integer(in: 0..<2)
            let said = random.integer(in: 0..<4) == 0 ? 1 - letter : letter
            return [.user(["a", "b"][letter]), .assistant(["a", "b"][said])]
        }
        var tuning = SupervisedFineTuning(model, schedule: .constant(3e-3))
        for _ in 0..<150 {
            tuning.step(
                on: try (0..<8).map { _ in
                    try format.demonstration(.conversation(Conversation(exchange() + exchange())))
                })
        }
        return ChatModel(tuning.model, format)
    }

    private static let worlds = Array(repeating: Letters(), count: 8)

    private static func settings(_ chat: ChatModel) -> RolloutSettings {
        RolloutSettings(groupSize: 8, maxTokens: 60, stopTokens: chat.format.stopTokens)
    }

    /// The mean reward of many episodes.
    private static func score(_ policy: Transformer, _ chat: ChatModel) async throws -> Float {
        let rollout = try await settings(chat).rollout(
            in: worlds, turns: 2, by: policy, format: chat.format, using: RandomSource(seed: 99))
        let rewards = rollout.scored(by: .environment).rewards
        return rewards.reduce(0, +) / Float(rewards.count)
    }

    private func expectLearning(
        _ name: String, _ method: some PolicyOptimization, _ chat: ChatModel, steps: Int
    ) async throws {
        var method = method
        let before = try await Self.score(method.policy.transformer, chat)
        for step in 0..<steps {
            try await method.step(
                in: Self.worlds, turns: 2, format: chat.format, using: RandomSource(seed: 1, step: step))
        }
        let after = try await Self.score(method.policy.transformer, chat)
        #expect(before < 0.85, "\(name) begins at \(before)")
        #expect(after > 0.9, "\(name) ends at \(after)")
    }

    private let schedule = LearningRateSchedule.constant(1e-3)

    @Test func groupRelativeOptimizationLearns() async throws {
        let chat = try Self.chat(seed: 1)
        try await expectLearning(
            "grpo",
            GroupRelativePolicyOptimization(
                policy: chat.model, rollouts: Self.settings(chat), plan: UpdatePlan(epochs: 2),
                schedule: schedule), chat, steps: 60)
    }

    @Test func leaveOneOutLearns() async throws {
        let chat = try Self.chat(seed: 2)
        try await expectLearning(
            "rloo",
            ReinforceLeaveOneOut(
                policy: chat.model, rollouts: Self.settings(chat), beta: 0.01,
                plan: UpdatePlan(epochs: 2), schedule: schedule), chat, steps: 60)
    }

    @Test func proximalOptimizationLearns() async throws {
        let chat = try Self.chat(seed: 3)
        var random = RandomSource(seed: 3)
        try await expectLearning(
            "ppo",
            ProximalPolicyOptimization(
                policy: chat.model, critic: RewardModel(chat.model, using: &random),
                rollouts: Self.settings(chat), plan: UpdatePlan(epochs: 2), kl: .fixed(0.01),
                schedule: schedule), chat, steps: 60)
    }

    /// Four steps; and two, then two by a value made anew from the checkpoint.
    @Test func aRunGoesOnToTheSameBits() async throws {
        let chat = try Self.chat(seed: 1)
        func make() -> GroupRelativePolicyOptimization<Transformer> {
            GroupRelativePolicyOptimization(
                policy: chat.model, rollouts: Self.settings(chat), schedule: schedule)
        }
        func step(_ method: inout GroupRelativePolicyOptimization<Transformer>) async throws {
            try await method.step(
                in: Self.worlds, turns: 2, format: chat.format,
                using: RandomSource(seed: 1, step: method.counts.steps))
        }
        var whole = make()
        for _ in 0..<4 { try await step(&whole) }
        var begun = make()
        for _ in 0..<2 { try await step(&begun) }
        let folder = FileManager.default.temporaryDirectory.appending(component: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try begun.writeCheckpoint(to: folder)
        var resumed = make()
        try resumed.readCheckpoint(from: folder)
        for _ in 0..<2 { try await step(&resumed) }
        #expect(resumed.counts == whole.counts)
        for (a, b) in zip(resumed.policy.parameters, whole.policy.parameters) {
            #expect(a.value.scalars == b.value.scalars, "\(a.name)")
        }
    }
}
