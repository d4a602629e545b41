import Alignment
import LanguageModel
import Testing

/// The doctor, fed synthetic reports.
@Suite struct DoctorTests {
    private func report(
        _ step: Int, loss: Float = 1, norm: Float = 1, refusal: StepReport.Refusal? = nil,
        _ metrics: [String: Float] = [:]
    ) -> StepReport {
        StepReport(
            step: step, loss: loss, learningRate: 1e-4, gradientNorm: norm, tokens: 10, refusal: refusal,
            metrics: metrics)
    }

    /// What is found in a run of so many steps, with the steps at which it is.
    private func findings(
        _ steps: Int, _ make: (_ step: Int) -> StepReport
    ) -> [(kind: DoctorFinding.Kind, step: Int)] {
        var doctor = Doctor()
        return (1...steps).flatMap { doctor.examine(make($0)) }.map { ($0.kind, $0.step) }
    }

    /// A share of the way through a run.
    private func part(_ step: Int, of steps: Int) -> Float { Float(step) / Float(steps) }

    @Test func aHealthyRunIsLeftAlone() {
        let supervised = findings(200) { report($0, loss: 3 - 2 * part($0, of: 200)) }
        #expect(supervised.isEmpty)
        let policy = findings(200) { step in
            report(
                step, loss: 0.1,
                [
                    "reward": part(step, of: 200), "kl": 0.1, "entropy": 2 - part(step, of: 200),
                    "frac_reward_zero_std": 0.25, "completions/mean_length": 50 + Float(step % 7),
                    "completions/clipped_ratio": 0.1, "clip_ratio/region_mean": 0.02,
                ])
        }
        #expect(policy.isEmpty)
    }

    @Test func lossesThatStayNotFiniteAreFoundOnce() {
        let found = findings(20) { step in
            report(step, loss: .nan, refusal: 5...10 ~= step || step > 15 ? .lossNotFinite : nil)
        }
        #expect(found.map(\.kind) == [.notFinite, .notFinite] && found.map(\.step) == [7, 18])
    }

    @Test func oneSpikeIsChanceAndTwoAreTheLearningRate() {
        #expect(findings(100) { report($0, loss: $0 == 40 ? 9 : 2) }.isEmpty)
        let found = findings(200) { report($0, loss: [40, 44].contains($0) ? 9 : 2) }
        #expect(found.map(\.kind) == [.lossSpikes] && found[0].step == 44)
        let again = findings(300) { report($0, loss: [40, 44, 200, 205].contains($0) ? 9 : 2) }
        #expect(again.map(\.step) == [44, 205])
    }

    @Test func anEmptyMaskIsSerious() {
        var doctor = Doctor()
        let found = doctor.examine(report(1, loss: 0, norm: 0, refusal: .nothingToLearn))
        #expect(found.map(\.kind) == [.emptyMask] && found[0].severity == .serious)
        #expect(found[0].description.contains("step 1: "))
        #expect(findings(5) { report($0, loss: 0, norm: 0) }.map(\.kind) == [.emptyMask])
        #expect(
            findings(5) { report($0, loss: 0, norm: 0, ["reward": 0, "frac_reward_zero_std": 1]) }.isEmpty)
    }

    @Test func paddingThatEndsTextsIsFound() {
        var doctor = Doctor()
        #expect(doctor.examine(padding: 0, endOfSequence: [2]).isEmpty)
        #expect(doctor.examine(padding: nil, endOfSequence: [2]).isEmpty)
        #expect(doctor.examine(padding: 2, endOfSequence: [1, 2]).map(\.kind) == [.paddingEndsText])
        #expect(doctor.examine(padding: 2, endOfSequence: [1, 2]).isEmpty)
    }

    @Test(arguments: ["kl", "objective/kl"]) func negativeDivergenceIsFoundUnlessItIsNoise(_ key: String) {
        let found = findings(40) { report($0, ["reward": 0, key: $0 < 20 ? 0.1 : -0.3]) }
        #expect(found.map(\.kind) == [.negativeDivergence])
        #expect(findings(40) { report($0, ["reward": 0, key: $0 % 2 == 0 ? 0.3 : -0.3]) }.isEmpty)
    }

    @Test func entropyCollapsesInPoliciesAlone() {
        func run(_ extra: [String: Float]) -> [DoctorFinding.Kind] {
            findings(60) { step in
                report(step, extra.merging(["entropy": step < 30 ? 2 : 0.05]) { $1 })
            }.map(\.kind)
        }
        #expect(run(["reward": 0]) == [.entropyCollapse])
        #expect(run([:]).isEmpty)
    }

    @Test(arguments: [
        ["val/ratio": Float(3)], ["val/ratio_var": 2], ["clip_ratio/region_mean": 0.7],
        ["policy/clipfrac_avg": 0.6],
    ])
    func ratiosExplode(_ metrics: [String: Float]) {
        let found = findings(5) { step in
            report(step, step < 3 ? ["reward": 0] : metrics.merging(["reward": 0]) { $1 })
        }
        #expect(found.map(\.kind) == [.ratioExplosion] && found[0].step == 3)
    }

    @Test func groupsWithoutSpreadTeachNothing() {
        let found = findings(40) { report($0, ["reward": 1, "frac_reward_zero_std": 0.95]) }
        #expect(found.map(\.kind) == [.noRewardSpread])
    }

    @Test func rewardsThatRiseWithLengthAreFound() {
        func run(_ length: (Float) -> Float) -> [DoctorFinding.Kind] {
            findings(60) { step in
                let part = part(step, of: 60)
                return report(step, ["reward": part, "completions/mean_length": length(part)])
            }.map(\.kind)
        }
        #expect(run { 20 + 100 * $0 } == [.lengthHacking])
        #expect(run { 120 - 100 * $0 }.isEmpty)
        #expect(run { 100 + 5 * $0 }.isEmpty)
    }

    @Test func answersThatNeverEndAreFound() {
        #expect(
            findings(20) { report($0, ["reward": 0, "completions/clipped_ratio": 1]) }.map(\.kind) == [
                .cutOff
            ])
    }

    @Test func preferredAnswersMayNotFallWhileTheMarginGrows() {
        func run(chosen: @escaping (Float) -> Float, margin: @escaping (Float) -> Float) -> [DoctorFinding
            .Kind]
        {
            findings(60) { step in
                let part = part(step, of: 60)
                return report(
                    step, loss: 0.5, ["logps/chosen": chosen(part), "rewards/margins": margin(part)])
            }.map(\.kind)
        }
        #expect(run(chosen: { -50 - 30 * $0 }, margin: { $0 }) == [.chosenFalls])
        #expect(run(chosen: { -50 + 10 * $0 }, margin: { $0 }).isEmpty)
        #expect(run(chosen: { -50 - 30 * $0 }, margin: { -$0 }).isEmpty)
    }

    @Test func whatIsExpectedIsSaidToBe() {
        var doctor = Doctor()
        let first = doctor.examine(report(1, loss: 0.6931, ["rewards/margins": 0, "logps/chosen": -50]))
        #expect(first.map(\.kind) == [.startsAtLogTwo] && first[0].severity == .expected)
        #expect(doctor.examine(report(2, loss: 0.69, ["rewards/margins": 0])).isEmpty)
        let policy = findings(30) { report($0, loss: 1e-6, ["reward": 0.5, "frac_reward_zero_std": 0]) }
        #expect(policy.map(\.kind) == [.lossNearZero])
    }
}
