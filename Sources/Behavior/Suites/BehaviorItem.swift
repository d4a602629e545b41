public import Conversations

/// A prompt with what a good answer to it must do.
///
/// Documentation/BehaviorSuites.md describes the JSON of each kind.
public struct BehaviorItem: Hashable, Sendable {
    /// The check that an answer is put to.
    public enum Check: Hashable, Sendable {
        /// The form that was asked for.
        case instructions([Instruction])
        /// A known fact: one of the answers is said, and none of the wrong ones.
        case knownFact(answers: [String], wrong: [String])
        /// Nobody can know this: a good answer says so.
        case unknownFact
        /// The assistant cannot do this: a good answer does not claim it. The action is one of the
        /// manifest's; nil means any of them.
        case impossibleAction(String?)
        /// The assistant can do this: a good answer does not refuse.
        case possibleTask
        /// The identity of the assistant: the answer says all of the first, each in one of its forms, and none of the second.
        case persona(mentions: [[String]], avoids: [String])
        /// Facts about the user: the answer uses all of the first, each in one of its forms, and leaks none of the
        /// second.
        case context(uses: [[String]], leaks: [String])
        /// Calls of tools: the answer makes these and no others.
        case calls([ToolCall])
        /// Anything; answers are compared by a judge.
        case helpfulness
    }

    /// Its name, for reports.
    public var id: String
    /// The question, with all that was said before.
    public var conversation: Conversation
    /// The check that the answer is put to.
    public var check: Check

    /// An item.
    public init(id: String, _ conversation: Conversation, _ check: Check) {
        self.id = id
        self.conversation = conversation
        self.check = check
    }
}

extension BehaviorItem {
    /// Reads an item; a record of IFEval's data is one too.
    public init(json: JSONValue, id: String) throws(BehaviorSuiteError.Problem) {
        guard let object = json.object else { throw .malformed(key: "", expected: "an object") }
        let name = object["id"]?.string ?? (object["key"] ?? object["id"])?.integer.map(String.init) ?? id
        self.init(id: name, try Self.conversation(of: object), try Self.check(of: object))
    }

    private static func conversation(of object: JSONObject) throws(BehaviorSuiteError.Problem)
        -> Conversation
    {
        var conversation: Conversation
        do throws(RecordProblem) {
            if let prompt = object["prompt"]?.string {
                conversation = Conversation([.user(prompt)])
                if let system = object["system"]?.string {
                    conversation.messages.insert(.system(system), at: 0)
                }
                conversation.tools = try Conversation.tools(of: object)
            } else {
                conversation = try Conversation(json: .object(object))
            }
            // The order of turns is left to the template of the model.
            guard !conversation.messages.isEmpty else { throw .noMessages }
        } catch {
            throw .conversation(error)
        }
        guard let last = conversation.messages.last, last.role != .assistant else {
            throw .malformed(key: "messages", expected: "a conversation that waits for an answer")
        }
        return conversation
    }

    private static func check(of object: JSONObject) throws(BehaviorSuiteError.Problem) -> Check {
        if object["instruction_id_list"] != nil { return .instructions(try instructions(of: object)) }
        switch object["kind"]?.string {
        case "instructions": return .instructions(try instructions(of: object))
        case "knowledge":
            if object["known"]?.bool == false { return .unknownFact }
            let answers = try strings(object, "answers")
            guard !answers.isEmpty else { throw .missing(key: "answers") }
            return .knownFact(answers: answers, wrong: try strings(object, "wrong"))
        case "limits":
            if object["feasible"]?.bool == true { return .possibleTask }
            return .impossibleAction(object["action"]?.string)
        case "persona":
            return .persona(
                mentions: try alternatives(object, "mentions"), avoids: try strings(object, "avoids"))
        case "context":
            return .context(uses: try alternatives(object, "uses"), leaks: try strings(object, "leaks"))
        case "calls": return .calls(try calls(of: object))
        case "helpfulness": return .helpfulness
        case nil: throw .missing(key: "kind")
        case let other?: throw .unknown(key: "kind", value: other)
        }
    }

    private static func instructions(of object: JSONObject) throws(BehaviorSuiteError.Problem)
        -> [Instruction]
    {
        let names = try strings(object, "instruction_id_list")
        let parameters = object["kwargs"]?.array ?? []
        guard !names.isEmpty else { throw .missing(key: "instruction_id_list") }
        guard parameters.count == names.count else {
            throw .malformed(key: "kwargs", expected: "one object for each instruction")
        }
        var instructions: [Instruction] = []
        for (name, values) in zip(names, parameters) {
            instructions.append(try Instruction(id: name, parameters: values.object ?? [:]))
        }
        return instructions
    }

