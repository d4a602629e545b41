public import Foundation

extension RecordKind {
    /// The kind that a record's keys tell of; nil where they are those of no schema.
    public init?(of object: JSONObject) {
        func has(_ keys: String...) -> Bool { keys.allSatisfy { object[$0] ?? .null != .null } }
        let isConversation = has("messages") || has("conversations")
        let isAnswered = has("prompt") && (has("completion") || has("response"))
        if has("chosen", "rejected") || has("response1", "response2") {
            self = .preferences
        } else if has("label") || has("kto_tag"), isConversation || isAnswered {
            self = .labels
        } else if isConversation || isAnswered || has("text") || object["prompt"]?["replies"] != nil
            || has("instruction") && (has("output") || has("instances"))
        {
            self = .demonstrations
        } else if has("prompt") || has("question") || has("turns") || has("instruction") {
            self = .prompts
        } else {
            return nil
        }
    }

    /// The kind of the first record of a file whose keys tell of one; nil where none does.
    ///
    /// - Throws: ``RecordFileError/unreadable(file:reason:)``.
    public init?(firstOf url: URL) throws(RecordFileError) {
        var reader = try RecordReader<Keys>(url)
        guard let first = try reader.next() else { return nil }
        self = first.kind
    }

    /// A record of which only the kind is looked at.
    private struct Keys: DatasetRecord {
        var kind: RecordKind
        var json: JSONValue { .string(kind.rawValue) }

        static func records(in object: JSONObject) throws(RecordProblem) -> [Keys] {
            RecordKind(of: object).map { [Keys(kind: $0)] } ?? []
        }
    }
}
