import Alignment
import ArgumentParser
import Formatting
import Foundation
import LanguageModel
import NeuralCore

/// `hone pretrain`: makes a base model of a corpus.
struct PretrainCommand: TrainingCommand {
    static let title = "Pre-training"
    /// The learning rate is that of a model of 256 channels.
    static let defaults = TrainingDefaults(
        learningRate: TrainingRecipe.learningRate(width: 256), muonLearningRate: 0.02, schedule: .cosine,
        floor: 0.1, weightDecay: 0.1, beta2: 0.95)
    static let configuration = CommandConfiguration(
        commandName: "pretrain",
        abstract: "Make a base model: learn to predict the next token of a corpus.",
        discussion: paragraphs(
            """
            CORPUS is a folder made by "hone corpus", or any text file or folder of text. The
            dial --depth gives a well-proportioned model with its learning rate, batch and
            number of tokens; each can be set by hand. --model goes on with a model instead.

            Unless given: \(TrainingRecipe.tokensPerParameter) tokens for each parameter in all, the square root \
            of that many a step, \(defaults.rate(over: "steps", times: " · √(256 / width)")). \
            Documentation/Defaults.md has all defaults, and which depth fits which corpus.

              hone pretrain --corpus corpus --tokenizer tokenizer.json --depth 4 --output base
            """))

    @OptionGroup var training: TrainingOptions

    @Option(
        help: ArgumentHelp(
            "A folder made by hone corpus, a text file, or a folder of text.", valueName: "dir"),
        completion: .file())
    var corpus: String

    @Option(
        help: ArgumentHelp("The tokenizer; that of --model unless given.", valueName: "file"),
        completion: .file())
    var tokenizer: String?

    @Option(
        help: ArgumentHelp(
            "Blocks of a new model; its width, learning rate, batch and tokens follow from them.",
            valueName: "n"))
    var depth: Int?

    @Option(
        help: ArgumentHelp("Channels of a new model; 64 for each block unless given.", valueName: "n")
    )
    var width: Int?

    @Option(
        help: ArgumentHelp("Channels of an attention head of a new model; 64 unless given.", valueName: "n"))
    var headSize: Int?

    @Option(
        help: ArgumentHelp("A model to continue training, instead of a new one.", valueName: "dir"),
        completion: .model)
    var model: String?

    @Option(help: ArgumentHelp("Tokens in a window, the longest context in training.", valueName: "n"))
    var context = 256

    @Option(
        help: ArgumentHelp(
            "Windows in a step; as many as hold the square root of all tokens unless given.", valueName: "n"))
    var batch: Int?

    @Option(help: ArgumentHelp("Tokens to train on in all, instead of --steps.", valueName: "n"))
    var tokens: Int?

    @Option(
        help: ArgumentHelp(
            "The share of code documents rearranged for filling in the middle; the tokenizer needs <|fim_prefix|>, "
                + "<|fim_suffix|> and <|fim_middle|> then.", valueName: "x"))
    var fimRate: Float = 0

    @Option(
        help: ArgumentHelp(
            "Weight of the z-loss, which keeps the softmax's denominator near one; 1e-4 is usual.",
            valueName: "x")
    )
    var zLoss: Float = 0

    @OptionGroup var evaluation: EvaluationOptions

    func validate() throws {
        guard model != nil || (depth != nil && tokenizer != nil) else {
            throw ValidationError(
                "Give --depth and --tokenizer for a new model, or --model to go on with one.")
        }
        guard model == nil || (depth == nil && width == nil && headSize == nil) else {
            throw ValidationError(
                "--depth, --width and --head-size are of a new model; --model goes on with one.")
        }
        try refuse("--tokens", if: tokens != nil && training.steps != nil, "--steps says how long")
        try check("--depth", depth, in: 1...1_000)
        try check("--width", width, in: 8...1_000_000)
        try check("--head-size", headSize, in: 8...1_000)
        try check("--batch", batch, in: 1...Most.examples)
        try check("--tokens", tokens, in: 1...Int.max)
        try check("--accumulation", training.accumulation, in: 1...min(batch ?? Most.examples, Most.examples))
        try check("--context", context, in: 2...Most.tokens)
        guard (headSize ?? 64) % 2 == 0 else { throw ValidationError("--head-size must be even.") }
        if let width = width ?? depth.map({ 64 * $0 }), width % (headSize ?? 64) != 0 {
            throw ValidationError("--width must be a multiple of the size of a head, \(headSize ?? 64).")
        }
        try check("--fim-rate", fimRate, .fraction)
        try check("--z-loss", zLoss, .notNegative)
    }

