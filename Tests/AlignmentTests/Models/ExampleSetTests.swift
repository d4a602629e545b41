import Alignment
import Foundation
import LanguageModel
import NeuralCore
import TestSupport
import Testing

/// Files of records as examples, and examples as batches.
@Suite struct ExampleSetTests {
    private func prompts(_ lengths: [Int]) -> ExampleSet<TokenizedPrompt> {
        ExampleSet(
            lengths.enumerated().map { number, length in
                TokenizedPrompt(
                    ids: Array(repeating: Int32(number), count: length), record: PromptRecord(.text("")))
            })
    }

    private func numbers(_ batches: ExampleBatches<TokenizedPrompt>) -> [[Int32]] {
        batches.map { $0.map { $0.ids[0] } }
    }

    @Test func everyEpochTakesEachExampleOnceInAnOrderOfItsOwn() {
        let examples = prompts(Array(repeating: 1, count: 40))
        let batches = numbers(examples.batches(of: 8, epochs: 2, using: RandomSource(seed: 3)))
        #expect(batches.count == 10 && batches.allSatisfy { $0.count == 8 })
        let epochs = [batches[..<5], batches[5...]].map { Array($0.joined()) }
        for epoch in epochs { #expect(Set(epoch) == Set(0..<40)) }
        #expect(epochs[0] != epochs[1] && epochs[0] != Array(0..<40))
        #expect(numbers(examples.batches(of: 8, epochs: 2, using: RandomSource(seed: 3))) == batches)
    }

    @Test func withoutASourceTheOrderIsThatOfTheFile() {
        #expect(numbers(prompts([1, 1, 1, 1, 1]).batches(of: 2)) == [[0, 1], [2, 3], [4]])
    }

    @Test func batchesOfTokensHoldAsManyExamplesAsFit() {
        let batches = numbers(prompts([3, 4, 2, 9, 1, 1]).batches(ofTokens: 8))
        #expect(batches == [[0, 1], [2], [3], [4, 5]])
    }

    @Test func aFractionOfAnEpochEndsWithTheBatchThatReachesIt() {
        let batches = prompts(Array(repeating: 1, count: 10)).batches(of: 4, epochs: 0.5)
        #expect(batches.batchCount == 2 && Array(batches).count == 2)
        #expect(prompts([]).batches(of: 4, epochs: 3).batchCount == 0)
    }

    @Test func aKeptPositionGoesOnWithTheSameBatches() {
        let examples = prompts(Array(repeating: 1, count: 23))
        var batches = examples.batches(of: 4, epochs: 3, using: RandomSource(seed: 1))
        for _ in 0..<8 { _ = batches.next() }
        var resumed = examples.batches(of: 4, epochs: 3, using: RandomSource(seed: 1))
        resumed.move(to: batches.position)
        #expect(numbers(resumed) == numbers(batches) && batches.batchCount == 18)
    }

    @Test func labelsComeAtLeastTwoAtATime() {
        let labels = (0..<5).map {
            TokenizedLabel(prompt: [1], completion: [Int32($0)], isDesirable: true)
        }
        #expect(ExampleSet(labels).batches(of: 2).map(\.count) == [2, 3])
        #expect(ExampleSet(labels).batches(ofTokens: 1).map(\.count) == [2, 3])
    }
}

/// What a model says of a file of records.
@Suite struct ExampleReadingTests {
    private static func chat(context: Int = 64, folder: URL) throws -> ChatModel {
        try TinyChatModel.write(to: folder, contextLength: context)
        return try ChatModel(contentsOf: folder)
    }

    private func file(_ lines: [String], in folder: URL) throws -> URL {
        let file = folder.appending(path: "records.jsonl")
        try Data(lines.joined(separator: "\n").utf8).write(to: file)
        return file
    }

    private let good = #"{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}"#

    @Test func whatIsLeftOutIsCountedAndNamedByLine() throws {
        try withTemporaryFolder { folder in
            let chat = try Self.chat(folder: folder)
            let long = good.replacing("\"a\"", with: "\"\(String(repeating: "a ", count: 80))\"")
            let examples = try chat.demonstrations(
                contentsOf: file([good, "no JSON", long, #"{"prompt":"a","completion":"b"}"#], in: folder))
            #expect(examples.count == 2)
            let report = try #require(examples.reports.first)
            #expect(
                report.records.skipped == ["not JSON": 1]
                    && report.omitted == ["prompt longer than the context": 1])
            #expect(report.omissions.map(\.line) == [3] && report.plainPrompts == 1)
            #expect(examples.report.contains("records.jsonl: 3 records of 4, 1 left out"))
            #expect(examples.report.contains("line 3: prompt longer than the context"))
        }
    }

    @Test func filesAreReadOneAfterAnother() throws {
        try withTemporaryFolder { folder in
            let chat = try Self.chat(folder: folder)
            let other = #"{"prompt":"a","completion":"b"}"#
            let first = try file([good, "no JSON"], in: folder)
            let second = folder.appending(path: "more.jsonl")
            try Data((other + "\n").utf8).write(to: second)
            let examples = try chat.demonstrations(contentsOf: [first, second])
            let alone = try [first, second].map { try chat.demonstrations(contentsOf: $0) }
            #expect(examples.map(\.ids) == alone.flatMap { $0.map(\.ids) })
            #expect(examples.reports.map(\.records.skippedCount) == [1, 0])
        }
    }

    @Test func aRefusedRecordIsAnErrorWithItsLine() throws {
        try withTemporaryFolder { folder in
            let chat = try Self.chat(folder: folder)
            let strict = ReadingOptions(context: 4, onBadRecord: .refuse)
            let records = try file([good, good], in: folder)
            let error = #expect(throws: ExampleError.self) {
                try chat.demonstrations(contentsOf: records, reading: strict)
            }
            guard case .unusable(_, let line, let reason) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(line == 1 && reason == "prompt longer than the context")
            #expect(throws: ExampleError.self) {
                try chat.labels(contentsOf: folder.appending(path: "missing.jsonl"))
            }
            let none = #expect(throws: ExampleError.self) { try chat.preferences(contentsOf: records) }
            guard case .noExamples(_, let reports) = none else {
                Issue.record("\(String(describing: none))")
                return
            }
            #expect(reports[0].records.skipped == ["unknown schema": 2])
        }
    }

    @Test func answersAreCutAtTheContext() throws {
        try withTemporaryFolder { folder in
            let chat = try Self.chat(context: 24, folder: folder)
            let long = String(repeating: "b ", count: 40)
            let pair =
                #"{"prompt":[{"role":"user","content":"a"}],"chosen":[{"role":"assistant","content":"c"}],"#
                + #""rejected":[{"role":"assistant","content":"\#(long)"}],"margin":2}"#
            let pairs = try chat.preferences(contentsOf: file([pair], in: folder))
            #expect(pairs[0].prompt.count + pairs[0].rejected.count == 24 && pairs[0].margin == 2)
            #expect(pairs.reports[0].answersCut == 1)
            let prompts = try chat.prompts(contentsOf: file([pair], in: folder))
            #expect(prompts[0].ids == pairs[0].prompt)
            let labels = try chat.labels(contentsOf: file([pair], in: folder))
            #expect(labels.map(\.isDesirable) == [true, false] && labels[0].completion == pairs[0].chosen)
        }
    }
}
