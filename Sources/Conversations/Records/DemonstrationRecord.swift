/// A demonstration, which supervised fine-tuning imitates.
public enum DemonstrationRecord: Hashable, Sendable {
    /// A conversation; every turn of the assistant that `isTrained` is learned.
    case conversation(Conversation)
    /// Plain text of which only the completion is learned.
    case completion(prompt: String, completion: String)
    /// Plain text, all of it learned.
    case text(String)
}

extension DemonstrationRecord: DatasetRecord {
    /// Reads a demonstration from the schemas
    ///
    /// | keys | from |
    /// |---|---|
    /// | `messages` | TRL, OpenAI |
    /// | `conversations` of `from` and `value` | ShareGPT |
    /// | `prompt`, `completion` (or `response`), strings or messages | TRL |
    /// | `instruction`, `output`, perhaps `input`, `system`, `history` | Alpaca |
    /// | `instruction`, `instances` | Self-Instruct, one record for each instance |
    /// | `prompt` of `text` and `replies` | Open Assistant's trees, one record for the best-ranked path |
    /// | `text` | plain text |
    ///
    /// Of `prompt` and `completion` given as messages, only the completion's turns are trained; given as strings beside a
    /// `system`, they become turns as well. Preferences and labeled answers are refused: some of what they show is not
    /// to be imitated.
    public static func records(in object: JSONObject) throws(RecordProblem) -> [DemonstrationRecord] {
        try KeyFate.record.check(object)
        let kind = RecordKind(of: object)
        let isLabeled = kind == .labels || object["label"]?.bool != nil
        guard object["chosen"] ?? .null == .null, !isLabeled else {
            throw .unknownSchema(keys: object.keys, expected: .demonstrations, found: kind)
        }
        if object["messages"] != nil || object["conversations"] != nil {
            return [.conversation(try checked(Conversation(json: .object(object))))]
        }
        if let tree = object["prompt"]?.object, tree["replies"] != nil {
            return [.conversation(try checked(Conversation(try OpenAssistantTree(tree).bestPath)))]
        }
        if let prompt = object["prompt"], let completion = object["completion"] ?? object["response"] {
            return [try demonstration(prompt: prompt, completion: completion, beside: object)]
        }
        if object["instruction"] != nil {
            var records: [DemonstrationRecord] = []
            for conversation in try AlpacaRecord.conversations(of: object) {
                records.append(.conversation(try checked(conversation)))
            }
            return records
        }
        if let text = object["text"] {
            guard let text = text.string else {
                throw .wrongType(key: "text", found: text.kind, expected: "a string")
            }
            guard !Dialogue.text(text).isBlank else { throw .nothingToLearn }
            return [.text(text)]
        }
        throw .unknownSchema(keys: object.keys, expected: .demonstrations, found: kind)
    }

    private static func demonstration(
        prompt: JSONValue, completion: JSONValue, beside object: JSONObject
    ) throws(RecordProblem) -> DemonstrationRecord {
        var (asked, said) = (
            try Dialogue(json: prompt, key: "prompt"), try Dialogue(json: completion, key: "completion")
        )
        if case (.text, .text) = (asked, said), try object.system() != nil {
            guard !said.isBlank else { throw .emptyCompletion(message: 0) }
            (asked, said) = (.messages(asked.turns(of: .user)), .messages(said.turns(of: .assistant)))
        }
        switch (asked, said) {
        case (.text(let prompt), .text(let completion)):
            guard !said.isBlank else { throw .emptyCompletion(message: 0) }
            return .completion(prompt: prompt, completion: completion)
        case (.messages(let prompt), .messages(let completion)):
            var context = try prompt.after(systemOf: object)
            for index in context.indices { context[index].isTrained = false }
            return .conversation(
                try checked(
                    Conversation(
                        context + completion, tools: try Conversation.tools(of: object),
                        variables: try Conversation.variables(of: object))))
        default: throw .mixedForms
        }
    }

    /// The conversation, if its turns are in order and one of them is there to learn.
    private static func checked(_ conversation: Conversation) throws(RecordProblem) -> Conversation {
        try conversation.validate()
        guard conversation.messages.contains(where: { $0.role == .assistant && $0.isTrained }) else {
            throw .nothingToLearn
        }
        return conversation
    }

    /// True if there is a prompt of plain text.
    public var hasPlainPrompt: Bool {
        if case .completion = self { true } else { false }
    }

    /// A completion as a conversation; plain text alone stays what it is.
    public func inTurns() -> DemonstrationRecord {
        guard case .completion(let prompt, let completion) = self else { return self }
        return .conversation(Conversation([.user(prompt), .assistant(completion)]))
    }

    /// This demonstration in the field's schema.
    public var json: JSONValue {
        switch self {
        case .conversation(let conversation): conversation.json
        case .completion(let prompt, let completion):
            ["prompt": .string(prompt), "completion": .string(completion)]
        case .text(let text): ["text": .string(text)]
        }
    }
}
