import Foundation
import LanguageModel
import TestSupport
import Testing

@Suite struct BytePairTrainingTests {
    struct Case: Decodable {
        var name: String
        var documents: [String]
        var size: Int
        var merges: [String]
    }

    private static func corpus() throws -> String {
        try String(contentsOf: TestFiles.shared("tokenizer-tests/bpe-train/corpus.en"), encoding: .utf8)
    }

    @Test func mergesMatchTokenizers() throws {
        for sample in try TokenizerData.fixture("training.json", as: [Case].self)
        where !sample.documents.isEmpty {
            let tokenizer = try BytePairTokenizer(trainedOn: sample.documents, vocabularySize: sample.size)
            #expect(tokenizer.merges == sample.merges, "\(sample.name)")
        }
    }

    @Test(.enabled(if: TestFiles.hasSharedData, "the shared data is not beside the package"))
    func mergesOfTheReferenceCorpusMatchTokenizers() throws {
        let sample = try #require(try TokenizerData.fixture("training.json", as: [Case].self).first)
        let tokenizer = try BytePairTokenizer(trainedOn: [Self.corpus()], vocabularySize: sample.size)
        #expect(tokenizer.merges == sample.merges)
    }

    @Test(.enabled(if: TestFiles.hasSharedData, "the shared data is not beside the package"))
    func greaterBytesFirstGivesTheReferenceMergesAndVocabulary() throws {
        let tokenizer = try BytePairTokenizer(
            trainedOn: [Self.corpus()], vocabularySize: 500, ties: .greaterBytes)
        let file = try TestFiles.shared("tokenizer-tests/bpe-train/train-bpe-reference-merges.txt")
        let merges = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
        #expect(tokenizer.merges == merges)
        #expect(tokenizer.vocabularySize == 500)

        let vocabulary = try JSONDecoder().decode(
            [String: Int32].self,
            from: Data(
                contentsOf: TestFiles.shared("tokenizer-tests/bpe-train/train-bpe-reference-vocab.json")))
        let written = try JSONDecoder().decode(WrittenFile.self, from: Data(tokenizer.tokenizerJSON))
        #expect(written.model.vocab.keys.sorted() == vocabulary.keys.sorted())
    }

    private struct WrittenFile: Decodable {
        struct Model: Decodable { var vocab: [String: Int32] }
        var model: Model
    }

    @Test func orderOfDocumentsChangesNothing() throws {
        let documents = (0..<200).map { "document \($0 * 7919 % 1_000) says hello, hello number \($0)" }
        let one = try BytePairTokenizer(trainedOn: documents, vocabularySize: 300)
        let other = try BytePairTokenizer(trainedOn: documents.reversed(), vocabularySize: 300)
        #expect(one.tokenizerJSON == other.tokenizerJSON)
    }

    @Test func longDocumentsAreCountedAsAWhole() throws {
        // Twelve megabytes in one document and in many: the pieces are the same but where documents meet.
        let line = "the quick brown fox jumps over the lazy dog 1234 times\n"
        let whole = try BytePairTokenizer(
            trainedOn: [String(repeating: line, count: 200_000)], vocabularySize: 320)
        let parts = try BytePairTokenizer(
            trainedOn: repeatElement(line, count: 200_000), vocabularySize: 320)
        #expect(whole.merges.prefix(40) == parts.merges.prefix(40))
    }

    @Test func trainingEndsWhenNoPairIsLeft() throws {
        let tokenizer = try BytePairTokenizer(trainedOn: ["abab"], vocabularySize: 1_000)
        #expect(tokenizer.merges == ["a b", "ab ab"])
        #expect(tokenizer.vocabularySize == 259)
    }

    @Test func nameOfASpecialTokenSeparatesDocuments() throws {
        let tokenizer = try BytePairTokenizer(
            trainedOn: ["ab<|endoftext|>ab<|endoftext|>ab"], vocabularySize: 1_000)
        #expect(tokenizer.merges == ["a b"])
        #expect(tokenizer.encode("<|endoftext|>") == [0])
    }

    @Test func vocabularyMustHoldEveryByte() {
        #expect(throws: TokenizerError.vocabularyTooSmall(requested: 256, smallest: 257)) {
            try BytePairTokenizer(trainedOn: ["text"], vocabularySize: 256)
        }
    }

    @Test func anyBytesAreLearnedFromAndInverted() throws {
        var training = BytePairTraining()
        for _ in 0..<50 { training.add(bytes: (0..<500).map { _ in UInt8.random(in: 0...255) }) }
        let tokenizer = try training.tokenizer(vocabularySize: 400)
        let bytes = (0..<5_000).map { _ in UInt8.random(in: 0...255) }
        #expect(tokenizer.bytes(of: tokenizer.encode(bytes)) == bytes)
    }
}
