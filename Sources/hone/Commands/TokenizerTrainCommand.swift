import ArgumentParser
import Files
import Formatting
import Foundation
import LanguageModel
import NeuralCore

/// `hone tokenizer train`: learns a tokenizer from a corpus.
struct TokenizerTrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Learn a byte-level tokenizer from text and write it as tokenizer.json.",
        discussion: paragraphs(
            """
            CORPUS is a folder made by "hone corpus", or files or folders of text: each record's "text" of files named
            *.jsonl, and every other file as a whole. The same texts always give the same tokenizer.

              hone tokenizer train corpus --vocabulary-size 4096 --output tokenizer.json
            """))

    @Argument(
        help: ArgumentHelp("The training files and folders.", valueName: "corpus"), completion: .file())
    var corpora: [String]

    @Option(
        help: ArgumentHelp(
            "The number of tokens, at least 256 plus the special ones.", valueName: "n"))
    var vocabularySize: Int

    @Option(help: ArgumentHelp("The file to write.", valueName: "file"), completion: .file())
    var output: String

    @Option(
        help: ArgumentHelp(
            "The split pattern: gpt2, cl100k, o200k, llama3, qwen2 or tekken.",
            valueName: "name"))
    var pattern: SplitPattern = .gpt2

    @Option(
        help: ArgumentHelp(
            "The name of a special token; may be repeated. <|endoftext|> unless given.",
            valueName: "name"))
    var specialToken: [String] = []

    @Option(
        help: ArgumentHelp(
            "The order of equally frequent pairs: lower-ids, as in tokenizers, or greater-bytes.",
            valueName: "rule"))
    var ties: Ties = .lowerIDs

    @Flag(help: "Print a summary of the training as JSON.")
    var json = false

    /// `MergeTies` by its name on the command line.
    enum Ties: String, ExpressibleByArgument, CaseIterable {
        case lowerIDs = "lower-ids"
        case greaterBytes = "greater-bytes"
    }

    private struct Summary: Encodable {
        var vocabulary_size: Int
        var bytes: Int
        var file: String
    }

    private var specialTokens: [String] { specialToken.isEmpty ? ["<|endoftext|>"] : specialToken }

    func validate() throws {
        guard !corpora.isEmpty else {
            throw ValidationError("Name at least one file or folder to learn from.")
        }
        guard Set(specialToken).count == specialToken.count, !specialToken.contains("") else {
            throw ValidationError("--special-token needs names, each its own.")
        }
        try check("--vocabulary-size", vocabularySize, in: (256 + specialTokens.count)...Most.tokens)
        guard !output.isEmpty else { throw ValidationError("--output needs a file.") }
    }

    func run() throws {
        try reportingErrors {
            // A tokenizer may lie in the folder of its texts, none of which it is.
            let texts = corpora.filter { !output.hasSuffix(".json") || FileStatus($0) != .folder }
            try OutputIsInput.check(output, as: "--output", among: texts)
            var training = BytePairTraining(
                pattern: pattern, specialTokens: specialTokens)
            var bytes = 0
            for corpus in corpora {
                try RawTexts(URL(filePath: corpus)).forEach { text in
                    bytes += text.count
                    training.add(bytes: text)
                }
            }
            let tokenizer = try training.tokenizer(
                vocabularySize: vocabularySize, ties: ties == .lowerIDs ? .lowerIDs : .greaterBytes)
            try tokenizer.write(to: URL(filePath: output))
            let summary = Summary(vocabulary_size: tokenizer.vocabularySize, bytes: bytes, file: output)
            if json {
                try printJSON(summary)
            } else {
                standardError(
                    "\(output): \(counted(summary.vocabulary_size, "token")) from \(counted(bytes, "byte")) of text\n"
                )
            }
        }
    }
}
