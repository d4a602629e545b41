/// A conversation between a person and an assistant, with the tools the assistant may call.
public struct Conversation: Hashable, Sendable {
    /// The turns, first to last.
    public var messages: [Message]
    /// The tools on offer, each described by a JSON schema as chat templates expect it.
    public var tools: [JSONValue]
    /// Further variables of the template (`chat_template_kwargs`), such as `enable_thinking`.
    public var variables: JSONObject

    /// A conversation of the given turns.
    public init(_ messages: [Message] = [], tools: [JSONValue] = [], variables: JSONObject = [:]) {
        self.messages = messages
        self.tools = tools
        self.variables = variables
    }

    /// This conversation with one more turn.
    public func appending(_ message: Message) -> Conversation {
        Conversation(messages + [message], tools: tools, variables: variables)
    }

    /// This conversation with `{{name}}` replaced by the value for `name`, in every turn.
    public func filling(slots: [String: String]) -> Conversation {
        var filled = self
        for (name, value) in slots {
            for index in filled.messages.indices {
                filled.messages[index].content = filled.messages[index].content
                    .split(separator: "{{\(name)}}", omittingEmptySubsequences: false).joined(
                        separator: value)
            }
        }
        return filled
    }

    /// Throws unless the turns follow one another as templates and training expect.
    ///
    /// Only the four roles that training knows speak: at most one system turn, and first; then user and assistant in alternation, where an assistant may
    /// call tools, whose answers come before it speaks again. Nobody says nothing, except that a tool's
    /// answer and a system turn may be empty.
    public func validate() throws(RecordProblem) {
        guard !messages.isEmpty else { throw .noMessages }
        var before: Message?
        for (index, message) in messages.enumerated() {
            guard [.system, .user, .assistant, .tool].contains(message.role) else {
                throw .unknownRole(message.role.rawValue)
            }
            guard Self.mayFollow(before, message.role) else {
                throw .rolesOutOfOrder(message: index, role: message.role, after: before?.role)
            }
            switch message.role {
            case .user where message.isBlank: throw .emptyMessage(message: index, role: .user)
            case .assistant where message.isBlank: throw .emptyCompletion(message: index)
            default: break
            }
            before = message
        }
    }

    private static func mayFollow(_ before: Message?, _ role: Message.Role) -> Bool {
        switch (before?.role, role) {
        case (nil, .system), (nil, .user), (.system, .user), (.user, .assistant), (.tool, .assistant),
            (.tool, .tool):
            true
        case (.assistant, .tool): before?.toolCalls.isEmpty == false
        case (.assistant, .user): before?.toolCalls.isEmpty == true
        default: false
        }
    }
}

/// Part of a record: plain text, or turns that a chat template renders.
public enum Dialogue: Hashable, Sendable {
    /// Text that a model continues as it stands.
    case text(String)
    /// Turns of a conversation.
    case messages([Message])

    /// True for plain text, which no template renders.
    public var isPlain: Bool {
        if case .text = self { true } else { false }
    }

    /// True if it is blank.
    public var isBlank: Bool {
        switch self {
        case .text(let text): text.allSatisfy(\.isWhitespace)
        case .messages(let messages): messages.allSatisfy(\.isBlank)
        }
    }

    /// All text, without the roles, for rewards and checks.
    public var plainText: String {
        switch self {
        case .text(let text): text
        case .messages(let messages): messages.map(\.content).joined(separator: "\n")
        }
    }

    /// The turns; plain text is one turn of the given role.
    package func turns(of role: Message.Role) -> [Message] {
        switch self {
        case .text(let text): [Message(role, text)]
        case .messages(let messages): messages
        }
    }

    /// Reads a string, or a list of turns.
    package init(json: JSONValue, key: String) throws(RecordProblem) {
        switch json {
        case .string(let text): self = .text(text)
        case .array(let list): self = .messages(try [Message](json: list))
        case .object: self = .messages([try Message(json: json)])
        default: throw .wrongType(key: key, found: json.kind, expected: "a string or a list of messages")
        }
    }

    /// A string, or a list of turns.
    package var json: JSONValue {
        switch self {
        case .text(let text): .string(text)
        case .messages(let messages): .array(messages.map(\.json))
        }
    }
}
