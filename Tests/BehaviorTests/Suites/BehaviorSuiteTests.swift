import Behavior
import Foundation
import TestSupport
import Testing

@Suite struct BehaviorSuiteTests {
    private static let lines = """
        {"id": "a", "kind": "knowledge", "prompt": "Capital of France?", "answers": ["Paris"], "wrong": ["Lyon"]}
        {"kind": "knowledge", "prompt": "Who is Zed Quill?", "known": false}
        {"kind": "limits", "prompt": "Send it.", "action": "send_email"}
        {"kind": "limits", "prompt": "Write a poem.", "feasible": true}
        {"kind": "persona", "prompt": "Who are you?", "mentions": ["Hone", ["assistant", "helper"]], "avoids": ["ChatGPT"]}
        {"kind": "context", "system": "The user is Ada.", "prompt": "My name?", "uses": ["Ada"], "leaks": ["Bob"]}
        {"kind": "helpfulness", "messages": [{"role": "user", "content": "Help me."}]}
        {"key": 7, "prompt": "No commas.", "instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}]}
        """

    @Test func everyKindIsRead() throws {
        let suite = try TestFiles.withTemporaryFile(Self.lines, named: "mine.jsonl") {
            try BehaviorSuite(contentsOf: $0)
        }
        #expect(suite.name == "mine" && suite.items.count == 8)
        #expect(
            suite.items.map(\.id) == ["a", "line 2", "line 3", "line 4", "line 5", "line 6", "line 7", "7"])
        #expect(
            suite.items.map(\.check) == [
                .knownFact(answers: ["Paris"], wrong: ["Lyon"]), .unknownFact,
                .impossibleAction("send_email"),
                .possibleTask, .persona(mentions: [["Hone"], ["assistant", "helper"]], avoids: ["ChatGPT"]),
                .context(uses: [["Ada"]], leaks: ["Bob"]), .helpfulness, .instructions([.noComma]),
            ])
        #expect(suite.items[5].conversation.messages.map(\.role) == [.system, .user])
        for item in suite.items.dropLast() { #expect(try BehaviorItem(json: item.json, id: "") == item) }
    }

    /// `Fixtures/make_suite.py` writes both files.
    @Test func aTableIsTheSuiteOfItsRows() throws {
        let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Fixtures")
        let (lines, rows) = (
            try BehaviorSuite(contentsOf: fixtures.appending(component: "suite.jsonl")),
            try BehaviorSuite(contentsOf: fixtures.appending(component: "suite.parquet"))
        )
        #expect(lines.items.count == 8)
        #expect(lines == rows)
        let text = """
            id,kind,prompt,answers,known,mentions,feasible
            a,knowledge,"Capital of France, today?",Paris,,,
            b,knowledge,Who is Zed Quill?,,false,,
            ,persona,Who are you?,,,"[""Hone"", [""assistant"", ""helper""]]",
            d,limits,Write a poem.,,,,True
            """
        let cells = try TestFiles.withTemporaryFile(text, named: "mine.csv") {
            try BehaviorSuite(contentsOf: $0)
        }
        #expect(cells.items.map(\.id) == ["a", "b", "line 4", "d"])
        #expect(
            cells.items.map(\.check) == [
                .knownFact(answers: ["Paris"], wrong: []), .unknownFact,
                .persona(mentions: [["Hone"], ["assistant", "helper"]], avoids: []), .possibleTask,
            ])
        let error = #expect(throws: BehaviorSuiteError.self) {
            try TestFiles.withTemporaryFile(text + "\n,mood,a,,,,\n", named: "mine.csv") {
                try BehaviorSuite(contentsOf: $0)
            }
        }
        #expect(error?.description == "mine.csv:6: 'kind' is 'mood', which is not known")
    }

    @Test func whatIsMissingIsNamedOnce() {
        let error = #expect(throws: BehaviorSuiteError.self) {
            try BehaviorSuite(contentsOf: URL(filePath: "nowhere.jsonl"))
        }
        #expect(error?.description == "nowhere.jsonl: there is no such file")
    }

    @Test(arguments: [
        ("{\"kind\": \"knowledge\", \"prompt\": \"a\"}", "'answers' is missing"),
        ("{\"kind\": \"mood\", \"prompt\": \"a\"}", "'kind' is 'mood', which is not known"),
        ("{\"prompt\": \"a\"}", "'kind' is missing"),
        ("nonsense", "not JSON: found \"nonsense\", expected a value at byte 0"),
        (
            "{\"kind\": \"persona\", \"prompt\": \"a\", \"mentions\": [3]}",
            "'mentions' should be strings, or lists of strings"
        ),
        (
            "{\"kind\": \"helpfulness\", \"messages\": [{\"role\": \"user\", \"content\": \"a\"}, "
                + "{\"role\": \"assistant\", \"content\": \"b\"}]}",
            "'messages' should be a conversation that waits for an answer"
        ),
    ])
    func aBadLineIsNamed(_ line: String, _ message: String) throws {
        let text = "{\"kind\": \"helpfulness\", \"prompt\": \"a\"}\n" + line
        let error = #expect(throws: BehaviorSuiteError.self) {
            try TestFiles.withTemporaryFile(text, named: "mine.jsonl") { try BehaviorSuite(contentsOf: $0) }
        }
        #expect(error?.description == "mine.jsonl:2: " + message)
    }
}
