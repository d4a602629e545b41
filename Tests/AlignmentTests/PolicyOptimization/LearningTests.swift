import Alignment
import LanguageModel
import NeuralCore
import Testing

/// Each method learns a task whose best answer is known, from chance (one token in twelve) to nearly always, whatever
/// the seed.
@Suite struct LearningTests {
    static let seeds: [UInt64] = [1, 2, 3]
    let schedule = LearningRateSchedule.constant(3e-3)

    /// Forty steps.
    func expectLearning(_ name: String, _ method: some PolicyOptimization, seed: UInt64) {
        var method = method
        let before = TinyTask.score(of: method.policy.transformer)
        for step in 0..<40 {
            let rollout = method.rollout(of: TinyTask.prompts, using: RandomSource(seed: seed, step: step))
            method.step(on: rollout.scored(by: TinyTask.reward))
        }
        let after = TinyTask.score(of: method.policy.transformer)
        #expect(before < 0.2, "\(name), seed \(seed), begins at \(before)")
        #expect(after > 0.8, "\(name), seed \(seed), ends at \(after)")
    }

    @Test(arguments: ["grpo", "bnpo", "dr_grpo", "dapo", "cispo", "gspo", "sapo", "luspo", "vespo"], seeds)
    func groupRelativeOptimizationLearns(_ variant: String, seed: UInt64) throws {
        expectLearning(
            variant,
            GroupRelativePolicyOptimization(
                policy: TinyTask.model(seed: seed), rollouts: TinyTask.settings,
                loss: try #require(PolicyLoss.variants[variant]), plan: UpdatePlan(epochs: 2),
                schedule: schedule), seed: seed)
    }

    @Test(arguments: seeds) func leaveOneOutLearns(seed: UInt64) {
        expectLearning(
            "rloo",
            ReinforceLeaveOneOut(
                policy: TinyTask.model(seed: seed), rollouts: TinyTask.settings, beta: 0.01,
                schedule: schedule),
            seed: seed)
    }

    @Test(arguments: [true, false], seeds)
    func reinforcePlusPlusLearns(subtractingGroupMean: Bool, seed: UInt64) {
        var reinforce = ReinforcePlusPlus(
            policy: TinyTask.model(seed: seed), rollouts: TinyTask.settings, schedule: schedule)
        reinforce.subtractsGroupMean = subtractingGroupMean
        expectLearning("reinforce++ \(subtractingGroupMean)", reinforce, seed: seed)
    }

    @Test(arguments: [RewardArrival.lastToken, .afterEnd], seeds)
    func proximalOptimizationLearns(_ arrival: RewardArrival, seed: UInt64) {
        var ppo = ProximalPolicyOptimization(
            policy: TinyTask.model(seed: seed), critic: TinyTask.critic(), rollouts: TinyTask.settings,
            plan: UpdatePlan(epochs: 2, miniBatches: 2), kl: .fixed(0.01), schedule: schedule)
        ppo.arrival = arrival
        expectLearning("ppo \(arrival)", ppo, seed: seed)
    }

    @Test(arguments: seeds) func onlinePreferencesAreLearned(seed: UInt64) {
        expectLearning(
            "online dpo",
            OnlinePreferenceOptimization(
                DirectPreferenceOptimization(policy: TinyTask.model(seed: seed), schedule: schedule),
                rollouts: TinyTask.settings), seed: seed)
    }

    /// With a cost of 0.1 the best policy says the token with probability ½, since e^(0.25 / 0.1) is 12; its
    /// divergence is about 2.6 nats a completion, where saying the token for certain would be nearly 10.
    @Test(arguments: seeds) func proximalOptimizationStaysNearTheReference(seed: UInt64) throws {
        var ppo = ProximalPolicyOptimization(
            policy: TinyTask.model(seed: seed), critic: TinyTask.critic(), rollouts: TinyTask.settings,
            plan: UpdatePlan(epochs: 2), kl: .fixed(0.1), schedule: .constant(5e-4))
        var divergences: [Float] = []
        for step in 0..<80 {
            let rollout = ppo.rollout(of: TinyTask.prompts, using: RandomSource(seed: seed, step: step))
            let report = ppo.step(on: rollout.scored(by: TinyTask.reward))
            divergences.append(try #require(report.metrics["objective/kl"]))
        }
        let mean = divergences.suffix(20).reduce(0, +) / 20
        #expect(mean > 0 && mean < 4, "seed \(seed): \(mean)")
    }
}

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
