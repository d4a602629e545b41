/// A prompt that the model answers itself, for methods that sample from it.
public struct PromptRecord: Hashable, Sendable {
    /// The prompt, with all turns before it.
    public var prompt: Dialogue
    /// The record's other keys, for rewards that need a known answer.
    public var columns: JSONObject
    /// The tools on offer.
    public var tools: [JSONValue]
    /// Further variables of the template (`chat_template_kwargs`).
    public var variables: JSONObject

    /// A prompt.
    public init(
        _ prompt: Dialogue, columns: JSONObject = [:], tools: [JSONValue] = [], variables: JSONObject = [:]
    ) {
        self.prompt = prompt
        self.columns = columns
        self.tools = tools
        self.variables = variables
    }
}

extension PromptRecord: DatasetRecord {
    /// Reads prompts from the schemas
    ///
    /// | keys | the prompt |
    /// |---|---|
    /// | `prompt`, a string or messages | as it stands |
    /// | `messages`, `conversations` | without the assistant's last turns |
    /// | `instruction`, perhaps `input`, `system`, `history` | as in Alpaca |
    /// | `question`; `Body` and `Question` (SVAMP) | one turn |
    /// | `turns` | the first of them (MT-Bench) |
    /// | `chosen`, `rejected` | what both start with |
    ///
    /// A `system` comes before the prompt, and makes a prompt of text a turn. The turns may follow one another in any
    /// order and have any roles: what is no conversation to the template, the template refuses.
    public static func records(in object: JSONObject) throws(RecordProblem) -> [PromptRecord] {
        try KeyFate.record.check(object)
        var columns = object
        var prompt: Dialogue
        if let tree = object["prompt"]?.object, let text = tree["text"]?.string {
            prompt = .messages([.user(text)])
            columns["prompt"] = nil
        } else if let given = object["prompt"] {
            prompt = try Dialogue(json: given, key: "prompt")
            columns["prompt"] = nil
        } else if object["chosen"] != nil {
            return try PreferenceRecord.records(in: object).map {
                PromptRecord($0.prompt, tools: $0.tools, variables: $0.variables)
            }
        } else if let key = ["messages", "conversations"].first(where: { object[$0] != nil }) {
            let messages = try Conversation(json: .object(object)).messages
            let asked = messages.lastIndex { $0.role != .assistant } ?? -1
            prompt = .messages(Array(messages[...asked]))
            columns[key] = nil
        } else if object["instruction"] != nil {
            prompt = .messages(try AlpacaRecord.prompt(of: object))
            for key in ["instruction", "input", "system", "history"] { columns[key] = nil }
        } else if object["question"] != nil {
            prompt = .messages([.user(try object.string("question"))])
            columns["question"] = nil
        } else if let body = object["Body"]?.string, let question = object["Question"]?.string {
            prompt = .messages([.user("\(body) \(question)")])
            for key in ["Body", "Question"] { columns[key] = nil }
        } else if let turns = object["turns"]?.array {
            guard let first = turns.first?.string else { throw .emptyPrompt }
            prompt = .messages([.user(first)])
        } else {
            throw .unknownSchema(keys: object.keys, expected: .prompts, found: RecordKind(of: object))
        }
        guard !prompt.isBlank else { throw .emptyPrompt }
        if try object.system() != nil {
            prompt = .messages(try prompt.turns(of: .user).after(systemOf: object))
        }
        for key in ["system", "system_prompt", "tools", "functions", "chat_template_kwargs"] {
            columns[key] = nil
        }
        return [
            PromptRecord(
                prompt, columns: columns, tools: try Conversation.tools(of: object),
                variables: try Conversation.variables(of: object))
        ]
    }

    /// True if the prompt is plain text.
    public var hasPlainPrompt: Bool { prompt.isPlain }

    /// This prompt as a turn of the user.
    public func inTurns() -> PromptRecord {
        var record = self
        record.prompt = .messages(prompt.turns(of: .user))
        return record
    }

    /// This prompt in the field's schema.
    public var json: JSONValue {
        var object: JSONObject = ["prompt": prompt.json]
        for (key, value) in columns.members { object[key] = value }
        if !tools.isEmpty { object["tools"] = .array(tools) }
        if !variables.isEmpty { object["chat_template_kwargs"] = .object(variables) }
        return .object(object)
    }
}
