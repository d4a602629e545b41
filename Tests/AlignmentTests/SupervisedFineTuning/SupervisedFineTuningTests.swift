import Alignment
import LanguageModel
import NeuralCore
import Testing

@Suite struct SupervisedFineTuningTests {
    @Test(arguments: [("sft", SupervisedLoss.crossEntropy), ("sft_dft", .dynamic)])
    func tenStepsMatchTRL(_ name: String, _ loss: SupervisedLoss) throws {
        let run = try ParityRun(name)
        let groups = try ParityRun.records().pairs.map {
            CompletionBatch.Group(prompt: $0.prompt, completions: [$0.chosen])
        }
        var tuning = SupervisedFineTuning(
            try ParityRun.model(), loss: loss, optimizer: ParityRun.optimizer, schedule: .constant(1e-3))
        for step in 0..<10 {
            let report = tuning.step(on: CompletionBatch(groups).tokens)
            #expect(report.metrics["entropy"] != nil)
            run.expect(report, at: step)
        }
        try run.expect(tuning.model)
    }

    @Test func accumulationEqualsOneLargeBatch() throws {
        let groups = try ParityRun.records().pairs.map {
            CompletionBatch.Group(prompt: $0.prompt, completions: [$0.chosen])
        }
        let batch = CompletionBatch(groups).tokens
        var whole = SupervisedFineTuning(try ParityRun.model(), schedule: .constant(1e-3))
        var parts = SupervisedFineTuning(try ParityRun.model(), schedule: .constant(1e-3), accumulation: 4)
        let (one, four) = (whole.step(on: batch), parts.step(on: batch))
        #expect(abs(one.loss - four.loss) < 1e-6 * one.loss)
        #expect(abs(one.gradientNorm - four.gradientNorm) < 1e-5 * one.gradientNorm)
    }
}

@Suite struct NoiseAndMixingTests {
    @Test func noiseIsUniformWithinTheBoundOfItsSequence() {
        let forest = Forest([
            .init(length: 10), .init(length: 30, parent: 0), .init(length: 160),
        ])
        let width = 64
        let noise = EmbeddingNoise(magnitude: 5, random: RandomSource(seed: 1)).rows(
            of: forest, width: width)
        for (rows, length) in [(0..<40, Float(40)), (40..<200, 160)] {
            let bound = 5 / (length * Float(width)).squareRoot()
            let values = noise.scalars[rows.lowerBound * width..<rows.upperBound * width]
            #expect(values.allSatisfy { abs($0) <= bound })
            // The variance of a uniform number within ±b is b² / 3, here of thousands of numbers.
            let variance = values.reduce(0) { $0 + $1 * $1 } / Float(values.count)
            #expect(abs(variance - bound * bound / 3) < 0.1 * bound * bound / 3)
        }
    }

    @Test func noiseFollowsFromTheSeedAndTheStep() throws {
        let batch = TokenBatch(predicting: [[1, 2, 3, 4, 5, 6, 7, 8]])
        func losses(_ noise: Float, seed: UInt64) throws -> [Float] {
            var tuning = SupervisedFineTuning(try ParityRun.model(), schedule: .constant(1e-3))
            tuning.embeddingNoise = noise
            tuning.seed = seed
            return (0..<3).map { _ in tuning.step(on: batch).loss }
        }
        #expect(try losses(5, seed: 1) == losses(5, seed: 1))
        #expect(try losses(5, seed: 1) != losses(5, seed: 2))
        #expect(try losses(5, seed: 1) != losses(0, seed: 1))
    }

    @Test func aMixedBatchCostsTheWeightedSumOfBoth() throws {
        let model = try ParityRun.model()
        let groups = try ParityRun.records().pairs.map {
            CompletionBatch.Group(prompt: $0.prompt, completions: [$0.chosen])
        }
        let batch = CompletionBatch(groups).tokens
        let text = TokenBatch(predicting: [[1, 2, 3, 4, 5], [6, 7, 8, 9]])
        let mixed = model.loss(on: batch.mixing(text, share: 0.25)).item()
        let expected = 0.75 * model.loss(on: batch).item() + 0.25 * model.loss(on: text).item()
        #expect(abs(mixed - expected) < 1e-5 * expected)
    }
}
