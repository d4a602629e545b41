import TextCorpus

extension Message {
    /// Reads a turn from `{"role": …, "content": …}`, or from ShareGPT's `{"from": …, "value": …}`.
    ///
    /// Content may be null, or a list of text parts, which are joined. ShareGPT's `function_call` becomes an
    /// assistant's turn with that call, its `observation` a tool's turn. `weight` of 0 or 1 and `train`, `training` or
    /// `loss` of true or false say whether an assistant's turn is learned.
    public init(json: JSONValue) throws(RecordProblem) {
        guard let object = json.object else { throw .notAnObject(found: json.kind) }
        try KeyFate.turn.check(object)
        let isShareGPT = object["from"] != nil && object["role"] == nil
        let speaker = try object.string(isShareGPT ? "from" : "role")
        let content = try Self.content(of: object, key: isShareGPT ? "value" : "content")
        if speaker == "function_call" || speaker == "tool_call" {
            self.init(.assistant, "", toolCalls: try ToolCall.list(spelled: content))
            return
        }
        let known = Role(speaker: speaker)
        guard let role = known ?? (isShareGPT || speaker.isEmpty ? nil : Role(rawValue: speaker)) else {
            throw .unknownRole(speaker)
        }
        self.init(role, content)
        name = try object.stringIfAny("name")
        toolCallID = try object.stringIfAny("tool_call_id")
        reasoning = try object.stringIfAny("reasoning_content") ?? object["thinking"]?.string
        isTrained = try Self.isTrained(object, role)
        if let calls = object["tool_calls"], calls != .null {
            guard let calls = calls.array else {
                throw .wrongType(key: "tool_calls", found: calls.kind, expected: "an array")
            }
            for call in calls { toolCalls.append(try ToolCall(json: call)) }
        } else if let call = object["function_call"], call != .null {
            toolCalls = [try ToolCall(json: call)]
        }
        for (key, value) in object.members where value != .null && KeyFate.turn.isColumn(key) {
            columns[key] = value
        }
    }

    /// True if a turn is learned, by the keys that libraries have for it: OpenAI's, Axolotl's, ms-swift's.
    private static func isTrained(_ object: JSONObject, _ role: Role) throws(RecordProblem) -> Bool {
        var said: (key: String, value: Bool)?
        for key in ["weight", "train", "training", "loss"] {
            guard let value = object[key], value != .null else { continue }
            guard let flag = value.flag else {
                throw .wrongType(key: key, found: value.shown, expected: "true, false, 1 or 0")
            }
            guard role == .assistant || !flag else {
                throw .unsupported(
                    key: key, reason: "a turn of \(role.rawValue) is not learned, only the assistant's are")
            }
            if let said, said.value != flag { throw .disagreement(said.key, key) }
            said = (key, flag)
        }
        return role != .assistant || said?.value ?? true
    }

    /// This turn in the field's schema; keys that say nothing are left out.
    public var json: JSONValue {
        var object: JSONObject = ["role": .string(role.rawValue), "content": .string(content)]
        if let reasoning { object["reasoning_content"] = .string(reasoning) }
        if !toolCalls.isEmpty { object["tool_calls"] = .array(toolCalls.map(\.json)) }
        if let name { object["name"] = .string(name) }
        if let toolCallID { object["tool_call_id"] = .string(toolCallID) }
        for (key, value) in columns.members { object[key] = value }
        if !isTrained { object["weight"] = 0 }
        return .object(object)
    }

    private static func content(of object: JSONObject, key: String) throws(RecordProblem) -> String {
        switch object[key] {
        case .string(let text): return text
        case .array(let parts):
            var text = ""
            for part in parts {
                guard let piece = part["text"]?.string else {
                    throw .wrongType(
                        key: key, found: "a part of type '\(part["type"]?.string ?? part.kind)'",
                        expected: "text")
                }
                text += piece
            }
            return text
        case .null: return ""
        case nil where object["tool_calls"] != nil || object["function_call"] != nil: return ""
        case nil: throw .missing(key: key)
        case .some(let other): throw .wrongType(key: key, found: other.kind, expected: "a string")
        }
    }
}

extension Message.Role {
    /// The role that data sets call by the given name.
    fileprivate init?(speaker: String) {
        switch speaker {
        case "system", "developer": self = .system
        case "user", "human": self = .user
        case "assistant", "gpt", "model": self = .assistant
        case "tool", "function", "observation", "function_response", "tool_response": self = .tool
        default: return nil
        }
    }
}

extension ToolCall {
    /// Reads `{"type": "function", "function": {"name": …, "arguments": …}}`, or the inner object alone.
    ///
    /// Arguments spelled as a string of JSON are read, as templates expect the object.
    public init(json: JSONValue) throws(RecordProblem) {
        guard let outer = json.object else { throw .notAnObject(found: json.kind) }
        let call = outer["function"]?.object ?? outer
        var arguments = call["arguments"] ?? call["parameters"] ?? [:]
        if case .string(let text) = arguments, let read = try? JSONValue(parsing: text), read.object != nil {
            arguments = read
        }
        self.init(id: outer["id"]?.string, name: try call.string("name"), arguments: arguments)
    }

    /// This call in the field's schema.
    public var json: JSONValue {
        var object: JSONObject = ["type": "function"]
        if let id { object["id"] = .string(id) }
        object["function"] = ["name": .string(name), "arguments": arguments]
        return .object(object)
    }

    /// The calls that ShareGPT writes as text: one object, or a list of them.
    fileprivate static func list(spelled text: String) throws(RecordProblem) -> [ToolCall] {
        let json: JSONValue
        do { json = try JSONValue(parsing: text) } catch { throw .notJSON(error) }
        var calls: [ToolCall] = []
        for call in json.array ?? [json] { calls.append(try ToolCall(json: call)) }
        return calls
    }
}

extension JSONObject {
    /// The text under a key that must be there.
    package func string(_ key: String) throws(RecordProblem) -> String {
        guard let value = self[key] else { throw .missing(key: key) }
        guard let text = value.string else {
            throw .wrongType(key: key, found: value.kind, expected: "a string")
        }
        return text
    }

    /// The text under a key; nil where it is missing or null.
    fileprivate func stringIfAny(_ key: String) throws(RecordProblem) -> String? {
        guard let value = self[key], value != .null else { return nil }
        return try string(key)
    }

    /// The list under a key that must be there.
    package func array(_ key: String) throws(RecordProblem) -> [JSONValue] {
        guard let value = self[key] else { throw .missing(key: key) }
        guard let list = value.array else {
            throw .wrongType(key: key, found: value.kind, expected: "an array")
        }
        return list
    }
}

extension ToolCall: Codable {
    /// Reads a call in the field's schema.
    public init(from decoder: any Decoder) throws { try self.init(json: JSONValue(from: decoder)) }
    /// Writes a call in the field's schema.
    public func encode(to encoder: any Encoder) throws { try json.encode(to: encoder) }
}

extension Message: Codable {
    /// Reads a turn in the field's schema.
    public init(from decoder: any Decoder) throws { try self.init(json: JSONValue(from: decoder)) }
    /// Writes a turn in the field's schema.
    public func encode(to encoder: any Encoder) throws { try json.encode(to: encoder) }
}
