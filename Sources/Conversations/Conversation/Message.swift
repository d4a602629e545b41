/// One turn of a conversation.
public struct Message: Hashable, Sendable {
    /// The role of a speaker, by the name that chat templates know.
    ///
    /// A template may know other names than the four that training knows, such as Llama's `ipython`; it then renders them.
    public struct Role: RawRepresentable, Hashable, Sendable {
        /// The name.
        public var rawValue: String

        /// A role of any name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Instructions to the assistant.
        public static let system = Role(rawValue: "system")
        /// The person who talks with it.
        public static let user = Role(rawValue: "user")
        /// The model.
        public static let assistant = Role(rawValue: "assistant")
        /// The result of a tool that the model called.
        public static let tool = Role(rawValue: "tool")
    }

    /// The role of the speaker.
    public var role: Role
    /// The text; may be empty when tools are called.
    public var content: String
    /// The calls that an assistant's turn makes, in order.
    public var toolCalls: [ToolCall]
    /// The id of the call that a tool's turn answers.
    public var toolCallID: String?
    /// The tool's or the speaker's name, where the record gives one.
    public var name: String?
    /// The assistant's reasoning before its answer (`reasoning_content`).
    public var reasoning: String?
    /// True if an assistant's turn is learned; false for one that is only context (`"weight": 0`, or
    /// `"train"`, `"training"` or `"loss"` of false).
    public var isTrained: Bool
    /// The turn's other keys, which a template may read.
    public var columns: JSONObject

    /// A turn.
    public init(
        _ role: Role, _ content: String, toolCalls: [ToolCall] = [], toolCallID: String? = nil,
        name: String? = nil, reasoning: String? = nil, isTrained: Bool = true, columns: JSONObject = [:]
    ) {
        self.role = role
        self.content = content
        self.toolCalls = toolCalls
        self.toolCallID = toolCallID
        self.name = name
        self.reasoning = reasoning
        self.isTrained = isTrained
        self.columns = columns
    }

    /// A turn of the system.
    public static func system(_ content: String) -> Message { Message(.system, content) }
    /// A turn of the person.
    public static func user(_ content: String) -> Message { Message(.user, content) }
    /// A turn of the model.
    public static func assistant(_ content: String, toolCalls: [ToolCall] = []) -> Message {
        Message(.assistant, content, toolCalls: toolCalls)
    }
    /// The answer of a tool.
    public static func tool(_ content: String, name: String? = nil) -> Message {
        Message(.tool, content, name: name)
    }

    /// True if the text is blank and no tool is called.
    public var isBlank: Bool { toolCalls.isEmpty && content.allSatisfy(\.isWhitespace) }
}

/// A call of a program that the model asks for.
public struct ToolCall: Hashable, Sendable {
    /// The id that the tool's answer will refer to.
    public var id: String?
    /// The program's name.
    public var name: String
    /// Its arguments, most often an object.
    public var arguments: JSONValue

    /// A call.
    public init(id: String? = nil, name: String, arguments: JSONValue) {
        self.id = id
        self.name = name
        self.arguments = arguments
    }
}
