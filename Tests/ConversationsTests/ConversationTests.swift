import Conversations
import Foundation
import Testing

@Suite struct ConversationTests {
    @Test func theFieldsSchemaIsReadAndWritten() throws {
        let text = """
            {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Weather?"}, \
            {"role": "assistant", "content": "", "tool_calls": [{"type": "function", "id": "c1", \
            "function": {"name": "weather", "arguments": {"city": "Bern", "days": 2}}}]}, \
            {"role": "tool", "content": "sun", "name": "weather", "tool_call_id": "c1"}, \
            {"role": "assistant", "content": "Sun.", "reasoning_content": "It says sun."}], \
            "tools": [{"type": "function", "function": {"name": "weather", "parameters": {}}}]}
            """
        let conversation = try Conversation(json: JSONValue(parsing: text))
        try conversation.validate()
        #expect(conversation.messages.map(\.role) == [.system, .user, .assistant, .tool, .assistant])
        #expect(conversation.messages[2].toolCalls[0].arguments.object?.keys == ["city", "days"])
        #expect(conversation.json.text() == text)
        let coded = try JSONDecoder().decode(Conversation.self, from: JSONEncoder().encode(conversation))
        #expect(coded == conversation)
    }

    @Test func argumentsSpelledAsTextAreRead() throws {
        let json = try JSONValue(
            parsing: #"{"role": "assistant", "content": null, "tool_calls": "# + #"[{"function": "#
                + #"{"name": "f", "arguments": "{\"a\": 1}"}}]}"#)
        let message = try Message(json: json)
        #expect(message.content.isEmpty && message.toolCalls == [ToolCall(name: "f", arguments: ["a": 1])])
    }

    @Test func shareGPTNamesAreUnderstood() throws {
        let json = try JSONValue(
            parsing:
                #"{"conversations": [{"from": "human", "value": "hi"}, {"from": "gpt", "value": "Let me see."}, "#
                + #"{"from": "function_call", "value": "{\"name\": \"f\", \"arguments\": {}}"}, "#
                + #"{"from": "observation", "value": "42"}, {"from": "gpt", "value": "42"}], "system": "S", "tools": "[]"}"#
        )
        let conversation = try Conversation(json: json)
        try conversation.validate()
        #expect(conversation.messages.map(\.role) == [.system, .user, .assistant, .tool, .assistant])
        #expect(conversation.messages[2].toolCalls.map(\.name) == ["f"])
        #expect(conversation.messages[2].content == "Let me see.")
    }

    @Test func textPartsAreJoinedAndImagesRefused() throws {
        let parts: JSONValue = [
            "role": "user", "content": [["type": "text", "text": "a"], ["type": "text", "text": "b"]],
        ]
        #expect(try Message(json: parts).content == "ab")
        let image: JSONValue = ["role": "user", "content": [["type": "image"]]]
        #expect(throws: RecordProblem.self) { try Message(json: image) }
    }

    @Test(
        arguments: [
            ([.assistant("a")], "roles out of order"),
            ([.user("a"), .user("b")], "roles out of order"),
            ([.user("a"), .assistant("b"), .assistant("c")], "roles out of order"),
            ([.user("a"), .system("b")], "roles out of order"),
            ([.user("a"), .tool("b")], "roles out of order"),
            ([.user("a"), .assistant("b"), .tool("c")], "roles out of order"),
            ([.user("a"), .assistant(" \n")], "empty completion"),
            ([.user(""), .assistant("b")], "empty message"),
            ([], "no messages"),
        ] as [([Message], String)])
    func turnsOutOfOrderAreNamed(_ messages: [Message], _ category: String) {
        let problem = #expect(throws: RecordProblem.self) { try Conversation(messages).validate() }
        #expect(problem?.category == category)
    }

    @Test func slotsAreFilled() {
        let conversation = Conversation([.user("Who?"), .assistant("{{name}} by {{author}}, {{name}}!")])
        let filled = conversation.filling(slots: ["name": "Hone", "author": "us"])
        #expect(filled.messages[1].content == "Hone by us, Hone!")
    }
}
