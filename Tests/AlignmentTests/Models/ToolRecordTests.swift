import Alignment
import Foundation
import LanguageModel
import NeuralCore
import TestSupport
import Testing

/// Records of calls as others publish them: they train, and as a suite they measure.
@Suite(.enabled(if: TestFiles.hasSharedData)) struct ToolRecordTests {
    private static func records() throws -> URL { try TestFiles.shared("instruct/glaive-toolcall-300.json") }

    private static func chat() throws -> ChatModel {
        let tokenizer = try BytePairTokenizer(
            trainedOn: ["a b c"], vocabularySize: 262,
            specialTokens: ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<tool_call>", "</tool_call>"])
        var random = RandomSource(seed: 3)
        let model = Transformer(
            TransformerConfiguration(
                vocabularySize: 262, width: 16, depth: 1, heads: 1, contextLength: 16_384), using: &random)
        return ChatModel(model, TextFormat(tokenizer, template: .chatML))
    }

    @Test func callsAreLearnedAndResultsAreNot() throws {
        let chat = try Self.chat()
        let records = try DemonstrationRecord.read(Self.records(), onBadRecord: .refuse).records
        #expect(records.count == 300)
        var calls = 0
        for case .conversation(let conversation) in records where !conversation.tools.isEmpty {
            let text = try chat.template.supervisedText(of: conversation)
            let learned = text.runs.filter(\.isTrained).map(\.text)
            #expect(!learned.contains { $0.contains("<tool_response>") })
            let turns = conversation.messages.filter { $0.role == .assistant }
            #expect(learned.count == turns.count)
            for (turn, text) in zip(turns, learned) {
                let read = try ToolCallFormat.hermes.turn(from: text.replacing("<|im_end|>", with: ""))
                #expect(read.toolCalls == turn.toolCalls)
                calls += turn.toolCalls.count
            }
        }
        #expect(calls > 200)
    }

    /// What is learned of each record, against transformers' marks (`Fixtures/glaive_masks.py`).
    @Test func whatIsLearnedIsWhatTransformersMarks() throws {
        let file = TestFiles.fixtures().appending(component: "glaive_masks.json")
        let expected = try #require(try JSONValue(parsing: Array(Data(contentsOf: file))).array)
        let records = try DemonstrationRecord.read(Self.records(), onBadRecord: .refuse).records
        #expect(records.count == expected.count)
        for (number, (record, expected)) in zip(records, expected).enumerated() {
            let learned = try record.supervisedText(.qwen).runs.filter(\.isTrained).map(\.text).joined()
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325
            for byte in learned.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
            let digits = String(hash, radix: 16)
            let found: JSONValue = [
                .integer(learned.unicodeScalars.count),
                .string(String(repeating: "0", count: 16 - digits.count) + digits),
            ]
            #expect(found == expected, "record \(number)")
        }
    }

    /// Each key of the file is read: none is left over as a column.
    @Test func everyKeyHasAFate() throws {
        let file = try JSONValue(parsing: Array(Data(contentsOf: Self.records())))
        for record in try #require(file.array) {
            let keys = record.object?.keys ?? []
            #expect(keys.allSatisfy { KeyFate.record.honored.contains($0) })
            for turn in record["conversations"]?.array ?? [] {
                let keys = turn.object?.keys ?? []
                #expect(keys.allSatisfy { KeyFate.turn.honored.contains($0) })
            }
        }
    }

    @Test func theRecordsAreASuite() async throws {
        var suite = try BehaviorSuite(contentsOf: Self.records())
        let called = suite.items.filter { item in
            if case .calls(let calls) = item.check { !calls.isEmpty } else { false }
        }
        #expect(called.count > 200 && called.count < suite.items.count)
        #expect(suite.items.allSatisfy { !$0.conversation.tools.isEmpty })
        // One who knows the records is exact; a model with random weights is asked as any other.
        suite.items = Array(called.prefix(2))
        let known = suite.items.map(\.check)
        let asked = suite.items.map(\.conversation)
        let knowing = Respondent("knowing") { conversation in
            guard let index = asked.firstIndex(of: conversation), case .calls(let calls) = known[index] else {
                return Response("")
            }
            return Response("", calls: calls)
        }
        let report = try await BehaviorEvaluation(suites: [suite]).report(
            on: [knowing, try Self.chat().respondent(named: "random", maxTokens: 4)])
        func value(_ name: String, _ model: String) -> Double? { report.metric(name, of: model)?.value }
        #expect(value("exact_calls", "knowing") == 1 && value("right_tools", "knowing") == 1)
        #expect(value("made_calls", "knowing") == 1)
        #expect(value("exact_calls", "random") == 0 && value("made_calls", "random") == 0)
    }
}
