import Foundation
import LanguageModel
import Testing

/// Files that Hugging Face's `tokenizers` wrote, and the ids it gives with them.
@Suite struct TokenizerFileTests {
    struct Sample: Decodable {
        var text: String
        var ids: [Int32]
        var all: [Int32]
        var decoded: String
    }

    static let names = [
        "added", "digits", "llama2", "llama3", "metaspace", "mistral", "o200k", "prefix-space", "qwen2",
        "unfused",
    ]

    private static let samples = Result {
        try TokenizerData.fixture("files.json", as: [String: [Sample]].self)
    }

    private func tokenizer(_ name: String) throws -> BytePairTokenizer {
        try BytePairTokenizer(contentsOf: TokenizerData.fixtures.appending(path: "\(name).tokenizer.json"))
    }

    @Test(arguments: names)
    func idsMatchTokenizers(name: String) throws {
        let tokenizer = try tokenizer(name)
        for sample in try #require(try Self.samples.get()[name]) {
            #expect(tokenizer.encode(sample.text) == sample.ids, "\(sample.text.debugDescription)")
            #expect(tokenizer.encode(sample.text, addingBoundaries: true) == sample.all)
        }
    }

    @Test(arguments: names)
    func decodedTextMatchesTokenizers(name: String) throws {
        let tokenizer = try tokenizer(name)
        for sample in try #require(try Self.samples.get()[name]) {
            // tokenizers takes the letters of an added token for bytes, where they are spelled like bytes.
            if name == "added", sample.decoded.contains("\u{FFFD}") { continue }
            #expect(tokenizer.decode(sample.ids) == sample.decoded, "\(sample.text.debugDescription)")
        }
    }

    @Test(arguments: names)
    func streamedTextIsTheWholeText(name: String) throws {
        let tokenizer = try tokenizer(name)
        for sample in try #require(try Self.samples.get()[name]) {
            var decoder = StreamingDecoder(tokenizer)
            var text = ""
            for id in sample.ids { text += decoder.append(id) }
            text += decoder.finish()
            #expect(Array(text.utf8) == Array(tokenizer.decode(sample.ids).utf8))
        }
    }

    @Test(arguments: names)
    func whatIsWrittenReadsTheSame(name: String) throws {
        let tokenizer = try tokenizer(name)
        let url = FileManager.default.temporaryDirectory.appending(component: "\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: url) }
        try tokenizer.write(to: url)
        let again = try BytePairTokenizer(contentsOf: url)
        for sample in try #require(try Self.samples.get()[name]) {
            #expect(again.encode(sample.text, addingBoundaries: true) == sample.all)
            #expect(again.decode(sample.ids) == tokenizer.decode(sample.ids))
        }
        #expect(again.tokenizerJSON == tokenizer.tokenizerJSON)
        #expect(again.vocabularySize == tokenizer.vocabularySize)
    }

    @Test func specialTokensCanBeText() throws {
        let tokenizer = try tokenizer("llama3")
        let text = "one<|end|>two"
        let end = try #require(tokenizer.id(ofAddedToken: "<|end|>"))
        #expect(tokenizer.encode(text).contains(end))
        let ids = tokenizer.encode(text, specialTokens: .asText)
        #expect(!ids.contains(end) && tokenizer.decode(ids) == text)
        #expect(tokenizer.decode(tokenizer.encode(text), skippingSpecialTokens: true) == "onetwo")
    }
}
