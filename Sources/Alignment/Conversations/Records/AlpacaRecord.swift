/// Records in the manner of Alpaca: an instruction, perhaps an input, and an output.
enum AlpacaRecord {
    /// The turns up to the answer: what `system` and `history` say, then the instruction with its input
    /// below.
    static func prompt(of object: JSONObject) throws(RecordProblem) -> [Message] {
        var messages: [Message] = []
        if let system = object["system"]?.string, !system.isEmpty { messages.append(.system(system)) }
        for round in object["history"]?.array ?? [] {
            guard let pair = round.array, pair.count == 2, let asked = pair[0].string,
                let said = pair[1].string
            else {
                throw .wrongType(key: "history", found: round.kind, expected: "pairs of strings")
            }
            messages += [.user(asked), .assistant(said)]
        }
        return messages + [
            .user(question(try object.string("instruction"), input: object["input"]?.string ?? ""))
        ]
    }

    /// The conversations of a record: one of `output`, or one for each of its `instances`.
    static func conversations(of object: JSONObject) throws(RecordProblem) -> [Conversation] {
        guard let instances = object["instances"]?.array else {
            return [Conversation(try prompt(of: object) + [.assistant(try object.string("output"))])]
        }
        let instruction = try object.string("instruction")
        var conversations: [Conversation] = []
        for instance in instances {
            guard let instance = instance.object else { throw .notAnObject(found: instance.kind) }
            let asked = question(instruction, input: instance["input"]?.string ?? "")
            conversations.append(Conversation([.user(asked), .assistant(try instance.string("output"))]))
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
            rejected: .messages([.assistant(answers[1 - chosen])]))
    }

    private static func question(_ instruction: String, input: String) -> String {
        input.trimmingBlanks().isEmpty ? instruction : instruction + "\n\n" + input
    }
}
