import Alignment
import LanguageModel
import NeuralCore
import Testing

/// Completions that no reward had an opinion on, and rewards that are all the same.
@Suite struct UnjudgedTests {
    /// Two prompts of two completions each; the second prompt's are not judged.
    private func experience(tail: Int32, rewards: [Float] = [1, 0, .nan, .nan]) -> Experience {
        let answers: [[Int32]] = [[3, 0], [4, 4], [5, tail], [6, 0]]
        let completions = answers.enumerated().map { number, tokens in
            Rollout.Completion(prompt: number / 2, tokens: tokens, isEnded: true)
        }
        let rollout = Rollout(
            prompts: [[1, 2], [4, 5]], completions: completions, using: RandomSource(seed: 1))
        return Experience(rollout, rewards: rewards)
    }

    private func make() -> ProximalPolicyOptimization<Transformer> {
        var settings = TinyTask.settings
        settings.groupSize = 2
        return ProximalPolicyOptimization(
            policy: TinyTask.model(), critic: TinyTask.critic(), rollouts: settings,
            plan: UpdatePlan(epochs: 2), kl: .fixed(0), schedule: .constant(1e-2))
    }

    @Test func completionsWithoutARewardTeachNeitherPolicyNorCritic() {
        var (one, other) = (make(), make())
        one.step(on: experience(tail: 7))
        other.step(on: experience(tail: 9))
        for (a, b) in [
            (one.critic.model.parameters, other.critic.model.parameters),
            (one.policy.parameters, other.policy.parameters),
        ] {
            for (x, y) in zip(a, b) {
                #expect(zip(x.value.scalars, y.value.scalars).allSatisfy { abs($0 - $1) < 1e-5 }, "\(x.name)")
            }
        }
        let before = make().critic.model.parameters[0].value.scalars
        #expect(one.critic.model.parameters[0].value.scalars != before)
    }

    @Test func aMiniBatchWithoutARewardMakesNoUpdate() {
        var ppo = make()
        ppo.plan = UpdatePlan(epochs: 1, miniBatches: 2)
        let report = ppo.step(on: experience(tail: 7))
        #expect(report.metrics["updates"] == 1 && ppo.critic.stepsTaken == 1)
        #expect(report.metrics["frac_unjudged"] == 0.5)
    }

    @Test func aMeanOverNoOpinionIsAbsent() {
        func metrics(_ rewards: [Float], _ parts: [String: [Float]] = [:]) -> [[String: Float]] {
            var experience = experience(tail: 7, rewards: rewards)
            experience.parts = parts
            var settings = TinyTask.settings
            settings.groupSize = 2
            var grpo = GroupRelativePolicyOptimization(policy: TinyTask.model(), rollouts: settings)
            var rloo = ReinforceLeaveOneOut(policy: TinyTask.model(), rollouts: settings)
            var online = OnlinePreferenceOptimization(
                DirectPreferenceOptimization(policy: TinyTask.model()), rollouts: settings)
            var ppo = make()
            return [
                grpo.step(on: experience).metrics, rloo.step(on: experience).metrics,
                online.step(on: experience).metrics, ppo.step(on: experience).metrics,
            ]
        }
        let nothing = [Float](repeating: .nan, count: 4)
        for found in metrics(nothing, ["one": nothing]) {
            #expect(found["frac_unjudged"] == 1)
            #expect(found.keys.filter { $0.contains("reward") || $0.contains("scores") } == [])
        }
        for found in metrics([1, 0, .nan, .nan], ["one": nothing, "two": [1, 0, .nan, .nan]]) {
            #expect(found["reward"] == 0.5 && found["rewards/two/mean"] == 0.5)
            #expect(found["rewards/one/mean"] == nil && found["rewards/one/std"] == nil)
        }
    }

    @Test func aPlanCountsNoMoreMiniBatchesThanPrompts() {
        let plan = UpdatePlan(epochs: 3, miniBatches: 4)
        #expect([1, 2, 4, 9].map { plan.updates(prompts: $0) } == [3, 6, 12, 12])
    }

    @Test func theDoctorTellsUnjudgedAnswersFromEqualRewards() {
        func findings(_ rewards: [Float]) -> Set<DoctorFinding.Kind> {
            var settings = TinyTask.settings
            settings.groupSize = 2
            var grpo = GroupRelativePolicyOptimization(policy: TinyTask.model(), rollouts: settings)
            var doctor = Doctor()
            return Set(
                (0..<4).flatMap { _ in
                    doctor.examine(grpo.step(on: experience(tail: 7, rewards: rewards)))
                }.map(\.kind))
        }
        #expect(findings([1, 1, 1, 1]) == [.noRewardSpread])
        #expect(findings([1, 1, 0, 0]) == [.noRewardSpread])
        #expect(findings([.nan, .nan, .nan, .nan]) == [.noReward])
        var (ppo, doctor) = (make(), Doctor())
        let found = (0..<3).flatMap { _ in
            doctor.examine(ppo.step(on: experience(tail: 7, rewards: [.nan, .nan, .nan, .nan])))
        }
        #expect(found.map(\.kind) == [.noReward])
        var (equal, other) = (make(), Doctor())
        let told = (0..<10).flatMap { _ in
            other.examine(equal.step(on: experience(tail: 7, rewards: [1, 1, 1, 1])))
        }
        #expect(told.map(\.kind).contains(.noRewardSpread))
    }

    @Test func aGroupHasTwoAnswers() async {
        await #expect(processExitsWith: .failure) {
            _ = GroupRelativePolicyOptimization(
                policy: TinyTask.model(), rollouts: RolloutSettings(groupSize: 1, stopTokens: [0]))
        }
    }
}
