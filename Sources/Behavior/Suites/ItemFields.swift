import Conversations

/// The keys of an item in JSON: each is known for the item's kind, and has a value of its type.
///
/// A key that is not known would change what is measured without a word.
struct ItemFields {
    let object: JSONObject
    /// The kind; IFEval's records, which have none, are of instructions.
    let kind: String

    /// The keys of every kind.
    private static let common = [
        "kind", "prompt", "messages", "conversations", "conversation", "system", "system_prompt", "tools",
        "functions",
        "chat_template_kwargs", "id", "key", "comment",
    ]

    /// The further keys of each kind.
    private static let further = [
        "instructions": ["instruction_id_list", "kwargs"], "knowledge": ["answers", "wrong", "known"],
        "limits": ["action", "feasible"], "persona": ["mentions", "avoids"], "context": ["uses", "leaks"],
        "calls": ["calls"], "helpfulness": [],
    ]

    /// Throws where the kind is missing or not known, or a key is none of the kind's.
    init(_ object: JSONObject) throws(BehaviorSuiteError.Problem) {
        self.object = object
        switch object["kind"] {
        case nil where object["instruction_id_list"] != nil: kind = "instructions"
        case nil: throw .missing(key: "kind")
        case .string(let name): kind = name
        case .some: throw .malformed(key: "kind", expected: "a string")
        }
        guard let further = Self.further[kind] else { throw .unknown(key: "kind", value: kind) }
        // In a table, the columns of other kinds are there too, and empty.
        let others = Self.further.values.joined()
        let said = JSONObject(object.members.filter { !(others.contains($0.key) && $0.value.saysNothing) })
        try Self.check(said, further + Self.common, of: kind)
    }

    private static func check(
        _ object: JSONObject, _ known: [String], of kind: String, at place: String = ""
    ) throws(BehaviorSuiteError.Problem) {
        guard let key = object.keys.first(where: { !known.contains($0) }) else { return }
        throw .unknownKey(place + key, kind: kind, expected: known)
    }

    func flag(_ key: String) throws(BehaviorSuiteError.Problem) -> Bool? {
        guard let value = object[key] else { return nil }
        guard let flag = value.bool else { throw .malformed(key: key, expected: "true or false") }
        return flag
    }

    func string(_ key: String) throws(BehaviorSuiteError.Problem) -> String? {
        guard let value = object[key] else { return nil }
        guard let text = value.string else { throw .malformed(key: key, expected: "a string") }
        return text
    }

    /// A list of strings; empty where there is none.
    func strings(_ key: String) throws(BehaviorSuiteError.Problem) -> [String] {
        guard let value = object[key] else { return [] }
        guard let list = value.array, list.allSatisfy({ $0.string != nil }) else {
            throw .malformed(key: key, expected: "a list of strings")
        }
        return list.compactMap(\.string)
    }

    /// Things to be said, each a string or a list of the forms it may take; empty where there are none.
    func alternatives(_ key: String) throws(BehaviorSuiteError.Problem) -> [[String]] {
        guard let list = (object[key] ?? []).array else { throw .malformed(key: key, expected: "a list") }
        var result: [[String]] = []
        for element in list {
            let given = element.array ?? [element]
            let forms = given.compactMap(\.string)
            guard !forms.isEmpty, forms.count == given.count else {
                throw .malformed(key: key, expected: "strings, or lists of strings")
            }
            result.append(forms)
        }
        return result
    }

    /// The calls of tools that are expected, each of one that is on offer.
    func calls(of tools: [JSONValue]) throws(BehaviorSuiteError.Problem) -> [ToolCall] {
        guard let list = object["calls"]?.array else {
            throw .malformed(key: "calls", expected: "a list of calls, which may be empty")
        }
        guard !tools.isEmpty else { throw .missing(key: "tools") }
        let names = tools.map { ($0["function"] ?? $0)["name"]?.string }
        var calls: [ToolCall] = []
        for (index, json) in list.enumerated() {
            let place = "calls[\(index)]"
            let inner = ["name", "arguments", "parameters"]
            if let outer = json.object {
                try Self.check(outer, inner + ["id", "type", "function"], of: kind, at: place + ".")
            }
            if let function = json["function"]?.object {
                try Self.check(function, inner, of: kind, at: place + ".function.")
            }
            do throws(RecordProblem) { calls.append(try ToolCall(json: json)) } catch {
                throw .conversation(error)
            }
            let name = calls[index].name
            guard names.contains(name) else { throw .unknown(key: place + ".name", value: name) }
        }
        return calls
    }

    /// The conversation that waits for an answer: a prompt, or messages.
    func conversation() throws(BehaviorSuiteError.Problem) -> Conversation {
        let given = ["prompt", "messages", "conversations", "conversation"].filter { object[$0] != nil }
        guard let key = given.first else { throw .missingAll(keys: ["prompt", "messages"]) }
        guard given.count == 1 else { throw .exclusive(given[0], given[1]) }
        let prompt = try string("prompt")
        let conversation: Conversation
        do throws(RecordProblem) {
            if let prompt {
                conversation = try Conversation(
                    messages: [["role": "user", "content": .string(prompt)]], beside: object)
            } else {
                conversation = try Conversation(json: .object(object))
            }
            // The order of turns is left to the template of the model.
            guard !conversation.messages.isEmpty else { throw .noMessages }
        } catch {
            throw .conversation(error)
        }
        for (index, message) in conversation.messages.enumerated()
        where ![.system, .user, .assistant, .tool].contains(message.role) {
            throw .unknown(key: "\(key)[\(index)].role", value: message.role.rawValue)
        }
        guard conversation.messages.last?.role != .assistant else {
            throw .malformed(key: key, expected: "a conversation that waits for an answer")
        }
        return conversation
    }
}
