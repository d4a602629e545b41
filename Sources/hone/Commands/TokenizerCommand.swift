public import ArgumentParser
import Foundation
import JSON
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

/// `hone tokenizer encode`: prints the ids of each line or record.
struct TokenizerEncodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encode",
        abstract: "Print the ids of each line of text, or of each record's text.",
        discussion: paragraphs(
            """
            Each line of FILE (or of standard input) is a text, without the line feed that ends it. With --jsonl each
            line is a JSON object and its "text" is the text. The ids come one line per text, with spaces between
            them, or with --json as {"ids":[…]}.

              echo 'Hello, world!' | hone tokenizer encode --tokenizer tokenizer.json
              hone tokenizer encode --tokenizer cl100k_base.tiktoken --pattern cl100k --jsonl --json corpus.jsonl
            """))

    @OptionGroup var options: TokenizerOptions

    @Flag(help: "Read JSON Lines, each with a \"text\".")
    var jsonl = false

    @Flag(help: "Print {\"ids\":[…]} for each text.")
    var json = false

    @Flag(help: "Treat the names of special tokens, such as <|endoftext|>, as ordinary text.")
    var specialTokensAsText = false

    @Flag(
        help:
            "Add the tokens that the tokenizer's file puts around a text, such as the one that begins it."
    )
    var addBoundaries = false

    @Argument(help: "The file to read; standard input without it.", completion: .file())
    var file: String?

    func run() throws {
        try reportingErrors {
            let tokenizer = try options.load()
            var reader = try InputLines(file, readsTables: jsonl)
            while let (first, lines) = try reader.next() {
                var texts: [[UInt8]] = []
                for (index, line) in lines.enumerated() {
                    let text = jsonl ? try RawTexts.text(of: line, number: first + index, in: file) : line
                    if let text { texts.append(text) }
                }
                let ids = tokenizer.encode(
                    texts, specialTokens: specialTokensAsText ? .asText : .recognized,
                    addingBoundaries: addBoundaries)
                try standardOutput(output(ids))
            }
        }
    }

    private func output(_ texts: [[Int32]]) -> [UInt8] {
        var output: [UInt8] = []
        for ids in texts {
            if json { output += "{\"ids\":[".utf8 }
            for (index, id) in ids.enumerated() {
                if index > 0 { output.append(UInt8(ascii: json ? "," : " ")) }
                output += "\(id)".utf8
            }
            output += (json ? "]}\n" : "\n").utf8
        }
        return output
    }
}

/// `hone tokenizer decode`: prints the text of each line of ids.
struct TokenizerDecodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode",
        abstract: "Print the text of each line of ids.",
        discussion: paragraphs(
            """
            Each line of FILE (or of standard input) has ids with spaces or commas between them, or is an object
            {"ids":[…]}, as "hone tokenizer encode" prints them.

              hone tokenizer encode --tokenizer DIR notes.txt | hone tokenizer decode --tokenizer DIR
            """))

    @OptionGroup var options: TokenizerOptions

    @Flag(help: "Print {\"text\":…} for each line, in which line breaks are visible.")
    var json = false

    @Flag(help: "Leave out special tokens.")
    var skipSpecialTokens = false

    @Argument(help: "The file to read; standard input without it.", completion: .file())
    var file: String?

    func run() throws {
        try reportingErrors {
            let tokenizer = try options.load()
            var reader = try InputLines(file, readsTables: false)
            while let (first, lines) = try reader.next() {
                var output = Data()
                for (index, line) in lines.enumerated() {
                    let ids = try ids(on: line, number: first + index, below: tokenizer.vocabularySize)
                    let bytes = tokenizer.bytes(of: ids, skippingSpecialTokens: skipSpecialTokens)
                    if json {
                        let text = JSONValue.string(String(decoding: bytes, as: UTF8.self))
                        output += JSONValue.object(["text": text]).text(.compact).utf8
                    } else {
                        output += bytes
                    }
                    output.append(UInt8(ascii: "\n"))
                }
                try standardOutput(output)
            }
        }
    }

    private func ids(on line: [UInt8], number: Int, below limit: Int) throws -> [Int32] {
        func malformed(_ found: some Collection<UInt8>) -> MalformedLine {
            MalformedLine(
                file: file, line: number, expected: "ids from 0 to \(limit - 1)",
                found: "\"\(String(decoding: found.prefix(60), as: UTF8.self))\"")
        }
        var ids: [Int32] = []
        if line.first == UInt8(ascii: "{") {
            let list = (try? JSONValue(parsing: line))?["ids"]?.array
            ids = list?.compactMap { $0.integer.flatMap(Int32.init(exactly:)) } ?? []
            guard ids.count == list?.count else { throw malformed(line) }
        } else {
            let separators: Set<UInt8> = [
                UInt8(ascii: " "), UInt8(ascii: ","), UInt8(ascii: "\t"), UInt8(ascii: "\r"),
            ]
            for word in line.split(whereSeparator: separators.contains) {
                guard let id = Int32(String(decoding: word, as: UTF8.self)) else { throw malformed(word) }
                ids.append(id)
            }
        }
        for id in ids where id < 0 || Int(id) >= limit { throw malformed("\(id)".utf8) }
        return ids
    }
}
