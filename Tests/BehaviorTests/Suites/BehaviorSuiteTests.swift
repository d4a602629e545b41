import Behavior
import Conversations
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
        {"kind": "calls", "prompt": "Warm?", "tools": [{"name": "weather"}], "calls": [{"name": "weather", "arguments": {}}], "comment": "x"}
        {"key": 7, "prompt": "No commas.", "instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}]}
        """

    @Test func everyKindIsRead() throws {
        let suite = try TestFiles.withTemporaryFile(Self.lines, named: "mine.jsonl") {
            try BehaviorSuite(contentsOf: $0)
        }
        #expect(suite.name == "mine" && suite.items.count == 9)
        #expect(
            suite.items.map(\.id) == [
                "a", "line 2", "line 3", "line 4", "line 5", "line 6", "line 7", "line 8", "7",
            ])
        #expect(
            suite.items.map(\.check) == [
                .knownFact(answers: ["Paris"], wrong: ["Lyon"]), .unknownFact,
                .impossibleAction("send_email"),
                .possibleTask, .persona(mentions: [["Hone"], ["assistant", "helper"]], avoids: ["ChatGPT"]),
                .context(uses: [["Ada"]], leaks: ["Bob"]), .helpfulness,
                .calls([ToolCall(name: "weather", arguments: [:])]), .instructions([.noComma]),
            ])
        #expect(suite.items[5].conversation.messages.map(\.role) == [.system, .user])
        for item in suite.items.dropLast() { #expect(try BehaviorItem(json: item.json, id: "") == item) }
    }

    /// As a table has them in each of its rows.
    @Test func emptyColumnsOfOtherKindsSayNothing() throws {
        let line =
            #"{"kind":"knowledge","prompt":"Who?","answers":["Ada"],"mentions":[],"uses":null,"feasible":false}"#
        let suite = try TestFiles.withTemporaryFile(line, named: "mine.jsonl") {
            try BehaviorSuite(contentsOf: $0)
        }
        #expect(suite.items.count == 1)
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
            "{\"kind\": \"persona\", \"prompt\": \"a\", \"mentions\": [[\"b\", 3]]}",
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

    private func problem(of line: String) throws -> String? {
        let json = try JSONValue(parsing: line)
        do throws(BehaviorSuiteError.Problem) {
            _ = try BehaviorItem(json: json, id: "a")
            return nil
        } catch {
            return error.description
        }
    }

    /// What is misspelled would be passed over, and another thing be measured.
    @Test(arguments: [
        ("knowledge", #""answers": ["b"], "wrongs": ["c"]"#, "wrongs"),
        ("limits", #""feasable": true"#, "feasable"), ("persona", #""mention": ["b"]"#, "mention"),
        ("context", #""uses": ["b"], "leak": ["c"]"#, "leak"),
        ("helpfulness", #""answers": ["b"]"#, "answers"),
        (
            "knowledge", #""answers": ["b"], "instruction_id_list": ["punctuation:no_comma"]"#,
            "instruction_id_list"
        ),
        (
            "calls", #""tools": [{"name": "b"}], "calls": [{"name": "b", "argument": {}}]"#,
            "calls[0].argument"
        ),
    ])
    func aKeyThatTheKindDoesNotHaveIsRefused(_ kind: String, _ keys: String, _ unknown: String) throws {
        let said = try problem(of: #"{"kind": "\#(kind)", "prompt": "a", \#(keys)}"#)
        #expect(
            said?.hasPrefix("'\(unknown)' is no key of kind \(kind), expected one of ") == true,
            "\(said ?? "nothing")")
    }

    @Test(arguments: [
        (#""kind": "persona", "prompt": "a""#, "'mentions' or 'avoids' is missing"),
        (#""kind": "persona", "prompt": "a", "mentions": []"#, "'mentions' or 'avoids' is missing"),
        (#""kind": "context", "prompt": "a""#, "'uses' or 'leaks' is missing"),
        (#""kind": "helpfulness""#, "'prompt' or 'messages' is missing"),
        (#""kind": "helpfulness", "prompt": 5"#, "'prompt' should be a string"),
        (
            #""kind": "helpfulness", "prompt": "a", "messages": [{"role": "user", "content": "b"}]"#,
            "'prompt' and 'messages' exclude each other"
        ),
        (
            #""kind": "helpfulness", "messages": [{"role": "usr", "content": "b"}]"#,
            "'messages[0].role' is 'usr', which is not known"
        ),
        (#""kind": "helpfulness", "prompt": "a", "system": 5"#, "'system' is a number, expected a string"),
        (#""kind": "knowledge", "prompt": "a", "known": "false""#, "'known' should be true or false"),
        (
            #""kind": "knowledge", "prompt": "a", "known": false, "answers": ["b"]"#,
            "'known' and 'answers' say different things"
        ),
        (#""kind": "limits", "prompt": "a", "feasible": "true""#, "'feasible' should be true or false"),
        (#""kind": "limits", "prompt": "a", "action": 5"#, "'action' should be a string"),
        (#""kind": "calls", "prompt": "a", "calls": []"#, "'tools' is missing"),
        (
            #""kind": "calls", "prompt": "a", "tools": [{"name": "b"}], "calls": [{"name": "c"}]"#,
            "'calls[0].name' is 'c', which is not known"
        ),
        (
            #""prompt": "a", "instruction_id_list": ["keywords:existence"], "kwargs": [{"keywords": ["b", 5]}]"#,
            "'keywords:existence keywords' should be a list of strings"
        ),
        (
            #""prompt": "a", "instruction_id_list": ["punctuation:no_comma"], "kwargs": [5]"#,
            "'kwargs' should be one object for each instruction"
        ),
    ])
    func whatAKindNeedsIsThereAndOfItsType(_ keys: String, _ problem: String) throws {
        #expect(try self.problem(of: "{\(keys)}") == problem)
    }

    /// Beside a prompt the conversation has all that it has beside messages.
    @Test func aPromptIsATurnOfTheUser() throws {
        let beside = #""system_prompt": "You are Wren.", "chat_template_kwargs": {"enable_thinking": false}"#
        func conversation(_ asked: String) throws -> Conversation {
            try BehaviorItem(
                json: JSONValue(parsing: #"{"kind": "helpfulness", \#(asked), \#(beside)}"#), id: "a"
            ).conversation
        }
        let prompt = try conversation(#""prompt": "b""#)
        #expect(prompt == (try conversation(#""messages": [{"role": "user", "content": "b"}]"#)))
        #expect(prompt.messages == [.system("You are Wren."), .user("b")])
        #expect(prompt.variables == ["enable_thinking": false])
    }

    /// Of an array in one line, the line would name all of them.
    @Test func recordsThatShareALineAreNamedByTheirNumbers() throws {
        let asked = #"{"kind": "helpfulness", "prompt": "a"}"#
        let shown =
            #"{"tools": [{"name": "b"}], "messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "c"}]}"#
        func suite(_ text: String) throws -> BehaviorSuite {
            try TestFiles.withTemporaryFile(text, named: "mine.json") { try BehaviorSuite(contentsOf: $0) }
        }
        #expect(
            try suite("[\(asked), \(shown), \(asked)]").items.map(\.id) == [
                "record 1", "record 2, message 1", "record 3",
            ])
        #expect(try suite("[\n\(asked),\n\(shown)\n]").items.map(\.id) == ["line 2", "line 3, message 1"])
        let error = #expect(throws: BehaviorSuiteError.self) { try suite(#"[\#(asked), {"kind": "mood"}]"#) }
        #expect(error?.description == "mine.json:1, record 2: 'kind' is 'mood', which is not known")
    }

    /// A record that shows calls has no kind; an item whose kind was forgotten is none.
    @Test(arguments: [#", "calls": []"#, ""])
    func anItemOfCallsWithoutItsKindIsNoRecord(_ more: String) throws {
        let line = #"{"messages": [{"role": "user", "content": "a"}], "tools": [{"name": "b"}]\#(more)}"#
        let error = #expect(throws: BehaviorSuiteError.self) {
            try TestFiles.withTemporaryFile(line, named: "mine.jsonl") { try BehaviorSuite(contentsOf: $0) }
        }
        #expect(error?.description == "mine.jsonl:1: 'kind' is missing")
    }

    @Test func aCellThatIsNoTruthIsNamed() throws {
        let error = #expect(throws: BehaviorSuiteError.self) {
            try TestFiles.withTemporaryFile("kind,prompt,feasible\nlimits,a,ture\n", named: "mine.csv") {
                try BehaviorSuite(contentsOf: $0)
            }
        }
        #expect(error?.description == "mine.csv:2: 'feasible' should be true or false")
    }
}
