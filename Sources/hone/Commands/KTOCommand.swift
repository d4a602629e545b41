import Alignment
import ArgumentParser
import LanguageModel
import NeuralCore

/// `hone kto`: moves a model toward answers called good and away from those called bad.
struct KTOCommand: TrainingCommand {
    static let title = "Kahneman–Tversky optimization"
    static let defaults = TrainingDefaults(learningRate: 1e-6)
    static let configuration = CommandConfiguration(
        commandName: "kto",
        abstract: "Move a model toward answers called good and away from bad ones, without pairs (KTO).",
        discussion: paragraphs(
            """
            Records are {"prompt":[{"role":"user","content":…}],"completion":[…],"label":true}; a label is
            true or false, or 1 or 0. Pairs are taken apart into one good and one bad answer.

            \(defaults.paragraph(each: "answer"))

              hone kto --model assistant --data judged.jsonl --output better
            """))

    @OptionGroup var data: DataOptions
    @OptionGroup var training: TrainingOptions

    @Option(help: ArgumentHelp("The weight of the KL divergence from the initial model.", valueName: "x"))
    var beta: Float = 0.1

    @Option(help: ArgumentHelp("Weight of good answers in the loss.", valueName: "x"))
    var desirableWeight: Float = 1

    @Option(help: ArgumentHelp("Weight of bad answers in the loss.", valueName: "x"))
    var undesirableWeight: Float = 1

    func validate() throws {
        try check("--beta", beta, .positive)
        try check("--desirable-weight", desirableWeight, .notNegative)
        try check("--undesirable-weight", undesirableWeight, .notNegative)
        if data.batch == 1 {
            throw ValidationError(
                "--batch must be at least 2: prompts are compared with each other's answers.")
        }
    }

    func run(_ context: CommandContext) throws -> RunResult? {
        let examples = try ExampleData(
            data, training, defaults: Self.defaults
        ) { reader, files in try reader.labels(files) }
        return try TrainingRun(self, on: examples, noun: "answer", context) {
            var kto = KahnemanTverskyOptimization(
                policy: examples.start.policy, reference: examples.start.model, objective: .init(beta: beta),
                optimizer: examples.settings.optimizer,
                schedule: examples.settings.schedule, maxGradientNorm: examples.settings.maxGradientNorm)
            kto.desirableWeight = desirableWeight
            kto.undesirableWeight = undesirableWeight
            return kto
        }.run()
    }
}
