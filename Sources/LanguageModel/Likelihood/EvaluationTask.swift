import Files
public import Foundation
import JSON
import TextCorpus

/// Questions that are answered by likelihood: of several completions the most probable, or of one whether it is what
/// the model would have said.
///
/// A file holds one kind of JSON Lines:
///
/// | keys | of | prompt | completions |
/// |---|---|---|---|
/// | `query`, `choices`, `gold` | ARC, PIQA, COPA, OpenBookQA | the query | the choices |
/// | `context_options`, `continuation`, `gold` | Winogrande | each option | the continuation |
/// | `context`, `continuation` | LAMBADA, arithmetic | the context | the continuation |
/// | `question`, `choices`, `answer`, `subject` | MMLU | the question with lettered choices | the letters |
///
/// A completion follows its prompt after a space. A query that begins with `Question:` is followed by `Answer:` on a
/// line of its own.
public struct EvaluationTask: Sendable, Equatable {
    /// The name of the file without its extension.
    public var name: String
    /// The questions.
    public var questions: [Question]

    /// One question.
    public struct Question: Sendable, Equatable {
        /// The possible answers, each with its prompt. A prompt that several share is computed once.
        public var options: [Option]
        /// The number of the right option; nil where there is but one, which is right if greedy decoding gives it.
        public var gold: Int?

        /// A question with its options.
        public init(options: [Option], gold: Int?) {
            self.options = options
            self.gold = gold
        }
    }

    /// A completion after a prompt.
    public struct Option: Sendable, Equatable {
        /// The given text.
        public var prompt: String
        /// The text to predict, including the space that separates it from the prompt.
        public var completion: String

        /// A completion after a prompt.
        public init(prompt: String, completion: String) {
            self.prompt = prompt
            self.completion = completion
        }
    }

    /// A task from its questions.
    public init(name: String, questions: [Question]) {
        self.name = name
        self.questions = questions
    }

    /// Reads a file of JSON Lines, or a table in Parquet or Arrow.
    ///
    /// - Parameters:
    ///   - url: The file.
    ///   - limit: The number of questions to read, from the first; nil for all.
    public init(contentsOf url: URL, limit: Int? = nil) throws(LikelihoodError) {
        let file = url.path(percentEncoded: false)
        var rows = try Rows(file)
        var questions: [Question] = []
        while questions.count < limit ?? .max, let (number, line) = try rows.next() {
            do throws(Fault) {
                if let question = try Self.question(line) { questions.append(question) }
            } catch {
                throw .malformed(
                    file: file, line: number, expected: error.expected, found: error.found)
            }
        }
        guard !questions.isEmpty else {
            throw .malformed(file: file, line: 1, expected: "a question a line", found: "none")
        }
        self.init(name: url.deletingPathExtension().lastPathComponent, questions: questions)
    }

    /// A fault of a line.
    fileprivate struct Fault: Error {
        var expected: String
        var found: String
    }

    private static let longestLine = 1 << 28

    /// The lines of a file, or the rows of a table as lines of JSON.
    private struct Rows {
        private let file: String
        private var table: TableFile?
        private var lines: LineReader<FileError>?

        init(_ file: String) throws(LikelihoodError) {
            self.file = file
            do throws(CorpusError) {
                table = try TableFile(file)
            } catch .missing {
                throw .missing(file: file)
            } catch {
                throw .unreadable(file: file, reason: error.description)
            }
            guard table == nil else { return }
            lines = try Self.reading { () throws(FileError) in
                LineReader(try InputFile(file, acceptsPipes: true), longest: EvaluationTask.longestLine)
            }
        }

        mutating func next() throws(LikelihoodError) -> (number: Int, line: LineReader<FileError>.Line)? {
            if let line = try Self.reading({ () throws(FileError) in try lines?.next() }) {
                return (lines?.number ?? 0, line)
            }
            do throws(CorpusError) {
                return try table?.nextLine().map { ($0.line, .bytes($0.json)) }
            } catch {
                throw .unreadable(file: file, reason: error.description)
            }
        }

        private static func reading<Result>(
            _ body: () throws(FileError) -> Result
        ) throws(LikelihoodError) -> Result {
            do throws(FileError) {
                return try body()
            } catch .missing(let file) {
                throw .missing(file: file)
            } catch {
                throw .unreadable(file: error.file, reason: error.reason)
            }
        }
    }

