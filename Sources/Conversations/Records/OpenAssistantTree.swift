/// A tree of turns in Open Assistant's export format, where replies to one turn are ranked from 0, the best.
struct OpenAssistantTree {
    private struct Turn {
        var message: Message
        var rank: Int?
        var replies: [Turn]
    }

    private let root: Turn

    /// Reads a tree from its first turn.
    init(_ object: JSONObject) throws(RecordProblem) { root = try Self.turn(object) }

    private static func turn(_ object: JSONObject) throws(RecordProblem) -> Turn {
        let speaker = try object.string("role")
        guard speaker == "prompter" || speaker == "assistant" else { throw .unknownRole(speaker) }
        var replies: [Turn] = []
        for reply in object["replies"]?.array ?? [] {
            guard let reply = reply.object else { throw .notAnObject(found: reply.kind) }
            if reply["deleted"]?.bool != true { replies.append(try turn(reply)) }
        }
        replies.sort { ($0.rank ?? .max) < ($1.rank ?? .max) }
        let message = Message(speaker == "prompter" ? .user : .assistant, try object.string("text"))
        return Turn(message: message, rank: object["rank"]?.integer, replies: replies)
    }

    /// The best reply to the best reply, and so on, as far as the assistant's last word.
    var bestPath: [Message] {
        get throws(RecordProblem) {
            var path = [root.message]
            var turn = root
            while let best = turn.replies.first {
                path.append(best.message)
                turn = best
            }
            while let last = path.last, last.role != .assistant { path.removeLast() }
            return path
        }
    }

    /// Wherever the assistant replied in several ranked ways: the best against the worst.
    var pairs: [PreferenceRecord] {
        get throws(RecordProblem) {
            var pairs: [PreferenceRecord] = []
            func visit(_ turn: Turn, after path: [Message]) {
                let path = path + [turn.message]
                let ranked = turn.replies.filter { $0.rank != nil && $0.message.role == .assistant }
                if let best = ranked.first, let worst = ranked.last, best.rank != worst.rank {
                    pairs.append(
                        PreferenceRecord(
                            prompt: .messages(path), chosen: .messages([best.message]),
                            rejected: .messages([worst.message])))
                }
                for reply in turn.replies { visit(reply, after: path) }
            }
            visit(root, after: [])
            guard !pairs.isEmpty else { throw .tie }
            return pairs
        }
    }
}
