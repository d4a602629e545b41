import Alignment
import ArgumentParser
import LanguageModel
import NeuralCore

/// `hone orpo`: imitates preferred answers and makes the others less likely, without a reference.
struct ORPOCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "orpo",
        abstract: "Imitate preferred answers and make the others less likely, without a reference (ORPO).",
        discussion: paragraphs(
            """
            Works from a base model too, in one stage.

            Unless given: 4,096 tokens a step, each pair once, learning rate 1e-6, falling in a line to 0
            after 5 % of the steps. Documentation/Defaults.md has all defaults,
            Documentation/Records.md the schemas of records.

              hone orpo --model base --data preferences.jsonl --output assistant
            """))

    @OptionGroup var data: DataOptions
    @OptionGroup var training: TrainingOptions

    @Option(help: ArgumentHelp("What the odds count beside the imitation.", valueName: "x"))
    var beta: Float = 0.1

    func validate() throws {
        try check("--beta", beta, .positive)
    }

    func run() throws { try reportingErrors { try run(CommandContext()) } }

    /// Runs the stage.
    @discardableResult
    func run(_ context: CommandContext) throws -> TrainingRun.Result? {
        let run = try ExampleRun(
            data, training, defaults: TrainingDefaults(learningRate: 1e-6)
        ) { reader, files in try reader.pairs(files, usingMargins: false) }
        return try run.run("orpo", own: ["beta": "\(beta)"], noun: "pair", context) {
            ReferenceFreeOptimization(
                policy: run.policy, method: .orpo, beta: beta, optimizer: run.settings.optimizer,
                schedule: run.settings.schedule, maxGradientNorm: run.settings.maxGradientNorm)
        }
    }
}
