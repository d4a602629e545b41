import Alignment
import LanguageModel
import NeuralCore
import Testing

/// From imitating people who know little to mostly giving the best answer, whatever the seed and the processor.
///
/// Where pairs or a reward model teach, the rate falls to zero, and what only compares two answers also imitates the
/// better one a little: otherwise the last bit of a sum decides how far a policy drifts to answers that nobody has judged.
@Suite struct TaskLearningTests {
    static let seeds: [UInt64] = [1, 2, 3]

    /// Checks where a method began and ended.
    private func expect(
        _ task: LearnableTask, from begin: ClosedRange<Float>, of imitator: Transformer, to least: Float,
        by policy: Transformer, _ name: String
    ) {
        let (before, after) = (task.score(of: imitator), task.score(of: policy))
        #expect(begin.contains(before), "\(name) begins at \(before)")
        #expect(after >= least, "\(name) ends at \(after)")
    }

    /// So many steps on rewards.
    private func learned(
        _ method: some PolicyOptimization, of task: LearnableTask, rewardedBy reward: CompletionReward,
        steps: Int, seed: UInt64
    ) -> Transformer {
        var method = method
        for step in 0..<steps {
            let rollout = method.rollout(of: task.prompts, using: RandomSource(seed: seed, step: step))
            method.step(on: rollout.scored(by: reward))
        }
        return method.policy.transformer
    }

    @Test(arguments: seeds) func groupRelativeOptimizationLearnsArithmetic(seed: UInt64) {
        let task = LearnableTask.arithmetic
        let imitator = task.imitator(seed: seed)
        let grpo = GroupRelativePolicyOptimization(
            policy: imitator, rollouts: task.settings, schedule: .constant(2e-3))
        expect(
            task, from: 0.2...0.45, of: imitator, to: 0.75,
            by: learned(grpo, of: task, rewardedBy: task.reward, steps: 150, seed: seed), "seed \(seed)")
    }

    @Test(arguments: ["rloo", "reinforce++", "ppo", "online dpo"], seeds)
    func aCheckedFormIsLearned(_ name: String, seed: UInt64) {
        let task = LearnableTask.form
        let imitator = task.imitator(seed: seed)
        let (settings, schedule) = (task.settings, LearningRateSchedule.constant(1e-3))
        func learned(_ method: some PolicyOptimization) -> Transformer {
            self.learned(method, of: task, rewardedBy: task.reward, steps: 120, seed: seed)
        }
        let policy =
            switch name {
            case "rloo":
                learned(
                    ReinforceLeaveOneOut(
                        policy: imitator, rollouts: settings, beta: 0.01, schedule: schedule))
            case "reinforce++":
                learned(ReinforcePlusPlus(policy: imitator, rollouts: settings, schedule: schedule))
            case "ppo":
                learned(
                    ProximalPolicyOptimization(
                        policy: imitator, critic: critic(of: imitator), rollouts: settings,
                        plan: UpdatePlan(epochs: 2), kl: .fixed(0.01), schedule: schedule))
            default:
                learned(
                    OnlinePreferenceOptimization(
                        DirectPreferenceOptimization(policy: imitator, schedule: schedule),
                        rollouts: settings))
            }
        expect(task, from: 0.15...0.35, of: imitator, to: 0.75, by: policy, "\(name), seed \(seed)")
    }

    /// Nobody tells the policy what is kind: a model of 512 opinions does.
    @Test(arguments: seeds) func sentimentIsLearnedFromARewardModel(seed: UInt64) {
        let task = LearnableTask.sentiment
        let imitator = task.imitator(seed: seed)
        var random = RandomSource(seed: seed)
        let opinions = task.pairs(512, using: &random)
        var rewards = RewardModeling(
            RewardModel(imitator, using: &random), centering: 0.01, schedule: .constant(1e-3))
        for step in 0..<96 { rewards.step(on: Array(opinions[step % 16 * 32..<(step % 16 + 1) * 32])) }
        var ppo = ProximalPolicyOptimization(
            policy: imitator, critic: critic(of: imitator), rollouts: task.settings,
            plan: UpdatePlan(epochs: 2), kl: .fixed(0.05), schedule: falling(steps: 150))
        // The reward model has only read answers that end.
        ppo.missingEndPenalty = 1
        let reward = CompletionReward(of: rewards.model)
        expect(
            task, from: 0.25...0.42, of: imitator, to: 0.8,
            by: learned(ppo, of: task, rewardedBy: reward, steps: 150, seed: seed), "seed \(seed)")
    }

    /// What each method should reach: those that also imitate what was preferred stay nearer to it.
    static let scores: [(name: String, least: Float)] = [
        ("dpo", 0.8), ("ipo", 0.8), ("kto", 0.8), ("bco", 0.75), ("orpo", 0.6), ("cpo", 0.55), ("simpo", 0.6),
    ]

    @Test(arguments: scores, seeds)
    func sentimentIsLearnedFromPairs(_ method: (name: String, least: Float), seed: UInt64) {
        let name = method.name
        let task = LearnableTask.sentiment
        let imitator = task.imitator(seed: seed)
        var random = RandomSource(seed: seed)
        // Nothing keeps SimPO near where it began, so it stops earlier.
        let batches = (0..<(name == "simpo" ? 60 : 100)).map { _ in task.pairs(32, using: &random) }
        let schedule = falling(steps: batches.count)

        func learned(free method: ReferenceFreeLoss, beta: Float) -> Transformer {
            var method = ReferenceFreeOptimization(
                policy: imitator, objective: .init(method, beta: beta), schedule: schedule)
            for batch in batches { method.step(on: batch) }
            return method.policy
        }
        func learned(from loss: PreferenceLoss, imitating weight: Float) -> Transformer {
            var dpo = DirectPreferenceOptimization(
                policy: imitator, losses: [.init(loss), .init(.sft, weight: weight)],
                schedule: schedule)
            for batch in batches { dpo.step(on: batch) }
            return dpo.policy
        }
        let labeled = batches.map { batch in
            batch.flatMap { pair in
                [
                    TokenizedLabel(prompt: pair.prompt, completion: pair.chosen, isDesirable: true),
                    TokenizedLabel(prompt: pair.prompt, completion: pair.rejected, isDesirable: false),
                ]
            }
        }
        let policy: Transformer
        switch name {
        case "dpo": policy = learned(from: .sigmoid, imitating: 0.1)
        case "ipo": policy = learned(from: .ipo, imitating: 5)
        case "kto":
            var kto = KahnemanTverskyOptimization(
                policy: imitator, objective: .init(beta: 0.3), schedule: schedule)
            for batch in labeled { kto.step(on: batch) }
            policy = kto.policy
        case "bco":
            var bco = BinaryClassifierOptimization(policy: imitator, objective: .init(), schedule: schedule)
            for batch in labeled { bco.step(on: batch) }
            policy = bco.policy
        case "orpo": policy = learned(free: .orpo, beta: 1)
        case "cpo": policy = learned(free: .cpo(), beta: 0.1)
        default: policy = learned(free: .simpo(), beta: 2)
        }
        expect(task, from: 0.25...0.42, of: imitator, to: method.least, by: policy, "\(name), seed \(seed)")
    }

    private func falling(steps: Int) -> LearningRateSchedule {
        .warmupThenLinear(peak: 1e-3, warmup: 0, steps: steps)
    }

    private func critic(of model: Transformer) -> RewardModel {
        var random = RandomSource(seed: 5)
        return RewardModel(model, using: &random)
    }
}
