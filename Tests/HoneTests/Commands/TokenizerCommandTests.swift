import Foundation
import TestSupport
import Testing

/// `hone tokenizer` on files as people have them.
@Suite struct TokenizerCommandTests {
    /// Text whose every letter is in Latin-1.
    private static let text = String(
        repeating: "Die Möwe fliegt über den Fjord, hinter ihr die Küste.\n", count: 40)

    private func learned(_ data: Data, in folder: URL) throws -> Data {
        try data.write(to: folder.appending(component: "book.txt"))
        let outcome = try HoneProcess(
            ["tokenizer", "train", "book.txt", "--vocabulary-size", "300", "--output", "tokenizer.json"],
            in: folder
        ).outcome()
        #expect(outcome.code == 0, "\(outcome.errors)")
        return try Data(contentsOf: folder.appending(component: "tokenizer.json"))
    }

    @Test(arguments: [String.Encoding.utf16, .isoLatin1, .windowsCP1252])
    func otherEncodingsTeachTheSame(encoding: String.Encoding) throws {
        try withTemporaryFolder { folder in
            let expected = try learned(Data(Self.text.utf8), in: folder)
            #expect(String(decoding: expected, as: UTF8.self).contains("Ã¼"))
            let data = try #require(Self.text.data(using: encoding))
            #expect(try learned(data, in: folder) == expected)
        }
    }

    @Test func aBadRecordIsNamedWithItsKeyAndTheReason() throws {
        try withTemporaryFolder { folder in
            _ = try learned(Data(Self.text.utf8), in: folder)
            let train = ["train", "--vocabulary-size", "300", "--output", "other.json"]
            let encode = ["encode", "--tokenizer", "tokenizer.json", "--jsonl"]
            for (line, reason) in [
                (#"{"texts":"Ada"}"#, #""text" is missing"#),
                (#"{"text":[1]}"#, #""text" holds another kind of value"#),
                (#"{"text":"Ada"#, "no JSON"), ("7", "no object"),
            ] {
                let records = "{\"text\":\"Ada is\"}\n \r\n\(line)\n"
                try Data(records.utf8).write(to: folder.appending(component: "bad.jsonl"))
                for command in [train, encode] {
                    let outcome = try HoneProcess(["tokenizer"] + command + ["bad.jsonl"], in: folder)
                        .outcome()
                    #expect(outcome.code == 65)
                    #expect(outcome.errors.contains("bad.jsonl: line 3: expected "), "\(outcome.errors)")
                    #expect(outcome.errors.contains(reason), "\(outcome.errors)")
                }
            }
        }
    }

    /// A folder as GPT-2 was published: two files, and no `tokenizer.json`.
    @Test func twoFilesMakeATokenizer() throws {
        try withTemporaryFolder { folder in
            let file = try learned(Data(Self.text.utf8), in: folder)
            struct Contents: Decodable {
                struct Model: Decodable {
                    var vocab: [String: Int]
                    var merges: [[String]]
                }
                var model: Model
            }
            let model = try JSONDecoder().decode(Contents.self, from: file).model
            let pair = folder.appending(component: "pair")
            try FileManager.default.createDirectory(at: pair, withIntermediateDirectories: true)
            try JSONEncoder().encode(model.vocab).write(to: pair.appending(component: "vocab.json"))
            try Data(model.merges.map { "\($0[0]) \($0[1])\n" }.joined().utf8)
                .write(to: pair.appending(component: "merges.txt"))
            let ids = try ["pair", "tokenizer.json"].map { tokenizer in
                try HoneProcess(
                    ["tokenizer", "encode", "--json", "--tokenizer", tokenizer, "book.txt"], in: folder
                )
                .outcome()
            }
            #expect(ids[0].code == 0, "\(ids[0].errors)")
            #expect(ids[0].output == ids[1].output && !ids[0].output.isEmpty)
        }
    }
}
