import Alignment
import ArgumentParser
import LanguageModel
import NeuralCore

/// `hone orpo`: imitates preferred answers and makes the others less likely, without a reference.
struct ORPOCommand: TrainingCommand {
    static let title = "Odds-ratio preference optimization"
    static let defaults = TrainingDefaults(learningRate: 1e-6)
    static let configuration = CommandConfiguration(
        commandName: "orpo",
        abstract: "Imitate preferred answers and make the others less likely, without a reference (ORPO).",
        discussion: paragraphs(
            """
            Works from a base model too, in one stage.

            \(defaults.paragraph(each: "pair"))

              hone orpo --model base --data preferences.jsonl --output assistant
            """))

    @OptionGroup var data: DataOptions
    @OptionGroup var training: TrainingOptions

    @Option(
        help: ArgumentHelp("Weight of the odds-ratio term, relative to the cross-entropy.", valueName: "x"))
    var beta: Float = 0.1

    func validate() throws {
        try check("--beta", beta, .positive)
    }

    func run(_ context: CommandContext) throws -> RunResult? {
        let examples = try ExampleData(
            data, training, defaults: Self.defaults
        ) { reader, files in try reader.pairs(files, usingMargins: false) }
        return try TrainingRun(self, on: examples, noun: "pair", context) {
            ReferenceFreeOptimization(
                policy: examples.start.policy, objective: .init(.orpo, beta: beta),
                optimizer: examples.settings.optimizer, schedule: examples.settings.schedule,
                maxGradientNorm: examples.settings.maxGradientNorm)
        }.run()
    }
}