    func run(_ commandContext: CommandContext) throws -> RunResult? {
        let parts = training.sharing(among: commandContext.communicator).parts
        let setup = try setup(parts: parts)
        let folder =
            training.dryRun
            ? FileManager.default.temporaryDirectory.appending(component: "hone-\(UUID().uuidString)")
            : URL(filePath: training.output).appending(component: "tokens")
        defer { if training.dryRun { try? FileManager.default.removeItem(at: folder) } }
        // The first rank writes the tokens, the others read them then.
        let isShared = !commandContext.isFirst && !training.dryRun
        if isShared { commandContext.communicator.barrier() }
        let tokens = try training.withOutput(commandContext) {
            try commandContext.interruption.heeding {
                try PretrainingTokens(
                    corpus: corpus, tokenizer: setup.files.tokenizer, tokenizerFile: setup.files.contents,
                    folder: folder, commandContext.interruption)
            }
        }
        if commandContext.isFirst, !training.dryRun { commandContext.communicator.barrier() }
        let passes = CorpusPasses(
            corpusTokens: tokens.training.tokenCount + tokens.training.count,
            plannedTokens: setup.plannedTokens(context: context))
        if !training.resume {
            warn(passes, tokens.validation, vocabulary: setup.files.tokenizer.vocabularySize)
        }
        var command = self
        command.batch = setup.perBatch
        if model == nil {
            (command.width, command.headSize) = (setup.configuration.width, setup.configuration.headSize)
        }
        var contents = ["corpus": tokens.stamp]
        if let model {
            contents["model_weights"] =
                try Fingerprint(of: ModelDirectory(URL(filePath: model)).transformer()).text
        }
        let data =
            "\(counted(tokens.training.count, "document")), \(counted(tokens.training.tokenCount, "token")), "
            + passes.described
        var run = try TrainingRun<Pretraining, TokenWindows>(
            Self.self, setup.settings, options: command.values(), contents: contents, commandContext,
            start: { try start(setup, tokens.training) },
            plan: {
                TrainingPlan(
                    $0.model, moving: $0.model, steps: setup.steps,
                    tokens: setup.plannedTokens(context: context),
                    tokensInStep: Double(setup.perBatch / parts * context), sequenceLength: context,
                    data: data)
            },
            step: { pretraining, windows in
                guard let batch = windows.next() else {
                    throw TrainingRunError.noExamples(file: "the corpus", reason: "no document has a token")
                }
                return pretraining.step(on: batch)
            },
            write: { try write($0.model, setup.files, to: $1) })
        try measure(&run, setup, on: tokens.validation)
        return try run.run()
    }

    /// The method and its windows at the first step.
    private func start(_ setup: Setup, _ documents: CorpusTokens) throws -> (Pretraining, TokenWindows) {
        var random = RandomSource(seed: training.seed)
        var transformer =
            try model.map { try ModelDirectory(URL(filePath: $0)).transformer() }
            ?? Transformer(setup.configuration, using: &random)
        transformer = training.applied(to: transformer)
        if transformer.endOfSequence.isEmpty { transformer.endOfSequence = [setup.endOfText] }
        let pretraining = Pretraining(
            transformer, optimizer: setup.settings.optimizer, schedule: setup.settings.schedule,
            maxGradientNorm: setup.settings.maxGradientNorm, zLoss: zLoss)
        let windows = TokenWindows(
            documents, endOfText: setup.endOfText, length: context, perBatch: setup.perBatch,
            fillInTheMiddle: setup.fill, isShuffled: !training.noShuffle, using: random.split())
        return (pretraining, windows)
    }

    /// Windows of the validation part that are enough to measure a model on.
    static let heldOutWindows = 64

    /// Has a run measure its model on documents that it does not learn from, and show a sample.
    private func measure(
        _ run: inout TrainingRun<Pretraining, TokenWindows>, _ setup: Setup, on documents: CorpusTokens
    ) throws {
        let tokenizer = setup.files.tokenizer
        run.evaluationInterval = evaluation.interval(of: setup.steps)
        run.padding = (
            setup.configuration.padding
                ?? setup.files.configuration.padding.flatMap(tokenizer.id(ofAddedToken:)),
            [setup.endOfText] + setup.configuration.endOfSequence
        )
        run.sample = { sample(of: $0.model, after: setup.endOfText, tokenizer) }
        let held = HeldOutWindows(
            documents, tokenizer: tokenizer, endOfText: setup.endOfText, length: context,
            count: Self.heldOutWindows)
        guard let held else {
            guard evaluation.stopping == nil else {
                throw TrainingRunError.noExamples(
                    file: corpus, reason: "its validation part has no document", purpose: "evaluate on")
            }
            return
        }
        (run.stopping, run.keepsBest) = (evaluation.stopping, evaluation.keepBest != nil)
        run.evaluatedFigures = { _ in ["loss", "bits_per_byte"] }
        run.evaluate = { pretraining in
            let nats = held.cost(to: pretraining.model, pretraining.training.sharing)
            return [
                "loss": Float(nats / Double(held.tokenCount)),
                "bits_per_byte": Float(held.bitsPerByte(nats)),
            ]
        }
    }

    /// Returns a text that the model generates from nothing, in one line.
    private func sample(
        of model: Transformer, after endOfText: Int32, _ tokenizer: BytePairTokenizer
    ) -> String {
        let sampleTokens = 48
        var decoding = Decoding(
            model, prompts: [[endOfText]], sampling: .topP(0.95, temperature: 0.8),
            stopTokens: [endOfText], maxTokens: sampleTokens, using: RandomSource(seed: training.seed))
        while !decoding.isFinished { decoding.step() }
        let tokens = decoding.sequences[0].tokens.filter { $0 != endOfText }
        let text = tokenizer.decode(tokens).split(whereSeparator: \.isNewline).joined(separator: " ⏎ ")
        return TerminalStyle.harmless(text)
    }

    /// Writes the model with its tokenizer.
    private func write(_ trained: Transformer, _ files: TokenizerFiles, to folder: URL) throws {
        try writeAtomically(files.contents, to: folder.appending(component: "tokenizer.json"))
        try files.configuration.write(to: folder.appending(component: "tokenizer_config.json"))
        let generation = try model.map { try GenerationConfiguration(directory: URL(filePath: $0)) }
        try ModelDirectory(folder).write(trained, generation: generation ?? GenerationConfiguration())
    }
}
