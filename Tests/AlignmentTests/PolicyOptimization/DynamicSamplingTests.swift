import Alignment
import LanguageModel
import NeuralCore
import Testing

/// Groups that teach nothing, replaced by others.
@Suite struct DynamicSamplingTests {
    /// An experience of two completions to each prompt; a prompt is one token.
    private func experience(_ groups: [(prompt: Int32, rewards: [Float])]) -> Experience {
        let completions = groups.enumerated().flatMap { number, group in
            group.rewards.map { reward in
                Rollout.Completion(prompt: number, tokens: [group.prompt, Int32(reward)], isEnded: true)
            }
        }
        let rewards = groups.flatMap(\.rewards)
        return Experience(
            Rollout(
                prompts: groups.map { [$0.prompt] }, completions: completions, using: RandomSource(seed: 1)),
            rewards: rewards, parts: ["own": rewards.map { 2 * $0 }])
    }

    @Test func groupsThatTeachNothingAreReplaced() {
        let rounds = [
            experience([(1, [1, 1]), (2, [0, 1]), (3, [0, 0])]),
            experience([(4, [1, 1]), (5, [1, 1]), (6, [1, 1])]),
            experience([(7, [1, 0]), (8, [0, 2]), (9, [3, 0])]),
        ]
        let (found, report) = DynamicSampling(groups: 3, atMost: 9).experience { rounds[$0] }
        #expect(found.rollout.prompts == [[2], [7], [8]])
        #expect(found.rewards == [0, 1, 1, 0, 0, 2] && found.parts["own"] == [0, 2, 2, 0, 0, 4])
        #expect(found.rollout.completions.map(\.prompt) == [0, 0, 1, 1, 2, 2])
        #expect(
            found.rollout.completions.map(\.tokens) == [[2, 0], [2, 1], [7, 1], [7, 0], [8, 0], [8, 2]])
        #expect([report.rounds, report.sampled, report.differing] == [3, 9, 4])
        #expect(report.metrics["dynamic_sampling/rounds"] == 3)
    }

    @Test func aBatchThatIsFullAtOnceIsAsItWas() {
        let whole = experience([(1, [0, 1]), (2, [1, 0])])
        let (found, report) = DynamicSampling(groups: 2, atMost: 4).experience { _ in whole }
        #expect(report.rounds == 1 && found.rewards == whole.rewards)
        #expect(found.rollout.completions == whole.rollout.completions)
    }

    @Test func roundsAreBounded() {
        let uniform = experience([(1, [1, 1]), (2, [0, 0])])
        let (nothing, report) = DynamicSampling(groups: 2, atMost: 3).experience { _ in uniform }
        #expect(report.rounds == 3 && report.differing == 0)
        #expect(nothing.rewards == uniform.rewards)
        let (fewer, _) = DynamicSampling(groups: 2, atMost: 2).experience {
            $0 == 0 ? experience([(1, [1, 0])]) : uniform
        }
        #expect(fewer.rollout.prompts == [[1]])
    }

    @Test func whatSamplingThrowsEndsIt() {
        struct Stopped: Error {}
        #expect(throws: Stopped.self) {
            try DynamicSampling(groups: 2, atMost: 2).experience { _ in throw Stopped() }
        }
    }

    @Test func aStepOnWhatIsKeptMovesThePolicy() throws {
        var grpo = GroupRelativePolicyOptimization(
            policy: try ParityRun.model(),
            rollouts: RolloutSettings(groupSize: 2, maxTokens: 4, stopTokens: []),
            schedule: .constant(1e-3))
        let reward = CompletionReward("even") { _, completion in Float(completion[0] % 2) }
        var random = RandomSource(seed: 5)
        let (found, report) = DynamicSampling(groups: 3, atMost: 20).experience { _ in
            grpo.rollout(of: [[1, 2], [3, 4, 5]], using: random.split()).scored(by: reward)
        }
        #expect(found.rollout.prompts.count == 3 && report.rounds > 1)
        let step = grpo.step(on: found)
        #expect(step.refusal == nil && step.gradientNorm > 0)
        #expect(step.metrics["frac_reward_zero_std"] == 0)
    }
}
