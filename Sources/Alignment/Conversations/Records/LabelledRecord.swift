/// One answer to a prompt, called good or bad: what KTO and BCO learn from.
public struct LabelledRecord: Hashable, Sendable {
    /// What was asked, with all that was said before.
    public var prompt: Dialogue
    /// The answer.
    public var completion: Dialogue
    /// Whether it is a good one.
    public var isDesirable: Bool
    /// The tools on offer.
    public var tools: [JSONValue]

    /// A labelled answer; text and messages are not mixed.
    public init(prompt: Dialogue, completion: Dialogue, isDesirable: Bool, tools: [JSONValue] = []) {
        self.prompt = prompt
        self.completion = completion
        self.isDesirable = isDesirable
        self.tools = tools
    }
}

extension LabelledRecord: DatasetRecord {
    /// Reads labelled answers from `prompt`, `completion`, `label` (TRL), from `messages`, `label`
    /// (LLaMA-Factory; the last turn is the answer), or from a preference, which gives a good and a bad one.
    public static func records(in object: JSONObject) throws(RecordProblem) -> [LabelledRecord] {
        guard let label = object["label"] ?? object["kto_tag"] else {
            return try PreferenceRecord.records(in: object).flatMap { pair in
                [
                    LabelledRecord(
                        prompt: pair.prompt, completion: pair.chosen, isDesirable: true, tools: pair.tools),
                    LabelledRecord(
                        prompt: pair.prompt, completion: pair.rejected, isDesirable: false, tools: pair.tools),
                ]
            }
        }
        guard let isDesirable = label.bool ?? label.integer.map({ $0 != 0 }) else {
            throw .wrongType(key: "label", found: label.kind, expected: "a boolean")
        }
        var record: LabelledRecord
        if object["messages"] != nil || object["conversations"] != nil {
            let conversation = try Conversation(json: .object(object))
            guard let answer = conversation.messages.last else { throw .noMessages }
            record = LabelledRecord(
                prompt: .messages(conversation.messages.dropLast()), completion: .messages([answer]),
                isDesirable: isDesirable)
        } else {
            guard let prompt = object["prompt"], let completion = object["completion"] ?? object["response"]
            else { throw .unknownSchema(keys: object.keys) }
            record = LabelledRecord(
                prompt: try Dialogue(json: prompt, key: "prompt"),
                completion: try Dialogue(json: completion, key: "completion"), isDesirable: isDesirable)
        }
        record.tools = try Conversation.tools(of: object)
        try record.prompt.check(answeredBy: record.completion)
        return [record]
    }

    /// This answer in the field's schema.
    public var json: JSONValue {
        var object: JSONObject = [
            "prompt": prompt.json, "completion": completion.json, "label": .bool(isDesirable),
        ]
        if !tools.isEmpty { object["tools"] = .array(tools) }
        return .object(object)
    }
}
