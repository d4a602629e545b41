import Conversations
import Testing

@Suite struct ToolCallFormatTests {
    @Test(arguments: [
        ("chatML", ToolCallFormat.hermes), ("qwen2_5", .hermes), ("qwen3", .hermes), ("llama3_1", .llama3),
        ("llama3_2", .llama3), ("mistral-like", .mistral), ("mistral-arguments-like", .mistralArguments),
        ("zephyr", nil), ("gemma-like", nil), ("gptoss", nil), ("glm4moe", nil),
    ])
    func theFormatIsThatOfTheTemplate(_ name: String, _ format: ToolCallFormat?) throws {
        let template = try #require(ChatTemplateFixture.all.first { $0.name == name }).template
        #expect(ToolCallFormat(of: template) == format)
    }

    private static let calls = [
        ToolCall(
            id: "abcdefghi", name: "weather", arguments: ["city": "Zürich \"}\\", "days": [1, 2], "n": nil]),
        ToolCall(id: "012345678", name: "time", arguments: ["at": ["zone": "}{]["]]),
    ]

    /// What a template writes of a turn is read as that turn.
    @Test(arguments: [
        ("chatML", "I look.", 2), ("chatML", "", 1), ("qwen2_5", "I look.", 2), ("qwen3", "", 2),
        ("llama3_1", "", 1),
        ("mistral-like", "", 2), ("mistral-arguments-like", "I look.", 2), ("mistral-arguments-like", "", 1),
    ])
    func readingInvertsWriting(_ name: String, _ text: String, _ count: Int) throws {
        let template = try #require(ChatTemplateFixture.all.first { $0.name == name }).template
        let asked = Conversation([.user("?")])
        let calls = Array(Self.calls.prefix(count))
        let prompt = try template.text(of: asked, addingGenerationPrompt: true)
        let whole = try template.text(of: asked.appending(.assistant(text, toolCalls: calls)))
        var answer = String(whole.dropFirst(prompt.count))
        for end in ["<|im_end|>\n", "<|eot_id|>", "</s>"] where answer.hasSuffix(end) {
            answer.removeLast(end.count)
        }
        if name == "qwen3" { answer = answer.replacing("<think>\n\n</think>\n\n", with: "") }
        let turn = try #require(ToolCallFormat(of: template)).turn(from: answer)
        #expect(turn.content == text)
        #expect(turn.toolCalls.map(\.name) == calls.map(\.name))
        #expect(turn.toolCalls.map(\.arguments) == calls.map(\.arguments))
        if name == "mistral-like" { #expect(turn.toolCalls.map(\.id) == calls.map(\.id)) }
    }

    @Test(arguments: [
        (ToolCallFormat.hermes, #"<tool_call> {"name":"f","arguments":"{\"x\":1}"} </tool_call>"#, ""),
        (.llama3, #"<|python_tag|>{"name": "f", "parameters": {"x": 1}}"#, ""),
        (.llama3, #" {"parameters": {"x": 1}, "name": "f"}"#, ""),
        (.llama3, #"{"name": "f", "arguments": {"x": 1}}"#, ""),
        (.mistral, #"So: [TOOL_CALLS][{"name": "f", "arguments": {"x": 1}}]"#, "So:"),
        (.mistral, #"[TOOL_CALLS]f[ARGS]{"x": 1}"#, ""),
        (.mistralArguments, #"[TOOL_CALLS]f[CALL_ID]123456789[ARGS]{"x": 1}"#, ""),
    ])
    func spellingsOfModelsAreRead(_ format: ToolCallFormat, _ answer: String, _ text: String) throws {
        let turn = try format.turn(from: answer)
        #expect(turn.content == text)
        #expect(turn.toolCalls.map(\.name) == ["f"])
        #expect(turn.toolCalls.map(\.arguments) == [["x": 1]])
    }

    @Test func severalObjectsAreCallsOfLlama() throws {
        let one = #"{"name": "f", "parameters": {}}"#
        #expect(try ToolCallFormat.llama3.turn(from: "\(one); \(one)").toolCalls.count == 2)
    }

    @Test(arguments: [
        (ToolCallFormat.hermes, " <tool_cal is a word"), (.llama3, #"{"answer": 42}"#),
        (.llama3, "{not JSON"),
        (.mistral, "[1, 2]"), (.mistralArguments, "[ARGS]"), (.hermes, "a\n"), (.llama3, ""),
    ])
    func textIsText(_ format: ToolCallFormat, _ answer: String) throws {
        #expect(try format.turn(from: answer) == .assistant(answer))
    }

    @Test(arguments: [
        (ToolCallFormat.hermes, "Hm <tool_call>\n{\"name\": \"f\", \"arguments\": {", 1, 43, "its end"),
        (.hermes, "<tool_call>\nf(x)\n</tool_call>", 1, 12, #""f(x)\n</tool_call>""#),
        (
            .hermes, #"<tool_call>{"name": "f", "arguments": [1]}</tool_call>"#, 1, 11,
            "arguments that are an array"
        ),
        (.hermes, #"<tool_call>{"name": 7, "arguments": {}}</tool_call>"#, 1, 11, "7"),
        (.hermes, #"<tool_call>{"arguments": {}}</tool_call>"#, 1, 11, "an object without name"),
        (.hermes, #"<tool_call>{"name": "f"}</tool_call>"#, 1, 11, "no arguments"),
        (
            .hermes, #"<tool_call>{"name": "f", "arguments": {}}</tool_call> and so on"#, 2, 54,
            "\"and so on\""
        ),
        (.hermes, #"<tool_call>{"name": "f", "arguments": {}}"#, 1, 41, "its end"),
        (.llama3, "<|python_tag|>print(1)", 1, 14, "\"print(1)\""),
        (.llama3, #"{"name": "f", "parameters": {"x""#, 1, 32, "its end"),
        (.mistral, #"[TOOL_CALLS] [{"name": "f", "arguments": {}}"#, 2, 44, "its end"),
        (.mistral, #"[TOOL_CALLS]"#, 1, 12, "its end"),
        (.mistralArguments, "[TOOL_CALLS]f{}", 1, 12, "\"f{}\""),
        (.mistralArguments, "[TOOL_CALLS]f[ARGS]1", 1, 19, "\"1\""),
    ])
    func aMalformedCallIsNamedByItsPlace(
        _ format: ToolCallFormat, _ answer: String, _ call: Int, _ offset: Int, _ found: String
    ) throws {
        do throws(ToolCallError) {
            Issue.record("read as \(try format.turn(from: answer))")
        } catch {
            #expect(error.call == call)
            #expect(error.offset == offset)
            #expect(error.found == found)
        }
    }

    @Test func aMalformedCallIsASentence() {
        #expect(throws: ToolCallError(call: 1, offset: 11, found: "its end", expected: "an object of JSON")) {
            try ToolCallFormat.hermes.turn(from: "<tool_call>")
        }
        #expect(
            "\(ToolCallError(call: 2, offset: 7, found: "its end", expected: "]"))"
                == "call 2 is malformed at byte 7 of the answer: found its end, expected ]")
    }
}

/// An answer that comes in pieces.
@Suite struct ToolCallStreamTests {
    static let answers: [(ToolCallFormat, String)] = [
        (
            .hermes,
            "I look. \n<tool_call>\n{\"name\": \"f\", \"arguments\": {\"x\": \"}\"}}\n</tool_call>\n<tool_call>\n{\"name\": \"g\", \"arguments\": {}}\n</tool_call>"
        ),
        (.hermes, "a < b, <tool, <tool_call_ and 😀 \n"), (.hermes, "<tool_call>{\"name\": \"f\""),
        (.llama3, "{\"name\": \"f\", \"parameters\": {}}"), (.llama3, " {\"answer\": 1} "),
        (.llama3, "Sure. {\"name\": \"f\"}"),
        (.llama3, "<|python_tag|>{\"name\": \"f\", \"parameters\": {}}"), (.llama3, "<|pyt"),
        (
            .mistral,
            "[TOOL_CALLS] [{\"name\": \"f\", \"arguments\": {}}, {\"name\": \"g\", \"arguments\": {}}]"
        ),
        (.mistralArguments, "Let me see.[TOOL_CALLS]f[ARGS]{}[TOOL_CALLS]g[ARGS]{\"x\": [1]}"),
    ]

    @Test(arguments: answers.indices) func piecesSayWhatTheWholeSays(_ index: Int) throws {
        let (format, answer) = Self.answers[index]
        let turn = try? format.turn(from: answer)
        for size in 1...9 {
            var stream = ToolCallStream(format)
            var (rest, text) = (answer[...], "")
            while !rest.isEmpty {
                text += stream.append(String(rest.prefix(size)))
                rest = rest.dropFirst(size)
            }
            let end = stream.finish()
            #expect((end.problem == nil) == (turn != nil))
            #expect(stream.calls == turn?.toolCalls ?? [])
            #expect(text + end.text == turn?.content ?? answer)
        }
    }

    @Test func aCallBeforeAMalformedOneIsStillACall() {
        var stream = ToolCallStream(.hermes)
        let call = "<tool_call>{\"name\": \"f\", \"arguments\": {}}</tool_call>"
        #expect(stream.append("So: \(call)\n<tool_call>{\"name\"") == "So:")
        let end = stream.finish()
        #expect(end.text == "\n<tool_call>{\"name\"" && end.problem?.call == 2)
        #expect(stream.calls == [ToolCall(name: "f", arguments: [:])])
    }

    @Test func aCallIsKnownWhenItIsComplete() {
        var stream = ToolCallStream(.hermes)
        #expect(stream.append("So: <tool_call>{\"name\": \"f\", \"arguments\": {}}") == "So:")
        #expect(stream.calls.isEmpty)
        #expect(stream.append("</tool_call>\n<tool_call>") == "")
        #expect(stream.calls == [ToolCall(name: "f", arguments: [:])])
    }
}
