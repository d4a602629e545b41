import ArgumentParser
import Foundation
import JSON
import LanguageModel

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
