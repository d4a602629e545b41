import Alignment
import ArgumentParser
import Foundation
import LanguageModel
import NeuralCore

/// `hone sft`: teaches a model to answer, from conversations.
struct SFTCommand: TrainingCommand {
    static let title = "Supervised fine-tuning"
    static let defaults = TrainingDefaults(learningRate: 2e-5, muonLearningRate: 0.02)
    static let configuration = CommandConfiguration(
        commandName: "sft",
        abstract: "Teach a model to answer, from conversations that show how.",
        discussion: paragraphs(
            """
            Records are conversations ({"messages":[…]}), prompts with completions, or plain
            text. Only what the assistant says is learned. A base model learns ChatML; a chat
            model keeps its own template. Prompts of plain text are read as they stand, unless
            --chat makes them what a user says.

            \(defaults.paragraph(each: "record", "; from a small model made from nothing, 3e-4 is better"))

              hone sft --model base --data conversations.jsonl --output assistant
            """))

    @OptionGroup var data: DataOptions
    @OptionGroup var training: TrainingOptions

    @Option(help: "The loss: cross-entropy, or dynamic (DFT).")
    var loss: LossName = .crossEntropy

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Raw text that is mixed into every step, against forgetting: corpora, text files, or JSON Lines with a "
                + "\"text\".", valueName: "path"), completion: .file())
    var mixIn: [String] = []

    @Option(
        help: ArgumentHelp(
            "The share of raw text in the loss and in the tokens; 0.1 unless given.", valueName: "x"))
    var mixInShare: Float?

    @Option(help: ArgumentHelp("Noise on embeddings (NEFTune); 5 is usual.", valueName: "x"))
    var neftune: Float = 0

    /// `SupervisedLoss` by its name.
    enum LossName: String, ExpressibleByArgument, CaseIterable, Encodable {
        case crossEntropy = "cross-entropy"
        case dynamic
    }

    func validate() throws {
        try refuse("--mix-in-share", if: mixInShare != nil && mixIn.isEmpty, "it needs --mix-in")
        try check("--mix-in-share", mixInShare, .positive)
        try check("--mix-in-share", mixInShare, .share)
        try check("--neftune", neftune, .notNegative)
    }

    func run(_ context: CommandContext) throws -> RunResult? {
        let examples = try ExampleData(
            data, training, defaults: Self.defaults
        ) { reader, files in try reader.demonstrations(files) }
        let mixture = try mixture(windows: examples.context, examples.start.chat)
        var command = self
        command.mixInShare = mixture?.share
        let contents = mixture.map { ["mix_in": Fingerprint(of: $0).text] } ?? [:]
        return try TrainingRun(
            command, on: examples, reading: contents, noun: "conversation",
            tokenFactor: mixture?.tokenFactor ?? 1, context
        ) {
            var tuning = SupervisedFineTuning(
                examples.start.policy, loss: loss == .dynamic ? .dynamic : .crossEntropy,
                optimizer: examples.settings.optimizer,
                schedule: examples.settings.schedule, maxGradientNorm: examples.settings.maxGradientNorm)
            tuning.embeddingNoise = neftune
            tuning.seed = training.seed
            tuning.mixture = mixture
            return tuning
        }.run()
    }

    /// The raw text, cut into windows; nil where there is none.
    private func mixture(windows length: Int, _ chat: ChatModel) throws -> TextMixture? {
        guard !mixIn.isEmpty else { return nil }
        var windows: [[Int32]] = []
        for path in mixIn {
            try RawTexts(URL(filePath: path)).forEach { windows += chat.windows(of: $0, length: length) }
        }
        guard !windows.isEmpty else {
            throw TrainingRunError.noExamples(
                file: mixIn.joined(separator: ", "), reason: "it holds no text")
        }
        return TextMixture(windows, share: mixInShare ?? 0.1)
    }
}
