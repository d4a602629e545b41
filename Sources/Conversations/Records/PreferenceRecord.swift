import TextCorpus

/// Two answers to one prompt, of which one is preferred.
public struct PreferenceRecord: Hashable, Sendable {
    /// The prompt, with all turns before it.
    public var prompt: Dialogue
    /// The better answer.
    public var chosen: Dialogue
    /// The other answer.
    public var rejected: Dialogue
    /// The least difference of the two rewards, for training reward models; nil for none.
    public var margin: Double?
    /// The tools on offer.
    public var tools: [JSONValue]
    /// Further variables of the template (`chat_template_kwargs`).
    public var variables: JSONObject

    /// A pair; text and messages are not mixed.
    public init(
        prompt: Dialogue, chosen: Dialogue, rejected: Dialogue, margin: Double? = nil,
        tools: [JSONValue] = [],
        variables: JSONObject = [:]
    ) {
        self.prompt = prompt
        self.chosen = chosen
        self.rejected = rejected
        self.margin = margin
        self.tools = tools
        self.variables = variables
    }
}

extension PreferenceRecord: DatasetRecord {
    /// Reads pairs from the schemas
    ///
    /// | keys | from |
    /// |---|---|
    /// | `prompt`, `chosen`, `rejected`, strings or messages | TRL |
    /// | `chosen`, `rejected` that start alike | TRL's implicit prompt, hh-rlhf |
    /// | `conversations`, `chosen`, `rejected` | LLaMA-Factory |
    /// | `instruction`, `chosen`, `rejected`, perhaps `input` | Alpaca |
    /// | `question`, `chosen`, `rejected` | Orca |
    /// | `instruction`, `response1`, `response2`, `annotator1`, … | PandaLM, by majority |
    /// | `prompt` of `text` and `replies` | Open Assistant's trees, best against worst at each branching |
    ///
    /// `margin` is read where it is given; a `system` comes before the prompt, and makes a prompt of text a turn. A
    /// transcript of `Human:` and `Assistant:` becomes messages.
    public static func records(in object: JSONObject) throws(RecordProblem) -> [PreferenceRecord] {
        try KeyFate.record.check(object)
        if let tree = object["prompt"]?.object, tree["replies"] != nil {
            return try OpenAssistantTree(tree).pairs.map { pair throws(RecordProblem) in try checked(pair) }
        }
        if object["response1"] != nil, object["response2"] != nil {
            return [try checked(AlpacaRecord.judgedPair(of: object))]
        }
        guard let chosen = object["chosen"], let rejected = object["rejected"] else {
            throw .unknownSchema(keys: object.keys, expected: .preferences, found: RecordKind(of: object))
        }
        var pair = PreferenceRecord(
            prompt: .text(""), chosen: try Dialogue(json: chosen, key: "chosen"),
            rejected: try Dialogue(json: rejected, key: "rejected"), margin: try margin(of: object),
            tools: try Conversation.tools(of: object), variables: try Conversation.variables(of: object))
        if let prompt = object["prompt"] {
            pair.prompt = try Dialogue(json: prompt, key: "prompt")
            pair.dropRepeatedPrompt()
        } else if object["conversations"] != nil || object["messages"] != nil {
            pair.prompt = .messages(try Conversation(json: .object(object)).messages)
        } else if object["instruction"] != nil {
            pair = pair.answering(try AlpacaRecord.prompt(of: object))
        } else if object["question"] != nil {
            pair = pair.answering([.user(try object.string("question"))])
        } else {
            pair.extractPrompt()
            if let (key, _) = try object.system(), pair.hasPlainPrompt {
                throw .unsupported(
                    key: key, reason: "what both answers start with is no turn that it could precede")
            }
        }
        if try object.system() != nil {
            pair = pair.inTurns()
            pair.prompt = .messages(try pair.prompt.turns(of: .user).after(systemOf: object))
        }
        return [try checked(pair)]
    }

    /// The margin of a record.
    static func margin(of object: JSONObject) throws(RecordProblem) -> Double? {
        guard let value = object["margin"], value != .null else { return nil }
        guard let margin = value.number, Float(margin).isFinite else {
            throw .wrongType(key: "margin", found: value.shown, expected: "a finite number")
        }
        return margin
    }

    /// The same answers, as turns, to a prompt of turns.
    func answering(_ prompt: [Message]) -> PreferenceRecord {
        var pair = self
        pair.prompt = .messages(prompt)
        pair.chosen = .messages(chosen.turns(of: .assistant))
        pair.rejected = .messages(rejected.turns(of: .assistant))
        return pair
    }

    /// True if the prompt is plain text.
    public var hasPlainPrompt: Bool { prompt.isPlain }

    /// This pair as turns.
    public func inTurns() -> PreferenceRecord { answering(prompt.turns(of: .user)) }

    private static func checked(_ pair: PreferenceRecord) throws(RecordProblem) -> PreferenceRecord {
        guard pair.chosen != pair.rejected else { throw .identicalCompletions }
        for completion in [pair.chosen, pair.rejected] {
            try pair.prompt.check(answeredBy: completion)
        }
        return pair
    }

    /// This pair in the field's schema.
    public var json: JSONValue {
        var object: JSONObject = ["prompt": prompt.json, "chosen": chosen.json, "rejected": rejected.json]
        if let margin { object["margin"] = .number(margin) }
        if !tools.isEmpty { object["tools"] = .array(tools) }
        if !variables.isEmpty { object["chat_template_kwargs"] = .object(variables) }
        return .object(object)
    }
}

extension Dialogue {
    /// Throws unless the completion is there and follows this prompt as turns follow one another.
    func check(answeredBy completion: Dialogue) throws(RecordProblem) {
        switch (self, completion) {
        case (.text, .text):
            guard !completion.isBlank else { throw .emptyCompletion(message: 0) }
            guard !isBlank else { throw .emptyPrompt }
        case (.messages(let prompt), .messages(let answer)):
            guard !prompt.isEmpty else { throw .emptyPrompt }
            guard !answer.isEmpty else { throw .emptyCompletion(message: prompt.count) }
            try Conversation(prompt + answer).validate()
            guard answer.contains(where: { $0.role == .assistant }) else { throw .nothingToLearn }
            guard answer.allSatisfy(\.isTrained) else {
                throw .unsupported(key: "weight", reason: "an answer that is judged is learned as a whole")
            }
        default: throw .mixedForms
        }
    }
}
