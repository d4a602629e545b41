import Conversations
import Foundation
import TestSupport
import Testing

/// The numbers were counted by an independent script over the same files.
@Suite(.enabled(if: TestFiles.hasSharedData)) struct RealRecordsTests {
    @Test(
        arguments: [
            ("chatterbot-english.jsonl", 2025, ["empty message": 1]), ("dolly-hhrlhf-1000.jsonl", 1000, [:]),
            ("glaive-toolcall-300.json", 300, [:]), ("identity.json", 91, [:]),
            ("instruction-data.json", 1100, [:]),
            ("oasst-en-100-trees.jsonl", 100, [:]), ("self-instruct-seed-tasks.jsonl", 175, [:]),
            ("user-oriented-instructions.jsonl", 252, [:]), ("vicuna-dummy-conversation.json", 500, [:]),
            ("mt-bench-questions.jsonl", 0, ["unknown schema": 80]),
        ] as [(String, Int, [String: Int])])
    func demonstrations(file: String, kept: Int, skipped: [String: Int]) throws {
        let (records, report) = try DemonstrationRecord.read(TestFiles.shared("instruct/" + file))
        #expect(records.count == kept && report.kept == kept)
        #expect(report.skipped == skipped)
        for record in records.prefix(50) {
            #expect(try DemonstrationRecord.records(in: #require(record.json.object)) == [record])
        }
    }

    @Test(
        arguments: [
            ("dpo-en-300.json", 300, [:]),
            ("instruction-data-with-preference.json", 1094, ["identical chosen and rejected": 6]),
            ("pandalm-testset-v1.json", 855, ["tie": 85, "empty completion": 53, "wrong type": 6]),
            ("kto-en-300.json", 0, ["unknown schema": 300]),
        ] as [(String, Int, [String: Int])])
    func preferences(file: String, kept: Int, skipped: [String: Int]) throws {
        let (records, report) = try PreferenceRecord.read(TestFiles.shared("preference/" + file))
        #expect(records.count == kept)
        #expect(report.skipped == skipped)
        for record in records.prefix(50) {
            #expect(try PreferenceRecord.records(in: #require(record.json.object)) == [record])
        }
    }

    @Test func treesGiveRankedPairs() throws {
        let (pairs, report) = try PreferenceRecord.read(TestFiles.shared("instruct/oasst-en-100-trees.jsonl"))
        #expect(pairs.count == 212 && report.skippedCount == 0)
    }

    @Test func labelsAreRead() throws {
        let (records, _) = try LabeledRecord.read(TestFiles.shared("preference/kto-en-300.json"))
        #expect(records.count == 300)
        #expect(Set(records.map(\.isDesirable)) == [true, false])
    }

    @Test func preferencesAreNoDemonstrations() throws {
        let (_, report) = try DemonstrationRecord.read(TestFiles.shared("preference/dpo-en-300.json"))
        #expect(report.kept == 0 && report.skipped == ["unknown schema": 300])
    }

    @Test func promptsOfBenchmarksAreRead() throws {
        #expect(
            try PromptRecord.read(TestFiles.shared("instruct/mt-bench-questions.jsonl")).records.count == 80)
        #expect(try PromptRecord.read(TestFiles.shared("eval/ifeval-input_data.jsonl")).records.count == 541)
        let problems = try PromptRecord.read(TestFiles.shared("eval/gsm8k-test.jsonl")).records
        #expect(problems.count == 1319 && problems.allSatisfy { $0.columns["answer"]?.string != nil })
    }

    @Test func toolCallsSurvive() throws {
        let (records, _) = try DemonstrationRecord.read(TestFiles.shared("instruct/glaive-toolcall-300.json"))
        var calls = 0
        for case .conversation(let conversation) in records {
            calls += conversation.messages.reduce(0) { $0 + $1.toolCalls.count }
        }
        #expect(calls == 211)
    }
}