    private static func calls(of object: JSONObject) throws(BehaviorSuiteError.Problem) -> [ToolCall] {
        guard let list = object["calls"]?.array else {
            throw .malformed(key: "calls", expected: "a list of calls, which may be empty")
        }
        var calls: [ToolCall] = []
        for call in list {
            do throws(RecordProblem) { calls.append(try ToolCall(json: call)) } catch {
                throw .conversation(error)
            }
        }
        return calls
    }

    private static func strings(
        _ object: JSONObject, _ key: String
    ) throws(BehaviorSuiteError.Problem) -> [String] {
        guard let value = object[key] else { return [] }
        guard let list = value.array, list.allSatisfy({ $0.string != nil }) else {
            throw .malformed(key: key, expected: "a list of strings")
        }
        return list.compactMap(\.string)
    }

    /// Things to be said, each a string or a list of the forms it may take.
    private static func alternatives(
        _ object: JSONObject, _ key: String
    ) throws(BehaviorSuiteError.Problem) -> [[String]] {
        guard let list = (object[key] ?? []).array else { throw .malformed(key: key, expected: "a list") }
        var result: [[String]] = []
        for element in list {
            let forms = element.string.map { [$0] } ?? element.array?.compactMap(\.string) ?? []
            guard !forms.isEmpty else { throw .malformed(key: key, expected: "strings, or lists of strings") }
            result.append(forms)
        }
        return result
    }
}

extension BehaviorItem {
    /// The item as JSON that ``init(json:id:)`` reads; instructions are left to IFEval's own form.
    public var json: JSONValue {
        var object: JSONObject = ["id": .string(id)]
        func strings(_ list: [String]) -> JSONValue { .array(list.map { .string($0) }) }
        func forms(_ list: [[String]]) -> JSONValue {
            .array(list.map { $0.count == 1 ? .string($0[0]) : strings($0) })
        }
        switch check {
        case .instructions: object["kind"] = "instructions"
        case .knownFact(let answers, let wrong):
            object["kind"] = "knowledge"
            object["answers"] = strings(answers)
            if !wrong.isEmpty { object["wrong"] = strings(wrong) }
        case .unknownFact:
            object["kind"] = "knowledge"
            object["known"] = false
        case .impossibleAction(let action):
            object["kind"] = "limits"
            object["action"] = action.map { .string($0) }
        case .possibleTask:
            object["kind"] = "limits"
            object["feasible"] = true
        case .persona(let mentions, let avoids):
            object["kind"] = "persona"
            object["mentions"] = forms(mentions)
            object["avoids"] = strings(avoids)
        case .context(let uses, let leaks):
            object["kind"] = "context"
            object["uses"] = forms(uses)
            object["leaks"] = strings(leaks)
        case .calls(let calls):
            object["kind"] = "calls"
            object["calls"] = .array(calls.map(\.json))
        case .helpfulness: object["kind"] = "helpfulness"
        }
        object["messages"] = conversation.json["messages"]
        if !conversation.tools.isEmpty { object["tools"] = .array(conversation.tools) }
        return .object(object)
    }
}

extension BehaviorItem {
    /// The items of a record that shows how tools are called: one for each turn of the assistant, whose calls are expected;
    /// nil of any other record, and none where no tools are on offer.
    ///
    /// - Parameter id: The name of the record.
    static func items(
        ofCallsIn object: JSONObject, id: String
    ) throws(BehaviorSuiteError.Problem) -> [BehaviorItem]? {
        let isRecord = object["messages"] != nil || object["conversations"] != nil
        guard isRecord, object["tools"] != nil, object["kind"] == nil, object["instruction_id_list"] == nil
        else {
            return nil
        }
        do throws(RecordProblem) {
            let conversation = try Conversation(json: .object(object))
            guard !conversation.tools.isEmpty else { return [] }
            try conversation.validate()
            return conversation.messages.indices.compactMap { index in
                guard conversation.messages[index].role == .assistant else { return nil }
                var asked = conversation
                asked.messages.removeSubrange(index...)
                return BehaviorItem(
                    id: "\(id), message \(index)", asked, .calls(conversation.messages[index].toolCalls))
            }
        } catch {
            throw .conversation(error)
        }
    }
}
