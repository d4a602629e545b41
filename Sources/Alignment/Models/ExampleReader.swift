package import Foundation
public import LanguageModel
import NeuralCore

/// Options for turning records into examples.
public struct ReadingOptions: Sendable, Hashable {
    /// The most tokens of an example, what is longer being cut at its end; nil for as many as the model is meant for.
    public var context: Int?
    /// True to treat a plain-text prompt as a user's turn, and put the chat template around it and its answer.
    public var plainPromptsAreTurns: Bool
    /// The treatment of records that cannot be trained on: they are left out and counted, or end the reading.
    public var onBadRecord: BadRecordPolicy
    /// The columns that stand for keys of records under other names.
    public var columns: ColumnMap

    /// Options, of which the defaults take every record as it stands and leave bad ones out.
    public init(
        context: Int? = nil, plainPromptsAreTurns: Bool = false, onBadRecord: BadRecordPolicy = .skip,
        columns: ColumnMap = ColumnMap()
    ) {
        self.context = context
        self.plainPromptsAreTurns = plainPromptsAreTurns
        self.onBadRecord = onBadRecord
        self.columns = columns
    }
}

/// The reason why no examples come from a file.
public enum ExampleError: Error, Sendable, CustomStringConvertible {
    /// The file cannot be read, or has a malformed record while bad records are refused.
    case records(RecordFileError)
    /// A record is well formed and cannot be trained on, and bad records are refused.
    case unusable(file: String, line: Int, reason: String)
    /// No record can be trained on; the reports say why.
    case noExamples(files: [String], reports: [ReadingReport])
    /// There are conversations, and no template to write them with.
    case template(ChatTemplateError)

    /// A sentence that names file and line.
    public var description: String {
        switch self {
        case .records(let error): error.description
        case .unusable(let file, let line, let reason):
            "\(RecordFileError.place(line, in: file)): nothing to train on: \(reason)"
        case .noExamples(let files, _):
            "\(files.joined(separator: ", ")): nothing to train on: no record of it can be trained on"
        case .template(let error): error.description
        }
    }
}

