import Formatting
import NeuralCore

/// The report on a file of records: those left out and why, those cut, and those read otherwise than people may
/// expect.
public struct ReadingReport: Sendable, Hashable {
    /// A record that is well formed and was left out all the same.
    public struct Omission: Sendable, Hashable {
        /// The line on which it starts, from one.
        public let line: Int
        /// The reason.
        public let problem: String
    }

    /// The path of the file, as it was given.
    public let file: String
    /// The most tokens of an example.
    public let context: Int
    /// Records that were read, and those that are none.
    public internal(set) var records = RecordReport()
    /// The number of well-formed records that cannot be trained on, by category of problem.
    public private(set) var omitted: [String: Int] = [:]
    /// The first of those, by line.
    public private(set) var omissions: [Omission] = []
    /// Answers whose end lies beyond the context.
    public internal(set) var answersCut = 0
    /// Records whose margin means nothing to what is trained.
    public internal(set) var marginsUnused = 0
    /// Records whose prompt is plain text, read by a chat model outside its template.
    public internal(set) var plainPrompts = 0

    /// A report on a file of which nothing was read yet.
    public init(file: String, context: Int) {
        self.file = file
        self.context = context
    }

    /// The most omissions that are named one by one.
    private static let namedOmissions = 10

    mutating func omit(_ category: String, _ omission: Omission) {
        omitted[category, default: 0] += 1
        if omissions.count < Self.namedOmissions { omissions.append(omission) }
    }

    /// One sentence for each thing there is to say; of several lines where records are named.
    public var sentences: [String] {
        var sentences = records.skippedCount > 0 ? [records.description] : []
        if !omitted.isEmpty {
            let counts = omitted.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            let lines =
                ["\(counted(omitted.values.reduce(0, +), "record")) left out"]
                + counts.map { "  \(grouped($0.value)) \($0.key)" }
                + omissions.map { "  line \($0.line): \($0.problem)" }
            sentences.append(lines.joined(separator: "\n"))
        }
        if answersCut > 0 {
            let answers = counted(answersCut, "answer is", plural: "answers are")
            sentences.append("\(answers) cut at the context of \(counted(context, "token"))")
        }
        if marginsUnused > 0 {
            let records = counted(marginsUnused, "record has", plural: "records have")
            sentences.append("\(records) a margin, which only reward models are trained with")
        }
        if plainPrompts > 0 {
            let records = counted(plainPrompts, "record has", plural: "records have")
            sentences.append(
                "\(records) a prompt of plain text, which is read as it stands though this is a chat model")
        }
        return sentences
    }
}

extension ReadingReport: CustomStringConvertible {
    /// The sentences, each after the name of the file; empty where there is nothing to say.
    public var description: String { sentences.map { "\(file): \($0)" }.joined(separator: "\n") }
}
