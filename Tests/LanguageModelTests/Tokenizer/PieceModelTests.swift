import Foundation
import LanguageModel
import TestSupport
import Testing

/// SentencePiece models, Unigram models, and the normalizers and pre-tokenizers that come with them, next to
/// SentencePiece and `tokenizers`.
@Suite struct PieceModelTests {
    struct Sample: Decodable {
        var text: String
        var ids: [Int32]
        var decoded: String
    }

    static let models = ["unigram", "unigram-bytes", "unigram-bare", "merges", "merges-bare"].map {
        "\($0).model"
    }
    static let files = [
        "t5", "words", "accents", "deepseek-v3", "deepseek", "falcon", "between", "marked",
    ].map { "\($0).tokenizer.json" }

    private static let samples = Result {
        try TokenizerData.fixture("pieces.json", as: [String: [Sample]].self)
    }

    private static func tokenizer(_ name: String) throws -> BytePairTokenizer {
        try BytePairTokenizer(contentsOf: TokenizerData.fixtures.appending(path: name))
    }

    @Test(arguments: models + files)
    func idsMatchTheReference(name: String) throws {
        let tokenizer = try Self.tokenizer(name)
        for sample in try #require(try Self.samples.get()[name]) {
            // Control pieces are no text to SentencePiece.
            let reading: SpecialTokenReading = name.hasSuffix(".model") ? .asText : .recognized
            #expect(
                tokenizer.encode(sample.text, specialTokens: reading) == sample.ids,
                "\(sample.text.debugDescription)")
        }
    }

    @Test(arguments: models + files)
    func decodedTextMatchesTheReference(name: String) throws {
        let tokenizer = try Self.tokenizer(name)
        for sample in try #require(try Self.samples.get()[name]) {
            // SentencePiece shows ⁇ for what is unknown.
            if name.hasSuffix(".model"), sample.ids.contains(0) { continue }
            #expect(tokenizer.decode(sample.ids) == sample.decoded, "\(sample.text.debugDescription)")
        }
    }

    @Test(arguments: models + files)
    func whatIsWrittenReadsTheSame(name: String) throws {
        let tokenizer = try Self.tokenizer(name)
        let url = FileManager.default.temporaryDirectory.appending(component: "\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: url) }
        try tokenizer.write(to: url)
        let read = try BytePairTokenizer(contentsOf: url)
        for sample in try #require(try Self.samples.get()[name]) {
            // tokenizers finds the names of a Unigram model's bytes in text; SentencePiece does not.
            if name == "unigram-bytes.model", sample.text.contains("<0x") { continue }
            #expect(read.encode(sample.text) == sample.ids, "\(sample.text.debugDescription)")
            #expect(read.decode(sample.ids) == tokenizer.decode(sample.ids))
        }
        #expect(read.tokenizerJSON == tokenizer.tokenizerJSON)
    }

    @Test(arguments: models + files)
    func aMegabyteOfOneLetterIsEncoded(name: String) throws {
        let tokenizer = try Self.tokenizer(name)
        for letter in ["a", " ", "\r", "\u{301}", "7"] {
            let ids = tokenizer.encode(String(repeating: letter, count: 1 << 20))
            #expect(ids.count <= 3 << 20)
        }
    }

    @Test(.enabled(if: TestFiles.hasSharedData, "the shared data is not beside the package"))
    func sharedModelEncodesAsSentencePieceDoes() throws {
        let tokenizer = try BytePairTokenizer(
            contentsOf: TestFiles.shared("tokenizers/spm/test_model.model"))
        // SentencePieceProcessor.encode of 0.2.3; the second of them has ties that rounding breaks.
        #expect(tokenizer.encode("I saw a girl ﬁ") == [9, 459, 11, 939, 74, 25])
        #expect(
            tokenizer.encode("\u{1e9b}\u{323}\u{732b}---<0x41>  \u{11d5}\u{2460}  ") == [
                4, 0, 35, 415, 0, 351, 297, 0, 357, 0, 4, 0, 357,
            ])
    }

    /// An unknown character costs ten more than the least likely token: whether two pieces are better than one turns on that.
    @Test(arguments: [(3, [2]), (12, [0, 1])])
    func anUnknownCharacterCostsTenMoreThanAnyToken(score: Double, ids: [Int32]) throws {
        let json =
            #"{"model":{"type":"Unigram","unk_id":0,"vocab":[["<unk>",0.0],["y",\#(score)],["xy",-15.0]]}}"#
        try withTemporaryFolder { folder in
            let url = folder.appending(component: "tokenizer.json")
            try Data(json.utf8).write(to: url)
            // The ids of tokenizers 0.23.3.
            #expect(try BytePairTokenizer(contentsOf: url).encode("xy") == ids)
        }
    }

    @Test func fileOfATokenizerIsTokenizerJSON() throws {
        for name in ["merges.model", "t5.tokenizer.json"] {
            let tokenizer = try Self.tokenizer(name)
            let url = TokenizerData.fixtures.appending(path: name)
            let file = try tokenizer.file(contentsOf: url)
            #expect(file.first == UInt8(ascii: "{"))
            if name.hasSuffix(".json") { #expect(try Data(file) == Data(contentsOf: url)) }
        }
    }

    @Test func folderWithAModelAloneIsRead() throws {
        let folder = FileManager.default.temporaryDirectory.appending(component: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.copyItem(
            at: TokenizerData.fixtures.appending(path: "merges.model"),
            to: folder.appending(component: "tokenizer.model"))
        let configuration =
            #"{"tokenizer_class":"LlamaTokenizer","pad_token":"<pad>","added_tokens_decoder":{"1":{"content":"<s>","special":true}}}"#
        try Data(configuration.utf8).write(to: folder.appending(component: "tokenizer_config.json"))
        let tokenizer = try BytePairTokenizer(directory: folder)
        let plain = try Self.tokenizer("merges.model")
        #expect(tokenizer.encode("a text", addingBoundaries: true) == [1] + plain.encode("a text"))
        #expect(tokenizer.id(ofAddedToken: "<pad>") == Int32(plain.vocabularySize))
        let written = try BytePairTokenizer(directory: folder).file(from: folder)
        #expect(written == tokenizer.tokenizerJSON)
    }
}