/// Turns files of records into examples for a model.
package struct ExampleReader {
    private let format: TextFormat
    private let options: ReadingOptions
    /// The most tokens of an example.
    package let context: Int
    private let report: (ReadingReport) -> Void

    /// - Parameters:
    ///   - chat: Writes text as the model reads it.
    ///   - report: Called for each file that was read.
    package init(
        _ chat: ChatModel, _ options: ReadingOptions = ReadingOptions(),
        reporting report: @escaping (ReadingReport) -> Void = { _ in }
    ) {
        format = chat.format
        self.options = options
        context = min(options.context ?? .max, chat.model.configuration.contextLength)
        self.report = report
    }

    /// Texts with what is trained of them.
    package func demonstrations(_ files: [URL]) throws(ExampleError) -> ExampleSet<SupervisedTokens> {
        try read(files, DemonstrationRecord.self) { record, report in
            let text = try format.demonstration(record)
            guard let kept = text.prefix(context) else { throw UnusableRecord.promptTooLong }
            report.answersCut += text.answerEnds.count { $0 > context }
            return kept
        }
    }

    /// Prompts with a preferred answer and another.
    ///
    /// - Parameter usingMargins: True to keep the margins of the records; false to count them as unused.
    package func pairs(
        _ files: [URL], usingMargins: Bool = true
    ) throws(ExampleError) -> ExampleSet<TokenizedPair> {
        try read(files, PreferenceRecord.self) { record, report in
            var pair = try format.pair(record)
            let areCut = [
                try cut(&pair.chosen, after: pair.prompt), try cut(&pair.rejected, after: pair.prompt),
            ]
            guard pair.chosen != pair.rejected else { throw UnusableRecord.sameWithinContext }
            if !usingMargins {
                report.marginsUnused += pair.margin == nil ? 0 : 1
                pair.margin = nil
            }
            report.answersCut += areCut.count { $0 }
            return pair
        }
    }

    /// Prompts with an answer that is wanted or not.
    package func labels(_ files: [URL]) throws(ExampleError) -> ExampleSet<TokenizedLabel> {
        try read(files, LabeledRecord.self) { record, report in
            var label = try format.label(record)
            report.answersCut += try cut(&label.completion, after: label.prompt) ? 1 : 0
            return label
        }
    }

    /// Prompts to be answered, up to where the answer begins.
    ///
    /// - Parameter unjudged: The reason why no reward judges the answers to a record; nil where one does.
    package func prompts(
        _ files: [URL], unjudged: (PromptRecord) -> String? = { _ in nil }
    ) throws(ExampleError) -> ExampleSet<TokenizedPrompt> {
        try read(files, PromptRecord.self) { record, _ in
            let prompt = TokenizedPrompt(ids: try format.prompt(record), record: record)
            guard prompt.tokenCount < context else { throw UnusableRecord.promptTooLong }
            if let reason = unjudged(record) { throw UnusableRecord.unjudged(reason) }
            return prompt
        }
    }

    /// Cuts an answer at the end of the context.
    ///
    /// - Returns: True if something was cut off.
    private func cut(_ answer: inout [Int32], after prompt: [Int32]) throws -> Bool {
        guard !prompt.isEmpty, prompt.count < context else { throw UnusableRecord.promptTooLong }
        let room = context - prompt.count
        guard answer.count > room else { return false }
        answer.removeLast(answer.count - room)
        return true
    }

    /// True if the model has a chat template of its own.
    private var isChatModel: Bool { format.templateProblem == nil && !format.isTemplateAdopted }

    private func read<Record: DatasetRecord, Example>(
        _ files: [URL], _: Record.Type, _ example: (Record, inout ReadingReport) throws -> Example
    ) throws(ExampleError) -> ExampleSet<Example> {
        var examples: [Example] = []
        var reports: [ReadingReport] = []
        for file in files {
            var report = ReadingReport(file: file.relativePath, context: context)
            var reader = try reader(of: file, Record.self)
            while let record = try next(&reader) {
                do {
                    examples.append(
                        try example(options.plainPromptsAreTurns ? record.inTurns() : record, &report))
                } catch {
                    try omit(error, at: reader.line, in: &report)
                    continue
                }
                if record.hasPlainPrompt, !options.plainPromptsAreTurns, isChatModel {
                    report.plainPrompts += 1
                }
            }
            report.records = reader.report
            reports.append(report)
            self.report(report)
        }
        guard !examples.isEmpty else {
            throw .noExamples(files: files.map { $0.relativePath }, reports: reports)
        }
        return ExampleSet(examples, reports: reports)
    }

    private func reader<Record>(of file: URL, _: Record.Type) throws(ExampleError) -> RecordReader<Record> {
        do throws(RecordFileError) {
            return try RecordReader(file, onBadRecord: options.onBadRecord, columns: options.columns)
        } catch {
            throw .records(error)
        }
    }

    private func next<Record>(_ reader: inout RecordReader<Record>) throws(ExampleError) -> Record? {
        do throws(RecordFileError) {
            return try reader.next()
        } catch {
            throw .records(error)
        }
    }

    /// Counts a record that cannot be trained on, or ends the reading.
    private func omit(
        _ error: any Error, at line: Int, in report: inout ReadingReport
    ) throws(ExampleError) {
        let category: String
        switch error {
        case let problem as SupervisionProblem:
            if case .template = problem, let reason = format.templateProblem { throw .template(reason) }
            category = problem.category
        case is ChatTemplateError:
            if let reason = format.templateProblem { throw .template(reason) }
            category = "template refuses"
        default: category = "\(error)"
        }
        guard options.onBadRecord == .skip else {
            throw .unusable(file: report.file, line: line, reason: "\(error)")
        }
        report.omit(category, .init(line: line, problem: "\(error)"))
    }
}

/// The reason why a well-formed record cannot be trained on.
private enum UnusableRecord: Error, CustomStringConvertible {
    case promptTooLong, sameWithinContext
    case unjudged(String)

    var description: String {
        switch self {
        case .promptTooLong: "prompt longer than the context"
        case .sameWithinContext: "both answers are the same within the context"
        case .unjudged(let reason): reason
        }
    }
}
