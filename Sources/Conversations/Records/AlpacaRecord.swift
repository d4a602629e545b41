/// Records in the manner of Alpaca: an instruction, perhaps an input, and an output.
enum AlpacaRecord {
    /// The turns up to the answer: what `system` and `history` say, then the instruction with its input
    /// below.
    static func prompt(of object: JSONObject) throws(RecordProblem) -> [Message] {
        var messages: [Message] = []
        for round in try history(of: object) {
            guard let pair = round.array, pair.count == 2, let asked = pair[0].string,
                let said = pair[1].string
            else {
                throw .wrongType(key: "history", found: round.kind, expected: "pairs of strings")
            }
            messages += [.user(asked), .assistant(said)]
        }
        messages.append(.user(question(try object.string("instruction"), input: try input(of: object))))
        return try messages.after(systemOf: object)
    }

    private static func history(of object: JSONObject) throws(RecordProblem) -> [JSONValue] {
        guard let history = object["history"], history != .null else { return [] }
        return try object.array("history")
    }

    private static func input(of object: JSONObject) throws(RecordProblem) -> String {
        guard let input = object["input"], input != .null else { return "" }
        return try object.string("input")
    }

    /// The conversations of a record: one of `output`, or one for each of its `instances`.
    static func conversations(of object: JSONObject) throws(RecordProblem) -> [Conversation] {
        guard let instances = object["instances"]?.array else {
            return [
                Conversation(
                    try prompt(of: object) + [.assistant(try object.string("output"))],
                    tools: try Conversation.tools(of: object),
                    variables: try Conversation.variables(of: object))
            ]
        }
        let instruction = try object.string("instruction")
        var conversations: [Conversation] = []
        for instance in instances {
            guard let instance = instance.object else { throw .notAnObject(found: instance.kind) }
            let asked = question(instruction, input: try input(of: instance))
            let turns: [Message] = [.user(asked), .assistant(try instance.string("output"))]
            conversations.append(Conversation(try turns.after(systemOf: object)))
        }
        return conversations
    }

    /// The pair of a record whose annotators voted 0 (equal), 1 or 2.
    static func judgedPair(of object: JSONObject) throws(RecordProblem) -> PreferenceRecord {
        let answers = [try object.string("response1"), try object.string("response2")]
        let votes = object.members.filter { $0.key.hasPrefix("annotator") }.compactMap(\.value.integer)
        let first = votes.count { $0 == 1 }
        let second = votes.count { $0 == 2 }
        guard first != second else { throw .tie }
        let chosen = first > second ? 0 : 1
        return PreferenceRecord(
            prompt: .messages(try prompt(of: object)), chosen: .messages([.assistant(answers[chosen])]),
            rejected: .messages([.assistant(answers[1 - chosen])]),
            margin: try PreferenceRecord.margin(of: object),
            tools: try Conversation.tools(of: object), variables: try Conversation.variables(of: object))
    }

    private static func question(_ instruction: String, input: String) -> String {
        input.trimmingBlanks().isEmpty ? instruction : instruction + "\n\n" + input
    }
}
