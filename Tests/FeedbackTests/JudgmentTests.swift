import Feedback
import JSON
import Testing

@Suite struct JudgmentTests {
    @Test func whatIsWrittenIsRead() throws {
        let judgment = Judgment.example("k", ["x", "y"], .second, edit: "better")
        var object = try #require(judgment.json.object)
        object["time"] = nil
        #expect(try Judgment(json: .object(object), time: 1.5) == judgment)
    }

    @Test(
        arguments: [
            ("key", JSONValue.null, "key is missing"), ("key", "", "key is a string of 0 bytes"),
            ("choice", "third", "choice is third; expected one of first"),
            ("choice", "good", "answers is 2 of them; expected 1 for good"),
            ("prompt", [], "prompt is empty"),
            ("prompt", [[:]], "prompt[0].role is missing"), ("answers", [1, 2], "answers[0] is a number"),
            ("answers", [["text": "x"], ["text": "y"]], "answers[0].model is missing"),
            ("edit", 3, "edit is a number"), ("colour", "red", "colour is not known"),
        ] as [(String, JSONValue, String)])
    func whatIsWrongIsNamed(member: String, value: JSONValue, message: String) throws {
        var object = try #require(Judgment.example("k", ["x", "y"], .first).json.object)
        object["time"] = nil
        object[member] = value
        let problem = #expect(throws: JudgmentProblem.self) { try Judgment(json: .object(object), time: 0) }
        #expect(problem?.description.hasPrefix(message) == true, "\(problem?.description ?? "")")
    }

    @Test func anEditNeedsABetterAnswer() throws {
        var object = try #require(Judgment.example("k", ["x", "y"], .bothBad, edit: "z").json.object)
        object["time"] = nil
        #expect(throws: JudgmentProblem.self) { try Judgment(json: .object(object), time: 0) }
    }

    private static let judgments: [Judgment] = [
        .example("1", ["x", "y"], .first), .example("2", ["x", "y"], .second, edit: "z"),
        .example("3", ["x", "y"], .bothGood), .example("4", ["x", "y"], .bothBad),
        .example("5", ["x"], .good), .example("6", ["x"], .bad), .example("7", ["x", "x"], .first),
    ]

    private static func texts(_ export: FeedbackExport, _ keys: String...) -> [[String]] {
        export.records(of: judgments).map { record in
            #expect(record["prompt"] == [["role": "user", "content": "Why?"]])
            #expect(record.object?.keys == ["prompt"] + keys)
            return keys.map { key in
                if let label = record[key]?.bool { return "\(label)" }
                #expect(record[key]?.array?.first?["role"] == "assistant")
                return record[key]?.array?.first?["content"]?.string ?? ""
            }
        }
    }

    @Test func preferencesAreOfChoicesAndEdits() {
        // Two answers of the same words are no preference.
        #expect(
            Self.texts(.preferences, "chosen", "rejected") == [["x", "y"], ["z", "x"], ["z", "y"]])
    }

    @Test func labelsAreOfThumbsAndChoices() {
        #expect(
            Self.texts(.labels, "completion", "label") == [
                ["x", "true"], ["y", "false"], ["z", "true"], ["x", "false"], ["x", "true"], ["y", "true"],
                ["x", "false"], ["y", "false"], ["x", "true"], ["x", "false"], ["x", "true"],
            ])
    }

    @Test func demonstrationsAreOfWhatIsGood() {
        #expect(
            Self.texts(.demonstrations, "completion") == [["x"], ["z"], ["x"], ["y"], ["x"], ["x"]])
    }
}
