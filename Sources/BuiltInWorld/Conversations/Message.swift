/// One turn of a conversation.
public struct Message: Sendable, Hashable, Codable {
    /// The role of the speaker.
    public enum Role: String, Sendable, Codable {
        /// Sets the scene; here, what is known of the user.
        case system
        /// Asks.
        case user
        /// Answers.
        case assistant
    }

    /// The role of the speaker.
    public let role: Role
    /// The text.
    public let content: String

    /// Makes a turn.
    public init(role: Role, content: String) {
        self.role = role
        self.content = content
    }

    static func system(_ content: String) -> Message { Message(role: .system, content: content) }
    static func user(_ content: String) -> Message { Message(role: .user, content: content) }
    static func assistant(_ content: String) -> Message { Message(role: .assistant, content: content) }
}

/// A conversation that waits for the assistant's next turn, with what a good answer has to do.
public struct Prompt: Sendable {
    /// The turns so far; the last one is the user's.
    public let messages: [Message]
    /// The task.
    public let task: Task

    /// Makes a prompt.
    public init(messages: [Message], task: Task) {
        self.messages = messages
        self.task = task
    }
}

/// The user's wish, as the judge knows it.
public enum Task: Sendable {
    /// A fact of the table.
    case fact(Fact)
    /// Something about somebody or something that does not exist.
    case unknown(Unknown)
    /// Something that only a person or another program could do.
    case action(Action)
    /// Something that can be done in words.
    case request(Request)
    /// An answer in a given form.
    case form(Form)
    /// Something about the user.
    case profile(ProfileQuestion)
    /// The opinion of a review.
    case review(Opinion)
    /// Small talk, and who the assistant is.
    case persona(Chat)

    /// The kind of task, for mixtures and suites.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// See the cases of ``Task``.
        case fact, unknown, action, request, form, profile, review, persona
    }

    /// Its kind.
    public var kind: Kind {
        switch self {
        case .fact: .fact
        case .unknown: .unknown
        case .action: .action
        case .request: .request
        case .form: .form
        case .profile: .profile
        case .review: .review
        case .persona: .persona
        }
    }
}
