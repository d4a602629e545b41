extension Conversation {
    /// Reads `{"messages": […]}` or ShareGPT's `{"conversations": […]}`, with `tools` and `system` beside
    /// them.
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
        self.init(try [Message](json: list), tools: try Self.tools(of: object))
        if let system = object["system"]?.string, !system.isEmpty, messages.first?.role != .system {
            messages.insert(.system(system), at: 0)
        }
    }

    /// This conversation in the field's schema.
    public var json: JSONValue {
        var object: JSONObject = ["messages": .array(messages.map(\.json))]
        if !tools.isEmpty { object["tools"] = .array(tools) }
        return .object(object)
    }

    /// The tools of a record, which may be spelled as a string of JSON.
    package static func tools(of object: JSONObject) throws(RecordProblem) -> [JSONValue] {
        switch object["tools"] {
        case nil, .null, .string(""): return []
        case .array(let tools): return tools
        case .string(let text):
            do {
                let read = try JSONValue(parsing: text)
                return read.array ?? [read]
            } catch { throw .notJSON(error) }
        case .some(let other): throw .wrongType(key: "tools", found: other.kind, expected: "an array")
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

extension Conversation: Codable {
    /// Reads a conversation in the field's schema.
    public init(from decoder: any Decoder) throws { try self.init(json: JSONValue(from: decoder)) }
    /// Writes a conversation in the field's schema.
    public func encode(to encoder: any Encoder) throws { try json.encode(to: encoder) }
}
