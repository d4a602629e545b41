/// Two answers to one prompt, of which one is preferred.
public struct PreferenceRecord: Hashable, Sendable {
    /// What was asked, with all that was said before.
    public var prompt: Dialogue
    /// The better answer.
    public var chosen: Dialogue
    /// The other answer.
    public var rejected: Dialogue
    /// By how much the better is better, in units of reward; nil where nobody says.
    public var margin: Double?
    /// The tools on offer.
    public var tools: [JSONValue]

    /// A pair; text and messages are not mixed.
    public init(
        prompt: Dialogue, chosen: Dialogue, rejected: Dialogue, margin: Double? = nil, tools: [JSONValue] = []
    ) {
        self.prompt = prompt
        self.chosen = chosen
        self.rejected = rejected
        self.margin = margin
        self.tools = tools
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
    /// | `instruction`, `response1`, `response2`, `annotator1`, … | PandaLM, by majority |
    /// | `prompt` of `text` and `replies` | Open Assistant's trees, best against worst at each branching |
    ///
    /// `margin` is read where it is given. A transcript of `Human:` and `Assistant:` becomes messages.
    public static func records(in object: JSONObject) throws(RecordProblem) -> [PreferenceRecord] {
        if let tree = object["prompt"]?.object, tree["replies"] != nil {
            return try OpenAssistantTree(tree).pairs.map { pair throws(RecordProblem) in try checked(pair) }
        }
        if object["response1"] != nil, object["response2"] != nil {
            return [try checked(AlpacaRecord.judgedPair(of: object))]
        }
        guard let chosen = object["chosen"], let rejected = object["rejected"] else {
            throw .unknownSchema(keys: object.keys)
        }
        var pair = PreferenceRecord(
            prompt: .text(""), chosen: try Dialogue(json: chosen, key: "chosen"),
            rejected: try Dialogue(json: rejected, key: "rejected"), margin: object["margin"]?.number,
            tools: try Conversation.tools(of: object))
        if let prompt = object["prompt"] {
            pair.prompt = try Dialogue(json: prompt, key: "prompt")
            pair.dropRepeatedPrompt()
        } else if object["conversations"] != nil || object["messages"] != nil {
            pair.prompt = .messages(try Conversation(json: .object(object)).messages)
        } else if object["instruction"] != nil {
            pair = pair.answering(try AlpacaRecord.prompt(of: object))
        } else {
            pair.extractPrompt()
        }
        return [try checked(pair)]
    }

    /// The same answers, as turns, to a prompt of turns.
    func answering(_ prompt: [Message]) -> PreferenceRecord {
        func turn(_ answer: Dialogue) -> Dialogue {
            if case .text(let text) = answer { .messages([.assistant(text)]) } else { answer }
        }
        var pair = self
        pair.prompt = .messages(prompt)
        pair.chosen = turn(chosen)
        pair.rejected = turn(rejected)
        return pair
    }

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
        default: throw .mixedForms
        }
    }
}
