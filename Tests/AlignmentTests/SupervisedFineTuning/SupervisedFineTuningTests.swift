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
