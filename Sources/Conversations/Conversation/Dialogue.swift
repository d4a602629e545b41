/// Part of a record: plain text, or turns that a chat template renders.
public enum Dialogue: Hashable, Sendable {
    /// Text that a model continues as it stands.
    case text(String)
    /// Turns of a conversation.
    case messages([Message])

    /// Whether this is plain text, which no template renders.
    public var isPlain: Bool {
        if case .text = self { true } else { false }
    }

    /// Whether nothing is said.
    public var isBlank: Bool {
        switch self {
        case .text(let text): text.allSatisfy(\.isWhitespace)
        case .messages(let messages): messages.allSatisfy(\.isBlank)
        }
    }

    /// All that is said, without who says it: what rewards and checks read.
    public var plainText: String {
        switch self {
        case .text(let text): text
        case .messages(let messages): messages.map(\.content).joined(separator: "\n")
        }
    }

    /// The turns; plain text is what one of the given role says.
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
