import Foundation
import LanguageModel
import TestSupport
import Testing

/// The same vocabulary in its several formats.
@Suite(.enabled(if: TestFiles.hasSharedData, "the shared data is not beside the package"))
struct VocabularyFileTests {
    struct Sample: Decodable {
        var text: String
        var gpt2: [Int32]
        var minimind: [Int32]
        var gpt2File: [Int32]

        enum CodingKeys: String, CodingKey {
            case text, gpt2
            case gpt2File = "gpt2/tokenizer.json"
            case minimind = "minimind/tokenizer.json"
        }
    }

    @Test func gpt2FilesAgree() throws {
        let json = try BytePairTokenizer(contentsOf: TestFiles.shared("tokenizers/gpt2/tokenizer.json"))
        let pair = try BytePairTokenizer(
            vocabulary: TestFiles.shared("tokenizers/gpt2/encoder.json"),
            merges: TestFiles.shared("tokenizers/gpt2/vocab.bpe"))
        #expect(json.vocabularySize == 50_257 && pair.vocabularySize == 50_257)
        #expect(json.merges == pair.merges)
        for sample in try TokenizerData.fixture("ids.json", as: [Sample].self) {
            #expect(json.encode(sample.text) == sample.gpt2File)
            #expect(pair.encode(sample.text) == sample.gpt2File)
            #expect(pair.encode(sample.text, specialTokens: .asText) == sample.gpt2)
        }
    }

    @Test func ranksGiveThePublishedMerges() throws {
        let ranks = try BytePairTokenizer(
            tiktoken: TestFiles.shared("tokenizers/r50k_base.tiktoken"), pattern: .gpt2)
        let pair = try BytePairTokenizer(
            vocabulary: TestFiles.shared("tokenizers/gpt2/encoder.json"),
            merges: TestFiles.shared("tokenizers/gpt2/vocab.bpe"))
        #expect(ranks.merges == pair.merges)
    }

    @Test func minimindMatchesTokenizers() throws {
        let folder = try TestFiles.shared("tokenizers/minimind")
        let tokenizer = try BytePairTokenizer(contentsOf: folder.appending(path: "tokenizer.json"))
        for sample in try TokenizerData.fixture("ids.json", as: [Sample].self) {
            #expect(tokenizer.encode(sample.text) == sample.minimind)
        }
    }

    @Test func distilgpt2MatchesTransformers() throws {
        struct Encoded: Decodable { var input_ids: [Int32] }
        struct Row: Decodable {
            var input: String
            var encoded: Encoded
        }
        let file = try TestFiles.shared("tokenizer-tests/swift-transformers-tokenizer_tests.json")
        let models = try JSONDecoder().decode([String: [Row]].self, from: Data(contentsOf: file))
        let tokenizer = try BytePairTokenizer(
            contentsOf: TestFiles.shared("tokenizers/gpt2/tokenizer.json"))
        for row in try #require(models["distilgpt2"]) {
            #expect(tokenizer.encode(row.input) == row.encoded.input_ids, "\(row.input.debugDescription)")
        }
    }

    @Test func configurationKeepsRolesAndTemplate() throws {
        let url = try TestFiles.shared("tokenizers/minimind/tokenizer_config.json")
        let configuration = try TokenizerConfiguration(contentsOf: url)
        #expect(configuration.beginningOfText == "<|im_start|>" && configuration.endOfText == "<|im_end|>")
        #expect(configuration.addsBeginning == false)
        #expect(configuration.chatTemplate?.contains("<|im_start|>") == true)

        let copy = FileManager.default.temporaryDirectory.appending(component: "\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: copy) }
        try configuration.write(to: copy)
        #expect(try TokenizerConfiguration(contentsOf: copy) == configuration)
    }
}
