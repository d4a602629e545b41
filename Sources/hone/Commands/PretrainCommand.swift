import Alignment
import ArgumentParser
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

    @Option(help: ArgumentHelp("What to learn from.", valueName: "dir"), completion: .file())
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
        help: ArgumentHelp("A model to go on with, instead of a new one.", valueName: "dir"),
        completion: .model)
    var model: String?

    @Option(help: ArgumentHelp("Tokens in a window: how far the model looks back.", valueName: "n"))
    var context = 256

    @Option(
        help: ArgumentHelp(
            "Windows in a step; as many as hold the square root of all tokens unless given.", valueName: "n"))
    var batch: Int?

    @Option(help: ArgumentHelp("Tokens to train on in all, instead of --steps.", valueName: "n"))
    var tokens: Int?

    @Option(help: ArgumentHelp("Into how many parts a step is cut, to save memory.", valueName: "n"))
    var accumulation = 1

    @Option(
        help: ArgumentHelp(
            "The share of code documents rearranged for filling in the middle; the tokenizer needs <|fim_prefix|>, "
                + "<|fim_suffix|> and <|fim_middle|> then.", valueName: "x"))
    var fimRate: Float = 0

    @Option(
        help: ArgumentHelp("Holds the softmax's denominator near one; 1e-4 where it is used.", valueName: "x")
    )
    var zLoss: Float = 0

    @Option(
        help: ArgumentHelp(
            "Steps between validations, with a sample each; an eighth of the run unless given.",
            valueName: "n"))
    var validateEvery: Int?

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
        try check("--accumulation", accumulation, in: 1...min(batch ?? Most.examples, Most.examples))
        try check("--validate-every", validateEvery, in: 1...Most.steps)
        try check("--context", context, in: 2...Most.tokens)
        guard (headSize ?? 64) % 2 == 0 else { throw ValidationError("--head-size must be even.") }
        if let width = width ?? depth.map({ 64 * $0 }), width % (headSize ?? 64) != 0 {
            throw ValidationError("--width must be a multiple of the size of a head, \(headSize ?? 64).")
        }
        try check("--fim-rate", fimRate, .fraction)
        try check("--z-loss", zLoss, .notNegative)
    }

    func run(_ commandContext: CommandContext) throws -> RunResult? {
        try training.directory.check(resumes: training.resume)
        try refuseAdapter()
        let files = try tokenizerFiles()
        let tokenizer = files.tokenizer
        let configuration = try configuration(tokenizer)
        let endOfText = try endOfText(tokenizer)
        let fill = try fillInTheMiddle(tokenizer)
        let recipe = TrainingRecipe(for: configuration)
        let perBatch = batch ?? max(1, recipe.tokensPerStep / context)
        guard accumulation <= perBatch else {
            throw ValidationError(
                "--accumulation \(accumulation) is more than the windows of a step, \(perBatch).")
        }
        let steps = training.steps ?? max(1, (self.tokens ?? recipe.tokens) / (perBatch * context))
        let need = MemoryNeed(
            parameters: configuration.parameterCount, trained: configuration.parameterCount,
            channels: configuration.width * configuration.depth,
            tokensInStep: perBatch / accumulation * context)
        try need.check()
        let folder =
            training.dryRun
            ? FileManager.default.temporaryDirectory.appending(component: "hone-\(UUID().uuidString)")
            : URL(filePath: training.output).appending(component: "tokens")
        defer { if training.dryRun { try? FileManager.default.removeItem(at: folder) } }
        let tokens = try training.withOutput {
            try commandContext.interruption.heeding {
                try PretrainingTokens(
                    corpus: corpus, tokenizer: tokenizer, tokenizerFile: files.contents, folder: folder,
                    commandContext.interruption)
            }
        }
        let passes = CorpusPasses(
            corpusTokens: tokens.training.tokenCount + tokens.training.count,
            plannedTokens: Double(steps) * Double(perBatch) * Double(context))
        if !training.resume { warn(passes, tokens.validation, vocabulary: tokenizer.vocabularySize) }
        var defaults = Self.defaults
        defaults.learningRate = recipe.learningRate
        let settings = try TrainingSettings(
            options: training, defaults: defaults, steps: steps, from: "--tokens")
        var command = self
        command.batch = perBatch
        if model == nil { (command.width, command.headSize) = (configuration.width, configuration.headSize) }
        var contents = ["corpus": tokens.stamp]
        if let model {
            contents["model_weights"] =
                try Fingerprint(of: ModelDirectory(URL(filePath: model)).transformer()).text
        }
        let counts =
            "\(counted(tokens.training.count, "document")), \(counted(tokens.training.tokenCount, "token"))"
        var run = try TrainingRun<Pretraining, TokenWindows>(
            Self.self, settings, options: command.values(), contents: contents, commandContext,
            start: {
                var random = RandomSource(seed: training.seed)
                var transformer =
                    try model.map { try ModelDirectory(URL(filePath: $0)).transformer() }
                    ?? Transformer(configuration, using: &random)
                transformer.precision = settings.precision
                if transformer.endOfSequence.isEmpty { transformer.endOfSequence = [endOfText] }
                let pretraining = Pretraining(
                    transformer, optimizer: settings.optimizer, schedule: settings.schedule,
                    maxGradientNorm: settings.maxGradientNorm, zLoss: zLoss, accumulation: accumulation)
                let windows = TokenWindows(
                    tokens.training, endOfText: endOfText, length: context, perBatch: perBatch,
                    fillInTheMiddle: fill, isShuffled: !training.noShuffle, using: random.split())
                return (pretraining, windows)
            },
            plan: {
                TrainingPlan(
                    $0.model, moving: $0.model, steps: steps,
                    tokens: Double(steps) * Double(perBatch * context),
                    tokensInStep: Double(perBatch / accumulation * context), sequenceLength: context,
                    data: "\(counts), \(passes.described)")
            },
            step: { pretraining, windows in
                guard let batch = windows.next() else {
                    throw TrainingRunError.noExamples(file: "the corpus", reason: "no document has a token")
                }
                return pretraining.step(on: batch)
            },
            write: { try write($0.model, files, to: $1) })
        run.validationInterval = validateEvery ?? max(1, steps / 8)
        run.padding = (
            configuration.padding ?? files.configuration.padding.flatMap(tokenizer.id(ofAddedToken:)),
            [endOfText] + configuration.endOfSequence
        )
        if let held = HeldOutWindows(
            tokens.validation, tokenizer: tokenizer, endOfText: endOfText, length: context,
            count: Self.heldOutWindows)
        {
            run.validate = { pretraining in
                let nats = held.cost(to: pretraining.model)
                return [
                    "loss": Float(nats / Double(held.tokenCount)),
                    "bits_per_byte": Float(held.bitsPerByte(nats)),
                ]
            }
        }
        run.sample = { sample(of: $0.model, after: endOfText, tokenizer) }
        return try run.run()
    }

    /// What a model writes where it is given nothing, in a line.
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

    // MARK: What it is made of

    private func refuseAdapter() throws {
        guard let model else { return }
        let adapter = URL(filePath: model).appending(component: "adapter_config.json")
        guard FileManager.default.fileExists(atPath: adapter.path(percentEncoded: false)) else { return }
        throw TrainingRunError.unsupported(
            "\(model): holds an adapter, and pretrain trains whole models; name the model that the adapter is for, or "
                + "merge the two: --merge where the adapter is trained, merge_and_unload() in PEFT")
    }

    private typealias TokenizerFiles = (
        tokenizer: BytePairTokenizer, contents: Data, configuration: TokenizerConfiguration
    )

    private func tokenizerFiles() throws -> TokenizerFiles {
        let folder = model.map { URL(filePath: $0) }
        let file = self.tokenizer.map { URL(filePath: $0) }
        let tokenizer =
            if let file { try BytePairTokenizer(contentsOf: file) } else {
                try BytePairTokenizer(directory: folder!)
            }
        let contents =
            if let file { try Data(contentsOf: file) } else { Data(try tokenizer.file(from: folder!)) }
        let settings = folder?.appending(component: "tokenizer_config.json")
        if let settings, FileManager.default.fileExists(atPath: settings.path(percentEncoded: false)) {
            return (tokenizer, contents, try TokenizerConfiguration(contentsOf: settings))
        }
        var configuration = TokenizerConfiguration()
        configuration.endOfText = tokenizer.id(ofAddedToken: Self.endOfTextName).map { _ in Self.endOfTextName
        }
        return (tokenizer, contents, configuration)
    }

    /// Windows of the validation part that are enough to measure a model on.
    static let heldOutWindows = 64

    private static let endOfTextName = "<|endoftext|>"

    /// The token between documents: the tokenizer's own, or the first special one.
    private func endOfText(_ tokenizer: BytePairTokenizer) throws -> Int32 {
        guard let token = tokenizer.endOfText ?? tokenizer.specialTokens.first?.id else {
            throw TrainingRunError.unsupported(
                "the tokenizer has no special token to stand between documents")
        }
        return token
    }

    private func fillInTheMiddle(_ tokenizer: BytePairTokenizer) throws -> FillInTheMiddle? {
        guard fimRate > 0 else { return nil }
        guard let fill = FillInTheMiddle(tokenizer, rate: fimRate) else {
            throw TrainingRunError.unsupported(
                "--fim-rate needs a tokenizer with <|fim_prefix|>, <|fim_suffix|> and <|fim_middle|>")
        }
        return fill
    }

    private func configuration(_ tokenizer: BytePairTokenizer) throws -> TransformerConfiguration {
        if let model {
            let configuration = try ModelDirectory(URL(filePath: model)).configuration()
            try configuration.check(tokenizer, name: model)
            try configuration.check(context: context, name: model)
            // A folder without a tokenizer says nothing about which one it is for.
            if let own = try? BytePairTokenizer(directory: URL(filePath: model)) {
                try tokenizer.check(own, name: model)
            }
            return configuration
        }
        return configuration(depth: depth ?? 1, vocabulary: tokenizer.vocabularySize)
    }

    private func configuration(depth: Int, vocabulary: Int) -> TransformerConfiguration {
        let width = width ?? 64 * depth
        let headSize = headSize ?? 64
        return TransformerConfiguration(
            vocabularySize: vocabulary, width: width, depth: depth, heads: width / headSize,
            headSize: headSize,
            contextLength: max(context, 1024))
    }

    /// Says what may not be what was wanted, though it can be done.
    private func warn(_ passes: CorpusPasses, _ validation: CorpusTokens, vocabulary: Int) {
        let isDepthChosen = model == nil && training.steps == nil && tokens == nil
        let warning = passes.warning(depth: isDepthChosen ? depth : nil) { depth in
            let (width, headSize) = (width ?? 64 * depth, headSize ?? 64)
            return width >= headSize && width % headSize == 0
                ? configuration(depth: depth, vocabulary: vocabulary) : nil
        }
        if let warning { standardError("hone: \(warning)\n") }
        switch validation.count {
        case 0:
            standardError("hone: the corpus has no document for validation; nothing will be measured on it\n")
        case 1:
            standardError(
                """
                hone: the validation part is one document of \(Figures.count(validation.tokenCount)) tokens; what is \
                measured on it says little about other texts\n
                """)
        default: break
        }
    }
}
