import Alignment
import HTTPServing
import JSON
import LanguageModel
import NeuralCore
import Serving
import Testing

/// Tools of chat completions, in OpenAI's form.
@Suite struct ToolServingTests {
    private static func server(_ template: ChatTemplate = .chatML) throws -> ModelServer {
        ModelServer(of: try tinyChat(["<tool_call>", "</tool_call>"], context: 2_048, template: template))
    }

    private static func ask(_ server: ModelServer, _ body: String) async -> Reply {
        await HTTPServingTests.ask(server, "/v1/chat/completions", body)
    }

    private static func json(_ text: String) -> JSONValue { (try? JSONValue(parsing: text)) ?? .null }

    private static let tools = #"""
        "tools": [{"type": "function", "function": {"name": "weather", "description": "Of a city.", "strict": true,
        "parameters": {"type": "object", "properties": {"city": {"enum": ["Rome", "Oslo"]}}, "required": ["city"]}}},
        {"type": "function", "function": {"name": "clock"}}]
        """#
    private static let chat =
        #""messages": [{"role": "user", "content": "hello"}], "max_tokens": 400, "seed": 5, "temperature": 1"#

    private static func expectCall(_ call: JSONValue, _ names: Set<String> = ["weather", "clock"]) {
        let name = call["function"]?["name"]?.string ?? ""
        #expect(call["type"] == "function" && names.contains(name))
        #expect(call["id"]?.string?.utf8.count == 9)
        let arguments = json(call["function"]?["arguments"]?.string ?? "")
        if name == "clock" {
            #expect(arguments == [:])
        } else {
            #expect(["Rome", "Oslo"].contains(arguments["city"]?.string))
        }
    }

    @Test(
        "Required and named calls are made, and fit the schemas",
        arguments: [
            (#""required""#, ["weather", "clock"]),
            (#"{"type": "function", "function": {"name": "weather"}}"#, ["weather"]),
        ])
    func calls(_ choice: String, _ names: [String]) async throws {
        let body =
            #"{\#(Self.chat), \#(Self.tools), "tool_choice": \#(choice), "parallel_tool_calls": false, "n": 4}"#
        let reply = await Self.ask(try Self.server(), body)
        #expect(reply.status == 200, "\(reply.text)")
        for choice in Self.json(reply.text)["choices"]?.array ?? [] {
            #expect(choice["finish_reason"] == "tool_calls")
            #expect(choice["message"]?["content"] == .null)
            let calls = choice["message"]?["tool_calls"]?.array ?? []
            #expect(calls.count == 1)
            for call in calls { Self.expectCall(call, Set(names)) }
        }
    }

    @Test("A stream says the calls that the whole answer says")
    func streams() async throws {
        let server = try Self.server()
        let body = #"\#(Self.chat), \#(Self.tools), "tool_choice": "required", "logprobs": true"#
        let whole = Self.json(await Self.ask(server, "{\(body)}").text)["choices"]?.array?.first
        let stream = await Self.ask(server, #"{\#(body), "stream": true}"#).text
        let events = stream.split(separator: "\n\n").dropLast().map { Self.json(String($0.dropFirst(6))) }
        let parts = events.compactMap { $0["choices"]?.array?.first }
        var calls: [(name: String, arguments: String)] = []
        for delta in parts.flatMap({ $0["delta"]?["tool_calls"]?.array ?? [] }) {
            let index = delta["index"]?.integer ?? -1
            if let name = delta["function"]?["name"]?.string {
                #expect(index == calls.count && delta["id"]?.string?.utf8.count == 9)
                calls.append((name, ""))
            }
            calls[index].arguments += delta["function"]?["arguments"]?.string ?? ""
        }
        let expected = whole?["message"]?["tool_calls"]?.array ?? []
        #expect(
            !expected.isEmpty && calls.map(\.name) == expected.map { $0["function"]?["name"]?.string ?? "" })
        #expect(calls.map(\.arguments) == expected.map { $0["function"]?["arguments"]?.string ?? "" })
        #expect(parts.last?["finish_reason"] == whole?["finish_reason"])
        let tokens = parts.flatMap { $0["logprobs"]?["content"]?.array ?? [] }
        #expect(tokens == whole?["logprobs"]?["content"]?.array)
    }

    @Test("Text is as without tools until a call begins, and no call is made where none may be")
    func choices() async throws {
        let server = try Self.server()
        let none = await Self.ask(server, #"{\#(Self.chat), \#(Self.tools), "tool_choice": "none"}"#)
        let plain = await Self.ask(server, "{\(Self.chat)}")
        #expect(Self.json(none.text)["choices"] == Self.json(plain.text)["choices"])
        let automatic = Self.json(await Self.ask(server, #"{\#(Self.chat), \#(Self.tools), "n": 8}"#).text)
        for choice in automatic["choices"]?.array ?? [] {
            let calls = choice["message"]?["tool_calls"]?.array ?? []
            for call in calls { Self.expectCall(call) }
            if choice["finish_reason"] == "stop" { #expect(calls.isEmpty) }
            if choice["finish_reason"] == "tool_calls" { #expect(!calls.isEmpty) }
        }
    }

    @Test("A conversation with calls and results is read as the template has it")
    func history() async throws {
        let messages = #"""
            "messages": [{"role": "user", "content": "Rome?"}, {"role": "assistant", "content": null, "tool_calls":
            [{"id": "a", "type": "function", "function": {"name": "weather", "arguments": "{\"city\": \"Rome\"}"}}]},
            {"role": "tool", "tool_call_id": "a", "content": "sun"}], "max_tokens": 4, "seed": 1
            """#
        let reply = Self.json(await Self.ask(try Self.server(), "{\(messages), \(Self.tools)}").text)
        let tools = try #require(try JSONValue(parsing: "{\(Self.tools)}")["tools"]?.array)
        var offered = tools
        offered[0] = [
            "type": "function",
            "function": .object(
                JSONObject(
                    tools[0]["function"]!.object!.members.filter { $0.key != "strict" }.map {
                        ($0.key, $0.value)
                    })),
        ]
        let conversation = Conversation(
            [
                .user("Rome?"),
                .assistant("", toolCalls: [ToolCall(id: "a", name: "weather", arguments: ["city": "Rome"])]),
                .tool("sun"),
            ], tools: offered)
        let text = try ChatTemplate.chatML.text(of: conversation, addingGenerationPrompt: true)
        let tokenizer = try BytePairTokenizer(
            trainedOn: ["a b c"], vocabularySize: 262,
            specialTokens: ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<tool_call>", "</tool_call>"])
        #expect(reply["usage"]?["prompt_tokens"]?.integer == tokenizer.encode(text).count)
    }

    @Test("A value of a schema or a call: both can be asked for")
    func beside() async throws {
        let body = #"""
            {\#(Self.chat), \#(Self.tools), "n": 8, "response_format": {"type": "json_schema", "json_schema":
            {"name": "x", "schema": {"type": "integer", "minimum": 1, "maximum": 9}}}}
            """#
        for choice in Self.json(await Self.ask(try Self.server(), body).text)["choices"]?.array ?? [] {
            let calls = choice["message"]?["tool_calls"]?.array ?? []
            for call in calls { Self.expectCall(call) }
            if calls.isEmpty, choice["finish_reason"] == "stop" {
                #expect((1...9).contains(Self.json(choice["message"]?["content"]?.string ?? "").integer ?? 0))
            }
        }
    }

    @Test(
        "What is not supported or makes no sense is refused by name",
        arguments: [
            (#""tools": 1"#, "tools"), (#""tools": [1]"#, "tools"),
            (#""tools": [{"type": "web_search"}]"#, "tools"),
            (#""tools": [{"type": "function", "function": {"name": "a b"}}]"#, "tools"),
            (
                #""tools": [{"type": "function", "function": {"name": "a", "parameters": {"not": {}}}}]"#,
                "tools"
            ),
            (#""tools": [{"type": "function", "function": {"name": "a", "x": 1}}]"#, "tools[0].function.x"),
            (#""tools": [{"type": "function", "x": 1, "function": {"name": "a"}}]"#, "tools[0].x"),
            (#""tool_choice": "required""#, "tool_choice"),
            (#"\#(tools), "tool_choice": "any""#, "tool_choice"),
            (#"\#(tools), "tool_choice": {"type": "function", "function": {"name": "x"}}"#, "tool_choice"),
            (#"\#(tools), "parallel_tool_calls": 1"#, "parallel_tool_calls"),
            (#""functions": []"#, "functions"),
            (#""function_call": "auto""#, "function_call"),
        ])
    func refusals(_ members: String, _ parameter: String) async throws {
        let reply = await Self.ask(try Self.server(), "{\(Self.chat), \(members)}")
        #expect(reply.status == 400)
        #expect(Self.json(reply.text)["error"]?["param"]?.string == parameter, "\(reply.text)")
    }

    @Test("A model whose template writes no calls is given no tools")
    func templates() async throws {
        let server = try Self.server(.zephyr)
        let reply = await Self.ask(server, "{\(Self.chat), \(Self.tools)}")
        #expect(reply.status == 400 && Self.json(reply.text)["error"]?["param"] == "tools")
        #expect(
            await Self.ask(server, #"{\#(Self.chat), \#(Self.tools), "tool_choice": "none"}"#).status == 200)
    }
}
