public import Conversations

/// What a model answered.
public struct Response: Hashable, Sendable, Codable {
    /// The answer.
    public var text: String
    /// The probability that the model itself gives the answer of being right, in [0, 1], where it gives one.
    public var probability: Double?

    /// An answer.
    public init(_ text: String, probability: Double? = nil) {
        self.text = text
        self.probability = probability
    }
}

/// A model to be examined, under its name in reports: anything that answers.
public struct Respondent: Sendable {
    /// Its name.
    public var name: String
    /// Gives its answer to a conversation.
    public var respond: @Sendable (Conversation) async throws -> Response

    /// A model of that name.
    public init(_ name: String, respond: @escaping @Sendable (Conversation) async throws -> Response) {
        self.name = name
        self.respond = respond
    }
}

/// Which of two answers is better.
public enum Preference: Hashable, Sendable {
    case first, second, neither
}

/// Compares two answers to a conversation: a reward model, a program, a person.
public typealias Judge = @Sendable (Conversation, Response, Response) async throws -> Preference