    /// The question on a line; nil where the line is blank.
    private static func question(_ line: LineReader<FileError>.Line) throws(Fault) -> Question? {
        switch line {
        case .tooLong(let count):
            throw Fault(expected: "at most \(longestLine) bytes", found: "\(count)")
        case .bytes(let bytes):
            if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return nil }
            return try record(of: bytes).asked()
        }
    }

    private static func record(of line: [UInt8]) throws(Fault) -> Record {
        let start = "\"\(String(decoding: line.prefix(60), as: UTF8.self))\""
        do {
            return try JSONValue(parsing: line).decoded()
        } catch let mismatch as JSONMismatch {
            throw mismatch.path.isEmpty
                ? Fault(expected: "an object with a question", found: start)
                : Fault(expected: mismatch.expected, found: "\(mismatch.found) for \"\(mismatch.path)\"")
        } catch {
            throw Fault(expected: "JSON", found: start)
        }
    }

    /// A line of any of the kinds.
    fileprivate struct Record: Decodable {
        var query: String?
        var choices: [String]?
        var gold: Int?
        var context_options: [String]?
        var context: String?
        var continuation: String?
        var question: String?
        var answer: Int?
        var subject: String?
    }
}

extension EvaluationTask.Record {
    /// The question that the line asks.
    fileprivate func asked() throws(EvaluationTask.Fault) -> EvaluationTask.Question {
        if let query, let choices, let gold {
            let isQuestion = query.hasPrefix("Question:")
            let prompt = isQuestion ? query.trimmingCharacters(in: .newlines) + "\nAnswer:" : query
            return try among(
                choices.map { .init(prompt: prompt, completion: apart($0)) }, gold, "choices", "gold")
        }
        if let context_options, let continuation, let gold {
            return try among(
                context_options.map { .init(prompt: $0, completion: apart(continuation)) }, gold,
                "context_options", "gold")
        }
        if let context, let continuation {
            guard !continuation.isEmpty else {
                throw EvaluationTask.Fault(expected: "a continuation to predict", found: "an empty one")
            }
            return .init(options: [.init(prompt: context, completion: apart(continuation))], gold: nil)
        }
        if let question, let choices, let answer {
            guard choices.count <= 26 else {
                throw EvaluationTask.Fault(
                    expected: "at most 26 \"choices\", a letter each", found: "\(choices.count)")
            }
            let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ".prefix(choices.count).map(String.init)
            let lines = zip(letters, choices).map { "\n\($0). \($1)" }.joined()
            let topic = subject.map { " about \($0.replacing("_", with: " "))" } ?? ""
            let prompt =
                "The following are multiple choice questions (with answers)\(topic).\n\n\(question)\(lines)\nAnswer:"
            return try among(
                letters.map { .init(prompt: prompt, completion: " " + $0) }, answer, "choices", "answer")
        }
        throw EvaluationTask.Fault(
            expected:
                "the keys of a question: query, choices and gold; context_options, continuation and gold; "
                + "context and continuation; or question, choices and answer",
            found: keys.isEmpty ? "none of them" : "only " + keys.joined(separator: ", "))
    }

    /// The keys of a question that the line has.
    private var keys: [String] {
        [
            ("query", query != nil), ("choices", choices != nil), ("gold", gold != nil),
            ("context_options", context_options != nil), ("context", context != nil),
            ("continuation", continuation != nil), ("question", question != nil), ("answer", answer != nil),
        ].filter(\.1).map(\.0)
    }

    private func among(
        _ options: [EvaluationTask.Option], _ gold: Int, _ optionsKey: String, _ goldKey: String
    ) throws(EvaluationTask.Fault) -> EvaluationTask.Question {
        guard options.count > 1 else {
            throw EvaluationTask.Fault(
                expected: "at least 2 \"\(optionsKey)\"", found: "\(options.count)")
        }
        guard options.indices.contains(gold) else {
            throw EvaluationTask.Fault(
                expected: "\"\(goldKey)\" from 0 to \(options.count - 1)", found: "\(gold)")
        }
        return .init(options: options, gold: gold)
    }

    private func apart(_ completion: String) -> String {
        completion.first?.isWhitespace == true ? completion : " " + completion
    }
}
