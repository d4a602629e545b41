import Foundation
import NeuralCore
import Testing

@Suite struct LearningRateScheduleTests {
    @Test func constantStays() {
        #expect(
            [0, 5, 1_000].map { LearningRateSchedule.constant(3e-4).learningRate(at: $0) } == [
                3e-4, 3e-4, 3e-4,
            ])
    }

    @Test(arguments: [
        LearningRateSchedule.warmupThenLinear(peak: 2, warmup: 4, steps: 24, floor: 0.1),
        .warmupThenCosine(peak: 2, warmup: 4, steps: 24, floor: 0.1),
        .warmupStableDecay(peak: 2, warmup: 4, steps: 24, decay: 0.25, floor: 0.1),
    ])
    func warmupRisesInALineAndTheEndIsTheFloor(_ schedule: LearningRateSchedule) {
        #expect((0..<4).map { schedule.learningRate(at: $0) } == [0.5, 1, 1.5, 2])
        #expect(abs(schedule.learningRate(at: 24) - 0.2) < 1e-6)
        #expect(abs(schedule.learningRate(at: 1_000) - 0.2) < 1e-6)
        let rates = (4...30).map { schedule.learningRate(at: $0) }
        #expect(zip(rates, rates.dropFirst()).allSatisfy { $0 >= $1 })
    }

    @Test func halfWayACosineIsAtTheMean() {
        let schedule = LearningRateSchedule.warmupThenCosine(peak: 1, warmup: 0, steps: 10, floor: 0.2)
        #expect(schedule.learningRate(at: 0) == 1)
        #expect(abs(schedule.learningRate(at: 5) - 0.6) < 1e-6)
    }

    @Test func stableMeansStable() {
        let schedule = LearningRateSchedule.warmupStableDecay(peak: 1, warmup: 2, steps: 20, decay: 0.5)
        #expect((2...10).allSatisfy { schedule.learningRate(at: $0) == 1 })
        #expect(abs(schedule.learningRate(at: 15) - 0.5) < 1e-6)
    }
}
