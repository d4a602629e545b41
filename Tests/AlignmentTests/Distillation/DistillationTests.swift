import Alignment
import Foundation
import LanguageModel
import NeuralCore
import Testing

@Suite struct DistillationTests {
    /// The teacher of the runs of TRL, wider than the student.
    static func teacher() throws -> Transformer {
        var configuration = try TransformerConfiguration(
            contentsOf: ParityRun.folder.appending(component: "config.json"))
        (configuration.width, configuration.heads) = (24, 3)
        var random = RandomSource(seed: 0)
        var model = Transformer(configuration, using: &random)
        try Checkpoint(ParityRun.folder.appending(component: "teacher.safetensors")).loadParameters(
            into: &model)
        return model
    }

    static func student(
        beta: Float = 0.5, lambda: Float = 0, temperature: Float = 1
    ) throws -> Distillation<Transformer> {
        var distillation = Distillation(
            try ParityRun.model(), teacher: try teacher(),
            rollouts: try ParityRollouts.load().settings(groupSize: 1, temperature: temperature), beta: beta,
            lambda: lambda, optimizer: ParityRun.optimizer, schedule: .constant(1e-3))
        distillation.seed = 4
        return distillation
    }

    /// The completions of a rollout with their prompts.
    static func texts(_ made: ParityRollouts.Made) -> [SupervisedTokens] {
        zip(made.prompts, made.completions).map { prompt, completions in
            SupervisedTokens(
                ids: prompt + completions[0],
                isTrained: prompt.map { _ in false } + completions[0].map { _ in true })
        }
    }

    @Test func givenRepliesMatchTRL() throws {
        let run = try ParityRun("gkd_off_policy")
        var distillation = try Self.student(beta: 0.3)
        for (step, made) in try ParityRollouts.load().single.enumerated() {
            let report = distillation.step(on: Self.texts(made))
            #expect(report.metrics["completions/mean_length"] == nil)
            run.expect(report, at: step)
        }
        try run.expect(distillation.model)
    }

    @Test(
        arguments: [("forward", 0, 1), ("mixture", 0.5, 0.7), ("reverse", 1, 1)] as [(String, Float, Float)])
    func repliesOfTheStudentMatchTRL(_ name: String, beta: Float, temperature: Float) throws {
        let run = try ParityRun("distillation_\(name)")
        let rollouts = try ParityRollouts.load()
        var distillation = try Self.student(beta: beta, temperature: temperature)
        for (step, made) in rollouts.single.enumerated() {
            let report = distillation.step(on: rollouts.experience(made).rollout)
            for key in run.steps[step].keys where !["num_tokens", "loss", "grad_norm"].contains(key) {
                #expect(report.metrics[key] != nil, "\(key)")
            }
            run.expect(report, at: step)
        }
        try run.expect(distillation.model)
    }

    @Test(arguments: [1, 0.6] as [Float]) func partsEqualOneLargeBatch(temperature: Float) throws {
        let texts = Self.texts(try ParityRollouts.load().single[0])
        var whole = try Self.student(temperature: temperature)
        var parts = whole
        parts.rowsAtOnce = 20
        let figures = (whole.validation(on: texts), parts.validation(on: texts))
        let (one, several) = (whole.step(on: texts), parts.step(on: texts))
        #expect(abs(one.loss - several.loss) < 1e-5 * one.loss)
        #expect(abs(one.gradientNorm - several.gradientNorm) < 1e-5 * one.gradientNorm)
        #expect(abs(figures.0["loss"]! - one.loss) < 1e-5 * one.loss)
        for key in ["loss", "entropy", "mean_token_accuracy"] {
            #expect(abs(figures.0[key]! - figures.1[key]!) < 1e-5, "\(key)")
        }
    }

    @Test(arguments: [0, 0.4, 1] as [Float])
    func lambdaIsTheShareOfStepsOnRepliesOfTheStudent(_ lambda: Float) throws {
        let texts = Self.texts(try ParityRollouts.load().single[0])
        var distillation = try Self.student(lambda: lambda)
        let count = (0..<40).count { _ in
            distillation.step(on: texts).metrics["completions/mean_length"] != nil
        }
        switch lambda {
        case 0: #expect(count == 0)
        case 1: #expect(count == 40)
        default: #expect((9...23).contains(count), "\(count) of 40")
        }
    }

    @Test func anInterruptedRunGoesOnWithTheSameBits() throws {
        struct Interrupt: Error {}
        let texts = Self.texts(try ParityRollouts.load().single[0])
        var whole = try Self.student(lambda: 0.5)
        for _ in 0..<6 { whole.step(on: texts) }

        var begun = try Self.student(lambda: 0.5)
        for _ in 0..<3 { begun.step(on: texts) }
        let folder = try PolicyCheckpointTests.folder
        defer { try? FileManager.default.removeItem(at: folder) }
        try begun.writeCheckpoint(to: folder)
        begun.lambda = 1
        #expect(throws: Interrupt.self) {
            try begun.step(on: texts) { () throws(Interrupt) in throw Interrupt() }
        }
        #expect(begun.stepsDone == 3)

        var resumed = try Self.student(lambda: 0.5)
        try resumed.readCheckpoint(from: folder)
        for _ in 0..<3 { resumed.step(on: texts) }
        for (one, other) in zip(whole.model.parameters, resumed.model.parameters) {
            #expect(one.value.scalars == other.value.scalars, "\(one.name)")
        }
    }

    @Test func theLastAnswerIsReplied() {
        func prompt(_ mask: String) -> [Int32] {
            SupervisedTokens(ids: mask.map { _ in 0 }, isTrained: mask.map { $0 == "x" })
                .lastPrompt
        }
        #expect(prompt("..xx..xxx").count == 6)
        #expect(prompt("..xx..xx.").count == 6)
        #expect(prompt("xxxx").isEmpty)
        #expect(prompt("....").isEmpty)
    }

    @Test func nothingIsLearnedWherePromptsLeaveNoRoom() throws {
        let long = SupervisedTokens(
            ids: [Int32](repeating: 3, count: 70), isTrained: (0..<70).map { $0 == 69 })
        var distillation = try Self.student(lambda: 1)
        let before = distillation.model.parameters.map(\.value.scalars)
        #expect(distillation.step(on: [long]).refusal == .nothingToLearn)
        #expect(distillation.model.parameters.map(\.value.scalars) == before)
    }
}
