public import ArgumentParser
import Foundation
import LanguageModel
import NeuralCore

/// `hone tokenizer`: makes and uses tokenizers.
struct TokenizerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenizer",
        abstract: "Learn a tokenizer from text; turn text into ids and back.",
        subcommands: [
            Configured<TokenizerTrainCommand>.self, Configured<TokenizerEncodeCommand>.self,
            Configured<TokenizerDecodeCommand>.self,
        ])
}

extension SplitPattern: ExpressibleByArgument {}

extension TokenizerError: CommandError {
    var outcome: Outcome {
        switch self {
        case .file(.missing): .missingInput
        case .file: .inputOutput
        case .malformed, .unsupported, .tooLarge: .badData
        case .vocabularyTooSmall: .usage
        }
    }
}

/// The tokenizer to use.
struct TokenizerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A tokenizer.json or its folder, a vocab.json with merges.txt beside it, a SentencePiece .model or a .tiktoken file.",
            valueName: "file"), completion: .file())
    var tokenizer: String

    @Option(
        help: ArgumentHelp(
            "The split pattern, for files that do not contain it: gpt2, cl100k, o200k, llama3, qwen2 or tekken.",
            valueName: "name"))
    var pattern: SplitPattern?

    func load() throws -> BytePairTokenizer {
        let url = URL(filePath: tokenizer)
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: tokenizer, isDirectory: &isFolder), isFolder.boolValue {
            let file = url.appending(component: "tokenizer.json").path(percentEncoded: false)
            try refusePattern(if: FileManager.default.fileExists(atPath: file), file)
            return try BytePairTokenizer(directory: url, pattern: pattern)
        }
        switch url.pathExtension {
        case "model" where pattern == nil: return try BytePairTokenizer(contentsOf: url)
        case "tiktoken", "model":
            guard let pattern else {
                throw ValidationError(
                    "A .tiktoken file does not say how text is split; name it with --pattern.")
            }
            return try BytePairTokenizer(tiktoken: url, pattern: pattern)
        case _ where url.lastPathComponent.hasSuffix("vocab.json"): return try fromTwoFiles(url)
        default:
            try refusePattern(if: true, tokenizer)
            return try BytePairTokenizer(contentsOf: url)
        }
    }

    private func refusePattern(if isReady: Bool, _ file: String) throws {
        try refuse("--pattern", if: pattern != nil && isReady, "\(file) says how text is split")
    }

    private func fromTwoFiles(_ vocabulary: URL) throws -> BytePairTokenizer {
        let merges = vocabulary.deletingLastPathComponent()
            .appending(component: vocabulary.lastPathComponent.replacing("vocab.json", with: "merges.txt"))
        return try BytePairTokenizer(vocabulary: vocabulary, merges: merges, pattern: pattern ?? .gpt2)
    }
}
