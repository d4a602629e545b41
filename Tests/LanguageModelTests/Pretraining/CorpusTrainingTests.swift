import LanguageModel
import NeuralCore
import Testing
import TextCorpus

@Suite struct CorpusTrainingTests {
    static let documents = [
        Document(text: "the cat sat on the mat", kind: .text),
        Document(text: "<|endoftext|> is text here", kind: .web),
        Document(text: "let x = 1\nlet y = 2\n", kind: .code), Document(text: "", kind: .text),
    ]

    @Test func aTokenizerLearnsFromACorpus() throws {
        let corpus = try Corpus(.documents(Self.documents), pipeline: .unchanged)
        let tokenizer = try BytePairTokenizer(trainedOn: corpus, vocabularySize: 270)
        var training = BytePairTraining()
        for document in corpus { training.add(document.text) }
        #expect(tokenizer.merges == (try training.tokenizer(vocabularySize: 270)).merges)
        #expect(tokenizer.endOfText == 0)
    }

    @Test func windowsHoldTheTokensOfAllDocuments() throws {
        let tokenizer = try BytePairTokenizer(trainedOn: Self.documents, vocabularySize: 270)
        let encoded = Self.documents.map { tokenizer.encode($0.text, specialTokens: .asText) }
        let tokens = encoded.reduce(0) { $0 + $1.count }
        var random = RandomSource(seed: 3)
        var windows = TokenWindows(Self.documents, tokenizer, length: 16, perBatch: 2, using: random.split())
        var seen: [Int32: Int] = [:]
        while windows.position.epoch == 0, let batch = windows.next() {
            for target in batch.targets { seen[target.token, default: 0] += 1 }
        }
        #expect(seen.values.reduce(0, +) >= tokens)
        #expect(Set(encoded.joined()).isSubset(of: Set(seen.keys)))
    }
}
