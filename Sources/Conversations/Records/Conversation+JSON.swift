extension Conversation {
    /// Reads `{"messages": […]}` or ShareGPT's `{"conversations": […]}`, with `tools` (or OpenAI's older `functions`),
    /// `system` and `chat_template_kwargs` beside them.
    ///
    /// The order of the turns is not judged here; see ``validate()``.
    public init(json: JSONValue) throws(RecordProblem) {
        guard let object = json.object else { throw .notAnObject(found: json.kind) }
        guard let key = ["messages", "conversations", "conversation"].first(where: { object[$0] != nil })
        else {
            throw .missing(key: "messages")
        }
        try self.init(messages: object.array(key), beside: object)
    }

    /// The turns of a list, with what a record says beside it.
    package init(messages list: [JSONValue], beside object: JSONObject) throws(RecordProblem) {
        self.init(
            try [Message](json: list).after(systemOf: object), tools: try Self.tools(of: object),
            variables: try Self.variables(of: object))
    }

    /// This conversation in the field's schema.
    public var json: JSONValue {
        var object: JSONObject = ["messages": .array(messages.map(\.json))]
        if !tools.isEmpty { object["tools"] = .array(tools) }
        if !variables.isEmpty { object["chat_template_kwargs"] = .object(variables) }
        return .object(object)
    }

    /// The variables that a record has for the template.
    package static func variables(of object: JSONObject) throws(RecordProblem) -> JSONObject {
        switch object["chat_template_kwargs"] {
        case nil, .null: return [:]
        case .object(let variables):
            // Data sets of columns fill in null where a record says nothing.
            return JSONObject(variables.members.filter { $0.value != .null }.map { ($0.key, $0.value) })
        case .some(let other):
            throw .wrongType(key: "chat_template_kwargs", found: other.kind, expected: "an object")
        }
    }

    /// The tools of a record, which may be spelled as a string of JSON.
    package static func tools(of object: JSONObject) throws(RecordProblem) -> [JSONValue] {
        switch object["tools"] {
        case nil, .null, .string(""): return try functions(of: object)
        case .array(let tools): return tools
        case .string(let text):
            do {
                let read = try JSONValue(parsing: text)
                return read.array ?? [read]
            } catch { throw .notJSON(error) }
        case .some(let other): throw .wrongType(key: "tools", found: other.kind, expected: "an array")
        }
    }

    /// The tools of a record in OpenAI's older format.
    private static func functions(of object: JSONObject) throws(RecordProblem) -> [JSONValue] {
        switch object["functions"] {
        case nil, .null: return []
        case .array(let functions): return functions.map { ["type": "function", "function": $0] }
        case .some(let other): throw .wrongType(key: "functions", found: other.kind, expected: "an array")
        }
    }
}

extension [Message] {
    /// Reads turns, joining a call of tools with the assistant's words just before it.
    package init(json list: [JSONValue]) throws(RecordProblem) {
        self = []
        for json in list {
            let message = try Message(json: json)
            if message.role == .assistant, message.content.isEmpty, let before = last,
                before.role == .assistant,
                before.toolCalls.isEmpty
            {
                self[count - 1].toolCalls = message.toolCalls
            } else {
                append(message)
            }
        }
    }
}

extension [Message] {
    /// These turns after the system prompt that the record has beside them as `system` (or `system_prompt`).
    package func after(systemOf object: JSONObject) throws(RecordProblem) -> [Message] {
        guard let (key, system) = try object.system() else { return self }
        guard let first, first.role == .system else { return [.system(system)] + self }
        guard first.content == system else { throw .disagreement(key, "the first message") }
        return self
    }
}

extension JSONObject {
    /// The system prompt that a record has beside its turns, with its key; nil where it has none.
    package func system() throws(RecordProblem) -> (key: String, text: String)? {
        var said: (key: String, text: String)?
        for key in ["system", "system_prompt"] {
            guard let value = self[key], value != .null else { continue }
            let text = try string(key)
            guard !text.isEmpty else { continue }
            if let said, said.text != text { throw .disagreement(said.key, key) }
            said = said ?? (key, text)
        }
        return said
    }
}

extension Conversation: Codable {
    /// Reads a conversation in the field's schema.
    public init(from decoder: any Decoder) throws { try self.init(json: JSONValue(from: decoder)) }
    /// Writes a conversation in the field's schema.
    public func encode(to encoder: any Encoder) throws { try json.encode(to: encoder) }
}
