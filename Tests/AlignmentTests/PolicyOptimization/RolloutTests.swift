import Alignment
import Foundation
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
