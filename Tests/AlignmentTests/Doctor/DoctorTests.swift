import Alignment
import Foundation
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
        #expect(found.map(\.kind) == [.notFinite] && found.map(\.step) == [7])
    }

    @Test func aFindingThatFlickersIsToldEverMoreRarely() {
        // Twelve bad steps, twelve good ones: cleared each time, and back each time.
        let found = findings(1_000) { step in
            report(step, step % 24 < 12 ? ["reward": 0, "val/ratio": 9] : ["reward": 0, "val/ratio": 1])
        }
        #expect(found.allSatisfy { $0.kind == .ratioExplosion })
        let gaps = zip(found.dropFirst(), found).map { $0.step - $1.step }
        #expect(found.first?.step == 1 && gaps.count == 3)
        for (gap, least) in zip(gaps, [100, 200, 400]) { #expect(gap >= least && gap < least + 24) }
    }

    @Test func aFewHealthyStepsDoNotClearAFinding() {
        var doctor = Doctor()
        func examine(_ steps: ClosedRange<Int>, ratio: Float) -> [DoctorFinding] {
            steps.flatMap { doctor.examine(report($0, ["reward": 0, "val/ratio": ratio])) }
        }
        #expect(examine(1...1, ratio: 9).count == 1)
        #expect(examine(2...8, ratio: 1).isEmpty && doctor.current == [.ratioExplosion])
        #expect(examine(9...9, ratio: 9).isEmpty)
        #expect(examine(10...17, ratio: 1).isEmpty && doctor.current.isEmpty)
        #expect(examine(18...99, ratio: 9).isEmpty && doctor.current == [.ratioExplosion])
        // What stayed away long enough, and is there, is told again.
        #expect(examine(100...150, ratio: 9).map(\.step) == [101])
    }

    @Test func aCheckpointKeepsWhatHasBeenTold() throws {
        var doctor = Doctor()
        #expect(doctor.examine(report(1, ["reward": 0, "val/ratio": 9])).count == 1)
        var copy = try JSONDecoder().decode(Doctor.self, from: JSONEncoder().encode(doctor))
        #expect(copy == doctor)
        #expect(copy.examine(report(2, ["reward": 0, "val/ratio": 9])).isEmpty)
        let older = #"{"current":["ratio_explosion"],"series":{},"notFinite":0,"spikes":[],"step":4}"#
        #expect(try JSONDecoder().decode(Doctor.self, from: Data(older.utf8)).current.isEmpty)
    }

    @Test func oneSpikeIsChanceAndTwoAreTheLearningRate() {
        #expect(findings(100) { report($0, loss: $0 == 40 ? 9 : 2) }.isEmpty)
        let found = findings(200) { report($0, loss: [40, 44].contains($0) ? 9 : 2) }
        #expect(found.map(\.kind) == [.lossSpikes] && found[0].step == 44)
        let again = findings(300) { report($0, loss: [40, 44, 200, 205].contains($0) ? 9 : 2) }
        #expect(again.map(\.step) == [44, 205])
    }

    @Test func noiseAndAFallingRateAreNotTheLearningRate() {
        // Losses with a long tail, as small batches have: no two of them are alike.
        let noise = findings(400) { step in
            let x = Float((step &* 7919) % 997 + 1) / 998
            return report(step, loss: 0.4 - 0.6 * Float(log(Double(x))))
        }
        #expect(noise.isEmpty)
        func run(rate: @escaping (Int) -> Float) -> [DoctorFinding.Kind] {
            findings(400) { step in
                var report = report(step, loss: [300, 304, 310].contains(step) ? 9 : 2)
                report.learningRate = rate(step)
                return report
            }.map(\.kind)
        }
        #expect(run { 1e-3 * (1 - part($0, of: 400)) }.isEmpty)
        #expect(run { _ in 1e-3 } == [.lossSpikes])
    }

    @Test func anEmptyMaskIsSerious() {
        var doctor = Doctor()
        let found = doctor.examine(report(1, loss: 0, norm: 0, refusal: .nothingToLearn))
        #expect(found.map(\.kind) == [.emptyMask] && found[0].severity == .serious)
        #expect(found[0].description.contains("step 1: "))
        #expect(found[0].description.contains("no token counts"))
        // A student that is its own teacher counts every token, and finds nothing to learn in them.
        #expect(findings(5) { report($0, loss: 0, norm: 0) }.map(\.kind) == [.emptyMask])
        var another = Doctor()
        let silent = another.examine(report(1, loss: 0, norm: 0))
        #expect(silent.count == 1 && silent[0].description.contains("loss and its gradient are zero"))
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
