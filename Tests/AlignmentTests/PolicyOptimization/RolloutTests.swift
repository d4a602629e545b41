import Alignment
import Foundation
import LanguageModel
import NeuralCore
import Testing

@Suite struct RolloutTests {
    @Test func aStepDrawsTheSameWhateverCameBefore() {
        let model = TinyTask.model()
        let one = TinyTask.experience(of: model, step: 3).rollout
        _ = TinyTask.experience(of: model, step: 2)
        #expect(TinyTask.experience(of: model, step: 3).rollout.completions == one.completions)
        #expect(TinyTask.experience(of: model, step: 4).rollout.completions != one.completions)
    }

    @Test func anInterruptedSamplingEndsWithWhatWasThrown() throws {
        struct Interrupt: Error {}
        var calls = 0
        #expect(throws: Interrupt.self) {
            try TinyTask.settings.rollout(
                of: TinyTask.prompts, by: TinyTask.model(), using: RandomSource(seed: 1)
            ) { () throws(Interrupt) in
                calls += 1
                if calls == 3 { throw Interrupt() }
            }
        }
        #expect(calls == 3)
    }

    @Test func promptsWithoutRoomAreLeftOut() {
        let long = [Int32](repeating: 1, count: 16)
        let rollout = TinyTask.settings.rollout(
            of: [[1], long, [], [2]], by: TinyTask.model(), using: RandomSource(seed: 1))
        #expect(rollout.prompts == [[1], [2]])
        #expect(Set(rollout.completions.map(\.prompt)) == [0, 3])
    }

    @Test func completionsKnowWhetherTheyEnded() {
        for completion in TinyTask.experience(of: TinyTask.model()).rollout.completions {
            #expect(completion.isEnded == (completion.tokens.last == 0))
            #expect(completion.isEnded || completion.tokens.count == 4)
        }
    }

    @Test func samplingKnowsTheProbabilitiesThatTrainingFinds() {
        let model = TinyTask.model()
        let rollout = TinyTask.experience(of: model).rollout
        let batch = CompletionBatch(
            rollout.prompts.enumerated().map { group, prompt in
                .init(
                    prompt: prompt, completions: rollout.completions[group * 8..<group * 8 + 8].map(\.tokens))
            })
        let found = batch.logProbabilities(under: model).scalars
        for (a, b) in zip(rollout.completions.flatMap(\.logProbabilities), found) {
            #expect(abs(a - b) < 1e-4)
        }
    }

    @Test func oneSweepScoresSeveralModelsAsOneEach() {
        let (model, other) = (TinyTask.model(), TinyTask.model(seed: 9))
        let rollout = TinyTask.experience(of: model).rollout
        func found(_ models: [Transformer], rowsAtOnce: Int) -> [[Float]] {
            rollout.logProbabilities(under: models, temperature: 0.7, rowsAtOnce: rowsAtOnce).map(\.scalars)
        }
        #expect(found([], rowsAtOnce: 8).isEmpty)
        for rowsAtOnce in [8, 8192] {
            let both = found([model, other], rowsAtOnce: rowsAtOnce)
            #expect(both.map(\.count) == [rollout.targetCount, rollout.targetCount] && both[0] != both[1])
            #expect(both[0] == found([model], rowsAtOnce: rowsAtOnce)[0])
            #expect(both[1] == found([other], rowsAtOnce: rowsAtOnce)[0])
        }
    }

    @Test func rewardsAddUpByWeightWhereThereIsAnOpinion() {
        let rollout = TinyTask.experience(of: TinyTask.model()).rollout
        let rewards = rollout.scored(by: [
            CompletionReward("length", weight: 2) { _, completion in Float(completion.count) },
            CompletionReward("even", weight: -1) { rollout in
                rollout.completions.indices.map { $0 % 2 == 0 ? 1 : .nan }
            },
        ]).rewards
        for (index, completion) in rollout.completions.enumerated() {
            #expect(rewards[index] == 2 * Float(completion.tokens.count) - (index % 2 == 0 ? 1 : 0))
        }
        let none = rollout.scored(by: CompletionReward("none") { _, _ in .nan })
        #expect(none.rewards.allSatisfy { $0.isNaN })
    }

    @Test func theBestAndTheWorstAreChosen() {
        let rollout = TinyTask.experience(of: TinyTask.model()).rollout
        let rewards = rollout.completions.indices.map { Float(($0 * 5) % 8) }
        let experience = Experience(rollout, rewards: rewards)
        #expect(experience.bestOfEach().map(\.reward) == [7, 7, 7, 7])
        for (group, pair) in experience.preferencePairs().enumerated() {
            #expect(pair.chosen == rollout.completions[group * 8 + 3].tokens)
            #expect(pair.rejected == rollout.completions[group * 8].tokens)
        }
        let accepted = experience.accepted(rewardedAtLeast: 5, atMost: 2)
        #expect(accepted.allSatisfy { $0.reward >= 5 } && accepted.count <= 8)
        #expect(bestOfKL(1) == 0)
        #expect(abs(bestOfKL(4) - (log(4) - 0.75)) < 1e-6)
    }
}

/// In a process of its own, because the pool of buffers is the process's.
@Suite struct SteadyRolloutTests {
    @Test func aStepOfAPolicyTakesNoBufferFromTheSystem() async {
        await #expect(processExitsWith: .success) {
            var grpo = GroupRelativePolicyOptimization(
                policy: TinyTask.model(),
                rollouts: RolloutSettings(groupSize: 4, maxTokens: 6, stopTokens: []), beta: 0.04,
                schedule: .constant(1e-3))
            let reward = CompletionReward("even") { _, completion in Float(completion[0] % 2) }
            for step in 0..<12 {
                let buffers = BufferPool.shared.statistics.systemAllocations
                let rollout = grpo.rollout(
                    of: [[1, 2], [3, 4, 5]], using: RandomSource(seed: 1, step: step))
                grpo.step(on: rollout.scored(by: reward))
                if step > 8 { #expect(BufferPool.shared.statistics.systemAllocations == buffers) }
            }
        }
    }
}

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
        let counts: [Int] = [report.rounds, report.sampled, report.differing]
        #expect(counts == [3, 9, 4])
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
