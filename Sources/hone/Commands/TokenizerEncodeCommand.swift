import ArgumentParser
import Foundation
import LanguageModel

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
