/// The form in which a model writes calls of tools into its answer.
///
/// ```swift
/// let format = ToolCallFormat(of: template)
/// let turn = try format?.turn(from: "<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1}}\n</tool_call>")
/// ```
public enum ToolCallFormat: String, Hashable, Sendable, CaseIterable {
    /// `<tool_call>{"name": …, "arguments": {…}}</tool_call>`, any number of them after the text: Hermes, Qwen 2.5, Qwen 3,
    /// and Hone's ChatML.
    case hermes
    /// `{"name": …, "parameters": {…}}` in place of text, perhaps behind `<|python_tag|>`, several with semicolons between:
    /// Llama 3.1 to 3.3.
    case llama3
    /// `[TOOL_CALLS] [{"name": …, "arguments": {…}}, …]` after the text: Mistral's models up to early 2025.
    case mistral
    /// `[TOOL_CALLS]name[ARGS]{…}`, any number of them after the text: Mistral's models since then.
    case mistralArguments = "mistral-arguments"

    /// The form in which a template writes a call; nil where it is none of these, or the template has no place for calls.
    public init?(of template: ChatTemplate) {
        let call = ToolCall(id: "probe1234", name: "probe", arguments: ["key": "value"])
        let tool: JSONValue = [
            "type": "function",
            "function": [
                "name": "probe", "description": "A tool.",
                "parameters": ["type": "object", "properties": ["key": ["type": "string"]]],
            ],
        ]
        let before = Conversation([.user("?")], tools: [tool])
        guard let prompt = try? template.text(of: before),
            let text = try? template.text(of: before.appending(.assistant("", toolCalls: [call])))
        else { return nil }
        // What the turn adds, without what tools are described by.
        let common = zip(prompt.utf8, text.utf8).prefix { $0 == $1 }.count
        let turn = String(decoding: text.utf8.dropFirst(common), as: UTF8.self)
        guard let format = Self.allCases.first(where: { turn.contains($0.probe) }) else { return nil }
        self = format
    }

    /// The beginning of the call that a template is tried with.
    private var probe: String {
        switch self {
        case .hermes: "<tool_call>\n{\"name\": \"probe\", \"arguments\": {"
        case .llama3: "{\"name\": \"probe\", \"parameters\": {"
        case .mistral: "[{\"name\": \"probe\", \"arguments\": {"
        case .mistralArguments: "[TOOL_CALLS]probe[ARGS]{"
        }
    }

    /// The added tokens that a tokenizer may have for parts of calls.
    package var marks: [String] {
        switch self {
        case .hermes: ["<tool_call>", "</tool_call>"]
        case .llama3: ["<|python_tag|>"]
        case .mistral: ["[TOOL_CALLS]"]
        case .mistralArguments: ["[TOOL_CALLS]", "[ARGS]", "[CALL_ID]"]
        }
    }

    /// The text with which calls begin, after which there is no more text.
    var opening: String { marks[0] }
}

/// The calls that a model is to make of the tools on offer.
public enum ToolChoice: Hashable, Sendable {
    /// None; the tools are not offered.
    case none
    /// Those that it finds useful.
    case automatic
    /// At least one.
    case required
    /// At least one, of the tool of this name.
    case named(String)
}

/// The reason why what looks like a call of a tool is none. It is never run.
public struct ToolCallError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The number of the call in its answer, from one.
    public var call: Int
    /// The place in the answer, in bytes of UTF-8, from zero.
    public var offset: Int
    /// What is there.
    public var found: String
    /// What should be there.
    public var expected: String

    /// An error at a place of an answer.
    package init(call: Int, offset: Int, found: String, expected: String) {
        (self.call, self.offset, self.found, self.expected) = (call, offset, found, expected)
    }

    /// One line for people.
    public var description: String {
        "call \(call) is malformed at byte \(offset) of the answer: found \(found), expected \(expected)"
    }
}
