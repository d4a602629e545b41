import Foundation
import LanguageModel
import NeuralCore
import TestSupport
import Testing

/// Documents that say which of them are code.
private struct Documents: TokenDocuments {
    var texts: [[Int32]]
    var code: Set<Int> = []

    var count: Int { texts.count }
    func tokens(at index: Int) -> [Int32] { texts[index] }
    func isCode(at index: Int) -> Bool { code.contains(index) }
}

@Suite struct WindowTests {
    private static let end: Int32 = 0

    /// Documents of the given lengths; every token of all of them is another number.
    private static func documents(_ lengths: [Int]) -> [[Int32]] {
        var next: Int32 = 1
        return lengths.map { length in
            defer { next += Int32(length) }
            return (0..<Int32(length)).map { next + $0 }
        }
    }

    private static func windows(_ documents: some TokenDocuments, seed: UInt64 = 3) -> TokenWindows {
        TokenWindows(
            documents, endOfText: end, length: 16, perBatch: 2, using: RandomSource(seed: seed))
    }

    @Test(arguments: [[5, 1, 40, 16], [1_000], [33, 32, 31, 0, 7], [2, 160, 3]])
    func anEpochPredictsEveryTokenOnce(_ lengths: [Int]) {
        let documents = Self.documents(lengths)
        var windows = Self.windows(documents)
        let wanted = documents.joined().count + documents.count { !$0.isEmpty }
        var (predicted, ends) = ([Int32: Int](), 0)
        var targets: [Int32] = []
        while targets.count < wanted, let batch = windows.next() { targets += batch.targets.map(\.token) }
        for token in targets.prefix(wanted) {
            if token == Self.end { ends += 1 } else { predicted[token, default: 0] += 1 }
        }
        #expect(Set(predicted.keys) == Set(documents.joined()))
        #expect(predicted.values.allSatisfy { $0 == 1 })
        #expect(ends == documents.count { !$0.isEmpty })
    }

    @Test func everyRowPredictsWhatFollowsItInItsDocument() {
        let documents = Self.documents([5, 100, 3, 40])
        let following = Dictionary(
            uniqueKeysWithValues: documents.flatMap { zip($0, $0.dropFirst() + [Self.end]) })
        var windows = Self.windows(documents)
        for _ in 0..<20 {
            guard let batch = windows.next() else { break }
            #expect(batch.tokens.count == 32)
            for target in batch.targets {
                let token = batch.tokens[Int(target.row)]
                if token != Self.end { #expect(target.token == following[token]) }
            }
        }
    }

    @Test func batchesDoNotFollowABookFromPageToPage() {
        var windows = Self.windows(Self.documents([3_200]))
        let begins = (0..<20).compactMap { _ in windows.next()?.tokens[1] }
        let steps = zip(begins, begins.dropFirst()).count { $1 == $0 + 32 }
        #expect(begins.count == 20 && steps < 5)
    }

    @Test func aStoredPositionGoesOnWithTheSameBatches() {
        let documents = Self.documents([5, 100, 3, 40, 17])
        var windows = Self.windows(documents)
        for _ in 0..<7 { _ = windows.next() }
        var resumed = Self.windows(documents)
        resumed.position = windows.position
        for _ in 0..<12 {
            let (expected, found) = (windows.next(), resumed.next())
            #expect(expected != nil)
            #expect(expected?.tokens == found?.tokens && expected?.targets == found?.targets)
        }
    }

    @Test func aCheckpointKeepsThePlaceAndNoOther() throws {
        try withTemporaryFolder { folder in
            let documents = Self.documents([5, 100, 3, 40, 17])
            var windows = Self.windows(documents)
            for _ in 0..<7 { _ = windows.next() }
            try windows.writeCheckpoint(to: folder)
            var resumed = Self.windows(documents)
            try resumed.readCheckpoint(from: folder)
            #expect(resumed.position == windows.position)
            #expect(windows.next()?.tokens == resumed.next()?.tokens)
            let file = folder.appending(component: "position.json")
            let later = try String(contentsOf: file, encoding: .utf8).replacing(
                "{", with: #"{"order":"sorted","#, maxReplacements: 1)
            let before = resumed.position
            func error() throws -> CheckpointError? {
                let error = #expect(throws: CheckpointError.self) { try resumed.readCheckpoint(from: folder) }
                #expect(resumed.position == before)
                return error
            }
            for text in [
                #"{"epoch":-1,"document":0,"remainder":[]}"#, #"{"epoch":0,"document":9999,"remainder":[]}"#,
                "{}", "{", later,
            ] {
                try Data(text.utf8).write(to: file)
                let found = try error()
                guard case .malformed(let path, _, _, _) = found else {
                    Issue.record("\(text): \(found.map { "\($0)" } ?? "nothing")")
                    continue
                }
                #expect(path == file.path(percentEncoded: false))
            }
            try FileManager.default.removeItem(at: file)
            #expect(try error() == .file(.missing(file: file.path(percentEncoded: false))))
            try FileManager.default.createDirectory(at: file, withIntermediateDirectories: false)
            #expect(
                try error()
                    == .file(
                        .unreadable(
                            file: file.path(percentEncoded: false), reason: "it is not a regular file")))
        }
    }

    @Test func theMarksForFillingInAreTheTokenizersOwn() throws {
        let names = ["<|endoftext|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"]
        var training = BytePairTraining(specialTokens: names)
        let fill = FillInTheMiddle(try training.tokenizer(vocabularySize: 260), rate: 0.3)
        #expect(fill == FillInTheMiddle(prefix: 1, suffix: 2, middle: 3, rate: 0.3))
        training = BytePairTraining(specialTokens: Array(names.dropLast()))
        #expect(FillInTheMiddle(try training.tokenizer(vocabularySize: 259)) == nil)
    }

    @Test func fillInTheMiddleMovesTheMiddleOfCodeAndLosesNothing() throws {
        let texts = Self.documents([20, 20, 90])
        let marks = FillInTheMiddle(prefix: 900, suffix: 901, middle: 902, rate: 1)
        var windows = TokenWindows(
            Documents(texts: texts, code: [1, 2]), endOfText: Self.end, length: 64, perBatch: 4,
            fillInTheMiddle: marks, using: RandomSource(seed: 4))
        let next = windows.next()
        let batch = try #require(next)
        let tokens = batch.tokens + batch.targets.map(\.token)
        #expect(Set(texts.joined()).isSubset(of: Set(tokens)))
        #expect(Set([900, 901, 902]).isSubset(of: Set(tokens)))
        // Prose stays in order.
        let prose = batch.tokens.filter { (1...20).contains($0) }.prefix(20)
        #expect(Array(prose) == prose.sorted())
    }
}
