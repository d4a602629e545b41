public import JSON

/// The kinds of records that are trained on.
public enum RecordKind: String, Hashable, Sendable, CaseIterable {
    /// A demonstration: ``DemonstrationRecord``.
    case demonstrations
    /// Two answers, one of them preferred: ``PreferenceRecord``.
    case preferences
    /// One answer, labeled good or bad: ``LabeledRecord``.
    case labels
    /// A prompt: ``PromptRecord``.
    case prompts
}

/// The reason why a record cannot be trained on.
public enum RecordProblem: Error, Hashable, Sendable {
    /// The text is no JSON document.
    case notJSON(JSONError)
    /// The record is longer than the reader will hold in memory.
    case tooLong(limit: Int)
    /// The row of a table has another shape than the table.
    case malformedRow(found: String, expected: String)
    /// The record is another kind of JSON value than an object.
    case notAnObject(found: String)
    /// The keys are those of no schema that gives this kind of record, perhaps of one that gives another.
    case unknownSchema(keys: [String], expected: RecordKind, found: RecordKind?)
    /// A key that the schema needs is not there.
    case missing(key: String)
    /// A key holds another kind of value than the schema says.
    case wrongType(key: String, found: String, expected: String)
    /// A key asks for what is not done here.
    case unsupported(key: String, reason: String)
    /// Two places say different things.
    case disagreement(String, String)
    /// Nobody by that name speaks in a conversation.
    case unknownRole(String)
    /// The conversation has no turns.
    case noMessages
    /// No turn of the assistant is there to learn from.
    case nothingToLearn
    /// A turn stands where its speaker may not speak (`message` counts from zero).
    case rolesOutOfOrder(message: Int, role: Message.Role, after: Message.Role?)
    /// A turn that is not the assistant's says nothing.
    case emptyMessage(message: Int, role: Message.Role)
    /// An answer says nothing and calls no tool.
    case emptyCompletion(message: Int)
    /// The question is empty.
    case emptyPrompt
    /// The two answers of a pair are the same.
    case identicalCompletions
    /// The judges found no answer better.
    case tie
    /// Question and answers mix plain text with messages.
    case mixedForms

    /// The problem without its particulars, to count by.
    public var category: String {
        switch self {
        case .notJSON: "not JSON"
        case .tooLong: "too long"
        case .malformedRow: "malformed row"
        case .notAnObject: "not an object"
        case .unknownSchema: "unknown schema"
        case .missing: "missing key"
        case .wrongType: "wrong type"
        case .unsupported: "unsupported key"
        case .disagreement: "keys disagree"
        case .unknownRole: "unknown role"
        case .noMessages: "no messages"
        case .nothingToLearn: "nothing to learn"
        case .rolesOutOfOrder: "roles out of order"
        case .emptyMessage: "empty message"
        case .emptyCompletion: "empty completion"
        case .emptyPrompt: "empty prompt"
        case .identicalCompletions: "identical chosen and rejected"
        case .tie: "tie"
        case .mixedForms: "text mixed with messages"
        }
    }
}

extension RecordProblem: CustomStringConvertible {
    /// One line for people.
    public var description: String {
        switch self {
        case .notJSON(let error): error.description
        case .tooLong(let limit): "longer than \(limit) bytes"
        case .malformedRow(let found, let expected): "a row of \(found), expected \(expected)"
        case .notAnObject(let found): "a record should be an object, found \(found)"
        case .unknownSchema(let keys, let expected, let found):
            Self.unknownSchema(keys, expected: expected, found: found)
        case .missing(let key): "'\(key)' is missing"
        case .wrongType(let key, let found, let expected): "'\(key)' is \(found), expected \(expected)"
        case .unsupported(let key, let reason): "'\(key)' is not supported: \(reason)"
        case .disagreement(let one, let other): "'\(one)' and '\(other)' say different things"
        case .unknownRole(let role):
            "no turn that is trained on has the role '\(role)'; the roles are system, user, assistant and tool"
        case .noMessages: "a conversation without messages"
        case .nothingToLearn: "no answer of the assistant to learn from"
        case .rolesOutOfOrder(let message, let role, let before):
            "message \(message): \(role.rawValue) may not speak "
                + (before.map { "after \($0.rawValue)" } ?? "first")
        case .emptyMessage(let message, let role): "message \(message): \(role.rawValue) says nothing"
        case .emptyCompletion(let message): "message \(message): the answer is empty"
        case .emptyPrompt: "the prompt is empty"
        case .identicalCompletions: "chosen and rejected are the same"
        case .tie: "the judges prefer neither answer"
        case .mixedForms: "prompt and completions must all be text or all be messages"
        }
    }

    private static func unknownSchema(_ keys: [String], expected: RecordKind, found: RecordKind?) -> String {
        let most = 12
        let list = keys.prefix(most).joined(separator: ", ") + (keys.count > most ? ", …" : "")
        let noun = keys.count == 1 ? "key" : "keys"
        if keys.isEmpty { return "a record without keys, expected \(expected.rawValue)" }
        guard let found, found != expected else {
            return "no schema of \(expected.rawValue) has the \(noun) \(list)"
        }
        return
            "the \(noun) \(list) \(keys.count == 1 ? "is that" : "are those") of \(found.rawValue), expected "
            + expected.rawValue
    }
}
