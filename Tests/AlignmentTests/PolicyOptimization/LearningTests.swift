import Alignment
import LanguageModel
import NeuralCore
import Testing

/// Each method learns a task whose best answer is known, from chance (one token in twelve) to nearly always.
@Suite struct LearningTests {
    let steps = 40
    let schedule = LearningRateSchedule.constant(3e-3)

    func expectLearning(_ method: String, _ step: (Int) -> Transformer) {
        let before = TinyTask.score(of: TinyTask.model())
        var policy = TinyTask.model()
        for number in 0..<steps { policy = step(number) }
        let after = TinyTask.score(of: policy)
        #expect(before < 0.2, "\(method) begins at \(before)")
        #expect(after > 0.8, "\(method) ends at \(after)")
    }

    @Test(arguments: ["grpo", "bnpo", "dr_grpo", "dapo", "cispo", "gspo", "sapo"])
    func groupRelativeOptimizationLearns(_ variant: String) throws {
        var grpo = GroupRelativePolicyOptimization(
            policy: TinyTask.model(), rollouts: TinyTask.settings,
            loss: try #require(PolicyLoss.variants[variant]), plan: UpdatePlan(epochs: 2), schedule: schedule)
        expectLearning(variant) { step in
            let rollout = grpo.rollout(of: TinyTask.prompts, using: RandomSource(seed: 1, step: step))
            grpo.step(on: rollout.scored(by: TinyTask.reward))
            return grpo.policy
        }
    }

    @Test func leaveOneOutLearns() {
        var rloo = ReinforceLeaveOneOut(
            policy: TinyTask.model(), rollouts: TinyTask.settings, beta: 0.01, schedule: schedule)
        expectLearning("RLOO") { step in
            let rollout = rloo.rollout(of: TinyTask.prompts, using: RandomSource(seed: 1, step: step))
            rloo.step(on: rollout.scored(by: TinyTask.reward))
            return rloo.policy
        }
    }

    @Test(arguments: [true, false]) func reinforcePlusPlusLearns(subtractingGroupMean: Bool) {
        var reinforce = ReinforcePlusPlus(
            policy: TinyTask.model(), rollouts: TinyTask.settings, schedule: schedule)
        reinforce.subtractsGroupMean = subtractingGroupMean
        expectLearning("REINFORCE++") { step in
            let rollout = reinforce.rollout(of: TinyTask.prompts, using: RandomSource(seed: 1, step: step))
            reinforce.step(on: rollout.scored(by: TinyTask.reward))
            return reinforce.policy
        }
    }

    @Test(arguments: [RewardArrival.lastToken, .afterEnd])
    func proximalOptimizationLearns(_ arrival: RewardArrival) {
        var ppo = ProximalPolicyOptimization(
            policy: TinyTask.model(), critic: TinyTask.critic(), rollouts: TinyTask.settings,
            plan: UpdatePlan(epochs: 2, miniBatches: 2), divergence: .fixed(0.01), schedule: schedule)
        ppo.arrival = arrival
        expectLearning("PPO") { step in
            let rollout = ppo.rollout(of: TinyTask.prompts, using: RandomSource(seed: 1, step: step))
            ppo.step(on: rollout.scored(by: TinyTask.reward))
            return ppo.policy
        }
    }

    @Test func onlinePreferencesAreLearnt() {
        var online = OnlinePreferenceOptimization(
            DirectPreferenceOptimization(policy: TinyTask.model(), schedule: schedule),
            rollouts: TinyTask.settings)
        expectLearning("online DPO") { step in
            let rollout = online.rollout(of: TinyTask.prompts, using: RandomSource(seed: 1, step: step))
            online.step(on: rollout.scored(by: TinyTask.reward))
            return online.policy
        }
    }
}
