import TextCorpus

/// One answer to a prompt, labeled good or bad, for KTO and BCO.
public struct LabeledRecord: Hashable, Sendable {
    /// The prompt, with all turns before it.
    public var prompt: Dialogue
    /// The answer.
    public var completion: Dialogue
    /// True for a good answer.
    public var isDesirable: Bool
    /// The tools on offer.
    public var tools: [JSONValue]
    /// Further variables of the template (`chat_template_kwargs`).
    public var variables: JSONObject

    /// A labeled answer; text and messages are not mixed.
    public init(
        prompt: Dialogue, completion: Dialogue, isDesirable: Bool, tools: [JSONValue] = [],
        variables: JSONObject = [:]
    ) {
        self.prompt = prompt
        self.completion = completion
        self.isDesirable = isDesirable
        self.tools = tools
        self.variables = variables
    }
}

extension LabeledRecord: DatasetRecord {
    /// Reads labeled answers from `prompt`, `completion`, `label` (TRL), from `messages`, `label`
    /// (LLaMA-Factory; the last turn is the answer), or from a preference, which gives a good and a bad one.
    ///
    /// A label is true or false, or 1 or 0.
    public static func records(in object: JSONObject) throws(RecordProblem) -> [LabeledRecord] {
        try KeyFate.record.check(object)
        guard let key = ["label", "kto_tag"].first(where: { object[$0] != nil }), let label = object[key]
        else {
            let kind = RecordKind(of: object)
            guard kind == .preferences || object["prompt"]?["replies"] != nil else {
                throw .unknownSchema(keys: object.keys, expected: .labels, found: kind)
            }
            return try PreferenceRecord.records(in: object).flatMap { pair in
                [(pair.chosen, true), (pair.rejected, false)].map { answer, isDesirable in
                    LabeledRecord(
                        prompt: pair.prompt, completion: answer, isDesirable: isDesirable, tools: pair.tools,
                        variables: pair.variables)
                }
            }
        }
        guard let isDesirable = label.flag else {
            throw .wrongType(key: key, found: label.shown, expected: "true, false, 1 or 0")
        }
        var record: LabeledRecord
        if object["messages"] != nil || object["conversations"] != nil {
            let conversation = try Conversation(json: .object(object))
            guard let answer = conversation.messages.last else { throw .noMessages }
            record = LabeledRecord(
                prompt: .messages(conversation.messages.dropLast()), completion: .messages([answer]),
                isDesirable: isDesirable)
        } else {
            guard let prompt = object["prompt"], let completion = object["completion"] ?? object["response"]
            else {
                throw .unknownSchema(keys: object.keys, expected: .labels, found: RecordKind(of: object))
            }
            record = LabeledRecord(
                prompt: try Dialogue(json: prompt, key: "prompt"),
                completion: try Dialogue(json: completion, key: "completion"), isDesirable: isDesirable)
            if try object.system() != nil {
                record = record.inTurns()
                record.prompt = .messages(try record.prompt.turns(of: .user).after(systemOf: object))
            }
        }
        record.tools = try Conversation.tools(of: object)
        record.variables = try Conversation.variables(of: object)
        try record.prompt.check(answeredBy: record.completion)
        return [record]
    }

    /// True if the prompt is plain text.
    public var hasPlainPrompt: Bool { prompt.isPlain }

    /// This answer as turns.
    public func inTurns() -> LabeledRecord {
        var record = self
        record.prompt = .messages(prompt.turns(of: .user))
        record.completion = .messages(completion.turns(of: .assistant))
        return record
    }

    /// This answer in the field's schema.
    public var json: JSONValue {
        var object: JSONObject = [
            "prompt": prompt.json, "completion": completion.json, "label": .bool(isDesirable),
        ]
        if !tools.isEmpty { object["tools"] = .array(tools) }
        if !variables.isEmpty { object["chat_template_kwargs"] = .object(variables) }
        return .object(object)
    }
}
