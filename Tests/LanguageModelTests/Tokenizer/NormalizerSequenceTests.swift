import Foundation
import LanguageModel
import Testing

/// Random sequences of normalizers, with added tokens, next to `tokenizers`.
@Suite struct NormalizerSequenceTests {
    private struct Case: Decodable {
        var base: String
        var normalizer: JSONObject
        var preTokenizer: JSONObject?
        var addedTokens: [JSONObject]
        var samples: [Sample]
    }

    private struct Sample: Decodable {
        var text: String
        var ids: [Int32]
        var decoded: String
    }

    /// Whatever JSON stands there, to be written as it is.
    private struct JSONObject: Decodable {
        var value: Any
        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let value = try? container.decode([String: JSONObject].self) {
                self.value = value.mapValues(\.value)
            } else if let value = try? container.decode([JSONObject].self) {
                self.value = value.map(\.value)
            } else if let value = try? container.decode(Bool.self) {
                self.value = value
            } else if let value = try? container.decode(Int.self) {
                self.value = value
            } else {
                value = try container.decode(String.self)
            }
        }
    }

    private static func file(_ base: String) throws -> [String: Any] {
        let data = try Data(contentsOf: TokenizerData.fixtures.appending(path: "\(base).tokenizer.json"))
        return try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    private static func tokenizer(_ file: [String: Any]) throws -> BytePairTokenizer {
        let url = FileManager.default.temporaryDirectory.appending(component: "\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: url) }
        try JSONSerialization.data(withJSONObject: file).write(to: url)
        return try BytePairTokenizer(contentsOf: url)
    }

    @Test func anySequenceMatchesTokenizers() throws {
        for (index, item) in try TokenizerData.fixture("normalizers.json", as: [Case].self).enumerated() {
            var file = try Self.file(item.base)
            file["normalizer"] = item.normalizer.value
            file["pre_tokenizer"] = item.preTokenizer?.value ?? NSNull()
            let own = try #require(file["added_tokens"] as? [Any])
            file["added_tokens"] = own + item.addedTokens.map(\.value)
            let tokenizer = try Self.tokenizer(file)
            for sample in item.samples {
                let ids = tokenizer.encode(sample.text)
                #expect(ids == sample.ids, "\(index): \(sample.text.debugDescription)")
                // tokenizers takes the letters of an added token for bytes that no text has.
                if sample.decoded.contains("\u{FFFD}") { continue }
                let decoded = tokenizer.decode(sample.ids)
                #expect(
                    Array(decoded.utf8) == Array(sample.decoded.utf8),
                    "\(index): \(sample.text.debugDescription)")
            }
        }
    }

    @Test func aStepThatFindsNothingKeepsTheStepsBefore() throws {
        var file = try Self.file("digits")
        file["normalizer"] = [
            "type": "Sequence",
            "normalizers": [("\r\n", "\n"), ("\r", "\n")].map { old, new in
                ["type": "Replace", "pattern": ["String": old], "content": new]
            },
        ]
        let tokenizer = try Self.tokenizer(file)
        #expect(tokenizer.decode(tokenizer.encode("a\r\nb")) == "a\nb")
    }

    @Test(
        arguments: [
            (true, false, ["", "a ", ""]), (false, true, ["", " a", ""]), (true, true, ["", "a", ""]),
        ])
    func whiteSpaceAloneIsStripped(_ left: Bool, _ right: Bool, _ expected: [String]) throws {
        var file = try Self.file("digits")
        file["normalizer"] = ["type": "Strip", "strip_left": left, "strip_right": right]
        let tokenizer = try Self.tokenizer(file)
        for (text, stripped) in zip(["\r\n", " a ", ""], expected) {
            #expect(tokenizer.decode(tokenizer.encode(text)) == stripped)
        }
    }

    @Test func normalizedWordKeepsTheSpaceBeforeIt() throws {
        var file = try Self.file("llama2")
        let own = try #require(file["added_tokens"] as? [Any])
        file["added_tokens"] = own + [["id": 420, "content": "met", "normalized": true, "special": false]]
        let tokenizer = try Self.tokenizer(file)
        let ids = tokenizer.encode("a met Deniz")
        #expect(ids.contains(420) && tokenizer.decode(ids) == "a met Deniz")
    }

    private struct Processors: Decodable {
        struct Processor: Decodable {
            var processor: String
            var before: Int32
            var after: Int32
        }

        var texts: [String]
        var ids: [[Int32]]
        var processors: [String: Processor]
    }

    @Test func tokensAroundATextAreThoseOfTokenizers() throws {
        let fixture: Processors = try TokenizerData.fixture("processors.json")
        #expect(fixture.processors.count == 5)
        for (name, expected) in fixture.processors {
            var file = try Self.file("qwen2")
            file["post_processor"] = try JSONSerialization.jsonObject(with: Data(expected.processor.utf8))
            let tokenizer = try Self.tokenizer(file)
            for (text, ids) in zip(fixture.texts, fixture.ids) {
                #expect(tokenizer.encode(text) == ids, "\(name): \(text)")
                #expect(
                    tokenizer.encode(text, addingBoundaries: true)
                        == [expected.before] + ids + [expected.after], "\(name): \(text)")
            }
        }
    }

    /// The ids that `tokenizers` puts around a text by these processors, and around nothing.
    @Test(arguments: ["RobertaProcessing", "BertProcessing"])
    func theTokensAroundATextMayBeAPair(type: String) throws {
        var file = try Self.file("qwen2")
        let plain = try Self.tokenizer(file)
        file["post_processor"] = [
            "type": "Sequence",
            "processors": [
                ["type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true],
                ["type": type, "cls": ["<s>", 0], "sep": ["</s>", 2]],
            ],
        ]
        let tokenizer = try Self.tokenizer(file)
        for text in ["", "Deniz met Ada."] {
            #expect(tokenizer.encode(text) == plain.encode(text))
            #expect(tokenizer.encode(text, addingBoundaries: true) == [0] + plain.encode(text) + [2])
        }
        for pair in [["<s>"], ["<s>", -1], [0, "<s>"]] as [[Any]] {
            file["post_processor"] = ["type": type, "cls": ["<s>", 0], "sep": pair]
            let error = #expect(throws: TokenizerError.self) { try Self.tokenizer(file) }
            guard case .malformed(_, "post_processor.sep", _, _) = error else {
                Issue.record("\(error?.description ?? "read")")
                continue
            }
        }
    }

    @Test func addedLetterOfTheByteAlphabetIsItsByte() throws {
        var file = try Self.file("qwen2")
        let own = try #require(file["added_tokens"] as? [Any])
        let vocabulary = try #require((file["model"] as? [String: Any])?["vocab"] as? [String: Int])
        let added = try ["é", "Ġt"].map { content in
            ["id": try #require(vocabulary[content]), "content": content, "normalized": false]
                as [String: Any]
        }
        file["added_tokens"] = own + added
        let tokenizer = try Self.tokenizer(file)
        for text in ["项目", " the tone"] {
            #expect(tokenizer.decode(tokenizer.encode(text)) == text)
        }
    }
}
