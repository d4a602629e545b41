import Foundation
import LanguageModel
import NeuralCore
import TestSupport
import Testing
import TextCorpus

@Suite struct HeldOutWindowsTests {
    private static let end: Int32 = 0
    private static let tokenizer = (try? BytePairTokenizer(trainedOn: texts, vocabularySize: 300))!
    private static let texts = (0..<12).map { Document(text: story($0, words: 20 + 30 * ($0 % 5))) }
    private static let documents: [[Int32]] = texts.map { tokenizer.encode($0.text, specialTokens: .asText) }

    private func windows(_ documents: [[Int32]], length: Int, count: Int) -> HeldOutWindows? {
        HeldOutWindows(
            documents, tokenizer: Self.tokenizer, endOfText: Self.end, length: length, count: count)
    }

    @Test(arguments: [4, 16, 64, 10_000]) func allTextIsPredictedOnceWhereThereIsRoom(length: Int) throws {
        let held = try #require(windows(Self.documents + [[]], length: length, count: 10_000))
        let predicted = held.windows.flatMap { $0.dropFirst() }
        #expect(predicted == Self.documents.flatMap { $0 + [Self.end] })
        #expect(held.tokenCount == predicted.count)
        #expect(held.byteCount == Self.texts.reduce(0) { $0 + $1.text.utf8.count })
        #expect(held.windows.allSatisfy { $0.count <= length + 1 })
    }

    @Test func fewWindowsAreSpreadOverAllDocuments() throws {
        let held = try #require(windows(Self.documents, length: 16, count: 24))
        let all = try #require(windows(Self.documents, length: 16, count: 1_000))
        #expect(held.windows.count < all.windows.count / 2)
        #expect(held.tokenCount > 20 * 16 && held.tokenCount <= 28 * 16)
        // Each window is one of all, and no stretch without one is longer than need be.
        var places: [Int] = []
        var rest = all.windows[...]
        for window in held.windows {
            let place = try #require(rest.firstIndex(of: window))
            places.append(place)
            rest = rest[(place + 1)...]
        }
        let step = all.windows.count / held.windows.count + 1
        #expect(zip(places, places.dropFirst()).allSatisfy { $1 - $0 <= step })
        #expect(places[0] < step && all.windows.count - places[places.count - 1] <= step)
        #expect(
            held.byteCount
                == held.windows.reduce(0) { sum, window in
                    sum + Self.tokenizer.decode(window.dropFirst().filter { $0 != Self.end }).utf8.count
                })
    }

    /// Text of which the first part is easy: what is measured is that of all of it.
    @Test func bitsPerByteAreThoseOfTheTokensPredicted() throws {
        var random = RandomSource(seed: 1)
        let model = Transformer(.depth(1, vocabularySize: 300), using: &random)
        let held = try #require(windows(Self.documents, length: 10_000, count: 64))
        var nats = 0.0
        for document in Self.documents {
            let batch = TokenBatch(predicting: [[Self.end] + document + [Self.end]])
            nats += Double(model.crossEntropy(on: batch).total.item())
        }
        #expect(abs(held.cost(to: model) - nats) < 1e-4 * nats)
        let bytes = Self.texts.reduce(0) { $0 + $1.text.utf8.count }
        #expect(abs(held.bitsPerByte(nats) - nats / log(2) / Double(bytes)) < 1e-12)
        #expect(held.bitsPerByte(of: model) == held.bitsPerByte(held.cost(to: model)))
    }

    @Test func nothingIsMeasuredOnNothing() {
        #expect(windows([], length: 16, count: 64) == nil)
        #expect(windows([[], []], length: 16, count: 64) == nil)
    }
}
