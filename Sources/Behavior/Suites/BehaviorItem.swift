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
    ///
    /// - Throws: ``BehaviorSuiteError/Problem`` where a key is not known for the kind, or one that the kind needs is missing.
    public init(json: JSONValue, id: String) throws(BehaviorSuiteError.Problem) {
        guard let object = json.object else { throw .malformed(key: "", expected: "an object") }
        let name = object["id"]?.string ?? (object["key"] ?? object["id"])?.integer.map(String.init) ?? id
        let fields = try ItemFields(object)
        let conversation = try fields.conversation()
        self.init(id: name, conversation, try Self.check(of: fields, conversation.tools))
    }

    private static func check(
        of fields: ItemFields, _ tools: [JSONValue]
    ) throws(BehaviorSuiteError.Problem) -> Check {
        switch fields.kind {
        case "instructions":
            guard let instructions = try Instruction.list(of: fields.object) else {
                throw .missing(key: "instruction_id_list")
            }
            return .instructions(instructions)
        case "knowledge":
            let (known, answers) = (try fields.flag("known") ?? true, try fields.strings("answers"))
            let wrong = try fields.strings("wrong")
            guard known else {
                guard answers.isEmpty, wrong.isEmpty else {
                    throw .conversation(.disagreement("known", answers.isEmpty ? "wrong" : "answers"))
                }
                return .unknownFact
            }
            guard !answers.isEmpty else { throw .missing(key: "answers") }
            return .knownFact(answers: answers, wrong: wrong)
        case "limits":
            let action = try fields.string("action")
            return try fields.flag("feasible") == true ? .possibleTask : .impossibleAction(action)
        case "persona":
            let (mentions, avoids) = (try fields.alternatives("mentions"), try fields.strings("avoids"))
            guard !mentions.isEmpty || !avoids.isEmpty else {
                throw .missingAll(keys: ["mentions", "avoids"])
            }
            return .persona(mentions: mentions, avoids: avoids)
        case "context":
            let (uses, leaks) = (try fields.alternatives("uses"), try fields.strings("leaks"))
            guard !uses.isEmpty || !leaks.isEmpty else { throw .missingAll(keys: ["uses", "leaks"]) }
            return .context(uses: uses, leaks: leaks)
        case "calls": return .calls(try fields.calls(of: tools))
        case "helpfulness": return .helpfulness
        case let other: throw .unknown(key: "kind", value: other)
        }
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
        // Calls that are expected belong to an item, whose kind is then missing.
        let isItem = ["kind", "instruction_id_list", "calls"].contains { object[$0] != nil }
        guard isRecord, object["tools"] != nil, !isItem else { return nil }
        let conversation: Conversation
        do throws(RecordProblem) {
            conversation = try Conversation(json: .object(object))
            guard !conversation.tools.isEmpty else { return [] }
            try conversation.validate()
        } catch {
            throw .conversation(error)
        }
        let turns = conversation.messages.indices.filter { conversation.messages[$0].role == .assistant }
        guard !turns.isEmpty else { throw .missing(key: "kind") }
        return turns.map { index in
            var asked = conversation
            asked.messages.removeSubrange(index...)
            return BehaviorItem(
                id: "\(id), message \(index)", asked, .calls(conversation.messages[index].toolCalls))
        }
    }
}
