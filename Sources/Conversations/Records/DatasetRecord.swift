import Formatting
public import Foundation
import NeuralCore
public import TextCorpus

/// A kind of record that training reads from JSON, in any of the schemas the field uses for it.
public protocol DatasetRecord: Sendable {
    /// The records that one JSON object holds: most often one.
    ///
    /// - Throws: ``RecordProblem`` when the object cannot be trained on.
    static func records(in object: JSONObject) throws(RecordProblem) -> [Self]

    /// True if the prompt is plain text, which a model continues as it stands, outside its chat template.
    var hasPlainPrompt: Bool { get }

    /// This record with a plain prompt made a turn of the user, and what answers it a turn of the assistant.
    func inTurns() -> Self

    /// This record in the field's schema.
    var json: JSONValue { get }
}

extension DatasetRecord {
    /// False: the record has no prompt, or turns.
    public var hasPlainPrompt: Bool { false }
    /// The record as it is.
    public func inTurns() -> Self { self }
}

/// The treatment of records that cannot be trained on.
public enum BadRecordPolicy: Hashable, Sendable {
    /// Leave it out and count it; the report names its line.
    case skip
    /// Stop reading.
    case refuse
}

/// The counts of a reader of records.
public struct RecordReport: Hashable, Sendable {
    /// A record that was left out.
    public struct BadRecord: Hashable, Sendable {
        /// The line on which it starts, from one.
        public var line: Int
        /// The problem.
        public var problem: RecordProblem
    }

    /// JSON values read, good and bad.
    public internal(set) var read = 0
    /// Records handed out; one value may hold several.
    public internal(set) var kept = 0
    /// The number of values left out for each category of problem.
    public internal(set) var skipped: [String: Int] = [:]
    /// The first of those left out, by line.
    public internal(set) var examples: [BadRecord] = []

    /// The most records left out that are named one by one.
    public static let greatestNumberOfExamples = 100

    /// The report of a file of which nothing was read yet.
    public init() {}

    /// The number of values left out.
    public var skippedCount: Int { skipped.values.reduce(0, +) }

    mutating func skip(_ bad: BadRecord) {
        skipped[bad.problem.category, default: 0] += 1
        if examples.count < Self.greatestNumberOfExamples { examples.append(bad) }
    }
}

extension RecordReport: CustomStringConvertible {
    /// One line, then one for each category and each of the first bad lines.
    public var description: String {
        let categories = skipped.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let good = counted(read - skippedCount, "record")
        let kept = kept == read - skippedCount ? good : "\(counted(kept, "example")) from \(good)"
        return
            (["\(kept) of \(grouped(read)), \(grouped(skippedCount)) left out"]
            + categories.map { "  \($0.value) \($0.key)" }
            + examples.prefix(10).map { "  line \($0.line): \($0.problem)" }).joined(separator: "\n")
    }
}

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
        } else if has("prompt") || has("question") || has("Body", "Question") || has("turns")
            || has("instruction")
        {
            self = .prompts
        } else {
            return nil
        }
    }

    /// The kind of the first record of a file whose keys tell of one; nil where none does.
    ///
    /// - Throws: ``RecordFileError/unreadable(file:reason:)``.
    public init?(firstOf url: URL, columns: ColumnMap = ColumnMap()) throws(RecordFileError) {
        var reader = try RecordReader<Keys>(url, columns: columns)
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
