import Conversations
import Foundation
import TestSupport
import Testing

@Suite struct RecordReaderTests {
    private static let lines = """
        {"prompt": "a", "completion": "b"}

        {"prompt": "a", "completion": ""}
        not json
        {"prompt": "c", "completion": "d, \\"e\\" ]}"}
        [1]
        """

    /// A source that hands out the text in pieces of the given size.
    private func reader(
        _ text: String, pieces size: Int, policy: BadRecordPolicy = .skip, limit: Int = 1 << 20
    ) -> RecordReader<DemonstrationRecord> {
        let bytes = Array(text.utf8)
        var position = 0
        return RecordReader(file: "data.jsonl", onBadRecord: policy, recordLimit: limit) {
            () throws(RecordFileError) in
            guard position < bytes.count else { return nil }
            defer { position += size }
            return Array(bytes[position..<min(position + size, bytes.count)])
        }
    }

    private func all(_ reader: inout RecordReader<DemonstrationRecord>) throws -> [DemonstrationRecord] {
        var records: [DemonstrationRecord] = []
        while let record = try reader.next() { records.append(record) }
        return records
    }

    private static let good: [DemonstrationRecord] = [
        .completion(prompt: "a", completion: "b"), .completion(prompt: "c", completion: "d, \"e\" ]}"),
    ]

    @Test(arguments: [1, 2, 7, 64, 4096]) func badLinesAreCountedAndNamed(pieces: Int) throws {
        var reader = reader(Self.lines, pieces: pieces)
        #expect(try all(&reader) == Self.good)
        #expect(reader.report.read == 5 && reader.report.kept == 2)
        #expect(reader.report.skipped == ["empty completion": 1, "not JSON": 1, "not an object": 1])
        #expect(reader.report.examples.map(\.line) == [3, 4, 6])
    }

    @Test func refusalNamesFileAndLine() throws {
        var reader = reader(Self.lines, pieces: 9, policy: .refuse)
        _ = try reader.next()
        #expect(
            throws: RecordFileError.badRecord(
                file: "data.jsonl", line: 3, problem: .emptyCompletion(message: 0))
        ) { try reader.next() }
    }

    @Test(arguments: [1, 3, 1000]) func anArrayGivesItsElements(pieces: Int) throws {
        let text = """
            \u{FEFF}[
              {"prompt": "a", "completion": "b"}, {"prompt": "a",
                "completion": ""},
              nonsense, {
                "prompt": "c", "completion": "d, \\"e\\" ]}" }
            ]
            """
        var reader = reader(text, pieces: pieces)
        #expect(try all(&reader) == Self.good)
        #expect(reader.report.examples.map(\.line) == [2, 4])
    }

    @Test func aTruncatedArrayLosesItsLastRecordLoudly() throws {
        var reader = reader(
            "[{\"prompt\": \"a\", \"completion\": \"b\"},\n{\"prompt\": \"c\", \"comp", pieces: 5)
        #expect(try all(&reader).count == 1)
        #expect(reader.report.examples.map(\.line) == [2])
    }

    @Test func longRecordsAreLeftOutInBoundedMemory() throws {
        let long = "{\"prompt\": \"a\", \"completion\": \"" + String(repeating: "x", count: 10_000) + "\"}"
        let short = "{\"prompt\": \"a\", \"completion\": \"b\"}"
        var lines = reader([long, short].joined(separator: "\n"), pieces: 100, limit: 1_000)
        #expect(try all(&lines).count == 1)
        #expect(lines.report.skipped == ["too long": 1])
        var array = reader("[\(long),\(short)]", pieces: 100, limit: 1_000)
        #expect(try all(&array).count == 1)
        #expect(array.report.skipped == ["too long": 1])
    }

    @Test func aMissingFileIsNamedOnce() {
        let error = #expect(throws: RecordFileError.self) {
            try RecordReader<PromptRecord>(URL(filePath: "/nowhere/at-all.jsonl"))
        }
        #expect(error?.description == "at-all.jsonl: there is no such file")
    }

    /// Python writes NaN where a column has no value.
    @Test func whatIsNoNumberSpoilsOnlyTheKeyThatHoldsIt() throws {
        let lines = ["NaN", "Infinity", "-Infinity"].map {
            #"{"prompt": "a", "chosen": "b", "rejected": "c", "score": \#($0)}"# + "\n"
                + #"{"prompt": "a", "chosen": "b", "rejected": "c", "margin": \#($0)}"# + "\n"
        }
        try TestFiles.withTemporaryFile(lines.joined(), named: "pairs.jsonl") { url in
            let (records, report) = try PreferenceRecord.read(url)
            #expect(records.count == 3)
            #expect(report.examples.map(\.line) == [2, 4, 6])
            #expect(
                report.examples.map(\.problem.description) == [
                    "'margin' is NaN, expected a finite number",
                    "'margin' is Infinity, expected a finite number",
                    "'margin' is -Infinity, expected a finite number",
                ])
            #expect(report.description.hasPrefix("3 records of 6, 3 left out"))
            #expect(try RecordKind(firstOf: url) == .preferences)
        }
        #expect(throws: JSONError.self) { try JSONValue(parsing: "NaN") }
    }

    /// A tree of Open Assistant is one record, and a good and a bad answer for each of its prompts.
    @Test func examplesAreCountedBesideTheRecordsThatTheyComeFrom() throws {
        let answers =
            #"[{"role":"assistant","text":"4","rank":0},{"role":"assistant","text":"5","rank":1},{"role":"assistant","text":"6","rank":2}]"#
        let tree = #"{"prompt":{"role":"prompter","text":"2 + 2?","replies":\#(answers)}}"#
        try TestFiles.withTemporaryFile("\(tree)\n{}\n\(tree)\n", named: "trees.jsonl") { url in
            let (records, report) = try LabeledRecord.read(url)
            #expect(records.map(\.isDesirable) == [true, false, true, false])
            #expect(report.description.hasPrefix("4 examples from 2 records of 3, 1 left out"))
        }
    }

    @Test func filesAreReadWhole() throws {
        try TestFiles.withTemporaryFile(Self.lines, named: "demo.jsonl") { url in
            let (records, report) = try DemonstrationRecord.read(url)
            #expect(records == Self.good && report.skippedCount == 3)
            #expect(report.description.contains("line 3: message 0: the answer is empty"))
        }
    }
}

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

    @Test func mathProblemsOfSVAMPAreRead() throws {
        let object: JSONObject = [
            "ID": "chal-1", "Body": "Ada baked 8 loaves and sold 3.", "Question": "How many are left?",
            "Equation": "( 8.0 - 3.0 )", "Answer": 5.0, "Type": "Subtraction",
        ]
        let record = try #require(try PromptRecord.records(in: object).first)
        #expect(record.prompt == .messages([.user("Ada baked 8 loaves and sold 3. How many are left?")]))
        #expect(record.columns["Answer"]?.number == 5 && record.columns["Body"] == nil)
        #expect(RecordKind(of: object) == .prompts)
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
