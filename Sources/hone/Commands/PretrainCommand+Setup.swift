import Alignment
import ArgumentParser
import Formatting
import Foundation
import LanguageModel
import NeuralCore

/// The preparation of `hone pretrain` before it reads the corpus.
extension PretrainCommand {
    /// The inputs and settings that are known before the corpus is read.
    struct Setup {
        var files: TokenizerFiles
        var configuration: TransformerConfiguration
        /// The token between documents.
        var endOfText: Int32
        var fill: FillInTheMiddle?
        /// Windows in a step.
        var perBatch: Int
        var steps: Int
        var settings: TrainingSettings

        /// Tokens of all steps.
        func plannedTokens(context: Int) -> Double { Double(steps) * Double(perBatch) * Double(context) }
    }

    /// Reads tokenizer and configuration, and refuses what can be refused beforehand.
    ///
    /// - Parameter parts: Parts that a step is computed in.
    func setup(parts: Int) throws -> Setup {
        try training.checkFolders()
        try refuseAdapter()
        let files = try tokenizerFiles()
        let configuration = try configuration(files.tokenizer)
        try training.requireUse(in: Self.name, configuration.experts)
        let (endOfText, fill) = (try endOfText(files.tokenizer), try fillInTheMiddle(files.tokenizer))
        let recipe = TrainingRecipe(for: configuration)
        let perBatch = batch ?? max(1, recipe.tokensPerStep / context)
        guard parts <= perBatch else {
            throw ValidationError(
                "--accumulation \(parts) is more than the windows of a step, \(perBatch).")
        }
        let need = MemoryNeed(
            parameters: configuration.parameterCount, trained: configuration.parameterCount,
            channels: configuration.width * configuration.depth,
            tokensInStep: perBatch / parts * context)
        try need.check()
        let steps = training.steps ?? max(1, (tokens ?? recipe.tokens) / (perBatch * context))
        var defaults = Self.defaults
        defaults.learningRate = recipe.learningRate
        return Setup(
            files: files, configuration: configuration, endOfText: endOfText, fill: fill, perBatch: perBatch,
            steps: steps,
            settings: try TrainingSettings(
                options: training, defaults: defaults, steps: steps, from: "--tokens"))
    }

    private func refuseAdapter() throws {
        guard let model else { return }
        let adapter = URL(filePath: model).appending(component: "adapter_config.json")
        guard FileManager.default.fileExists(atPath: adapter.path(percentEncoded: false)) else { return }
        throw TrainingRunError.unsupported(
            "\(model): holds an adapter, and pretrain trains whole models; name the model that the adapter is for, or "
                + "merge the two: --merge where the adapter is trained, merge_and_unload() in PEFT")
    }

    /// A tokenizer, its file, and its configuration.
    typealias TokenizerFiles = (
        tokenizer: BytePairTokenizer, contents: Data, configuration: TokenizerConfiguration
    )

    private func tokenizerFiles() throws -> TokenizerFiles {
        let folder = model.map { URL(filePath: $0) }
        let file = self.tokenizer.map { URL(filePath: $0) }
        let tokenizer =
            if let file { try BytePairTokenizer(contentsOf: file) } else {
                try BytePairTokenizer(directory: folder!)
            }
        let contents = Data(
            try file.map { try tokenizer.file(contentsOf: $0) } ?? tokenizer.file(from: folder!))
        let settings = folder?.appending(component: "tokenizer_config.json")
        if let settings, FileManager.default.fileExists(atPath: settings.path(percentEncoded: false)) {
            return (tokenizer, contents, try TokenizerConfiguration(contentsOf: settings))
        }
        var configuration = TokenizerConfiguration()
        configuration.endOfText = tokenizer.id(ofAddedToken: Self.endOfTextName).map { _ in Self.endOfTextName
        }
        return (tokenizer, contents, configuration)
    }

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
    func warn(_ passes: CorpusPasses, _ validation: CorpusTokens, vocabulary: Int) {
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
                hone: the validation part is one document of \(grouped(validation.tokenCount)) tokens; what is \
                measured on it says little about other texts\n
                """)
        default: break
        }
    }
}
