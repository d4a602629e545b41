import Alignment
import Foundation
import LanguageModel
import NeuralCore

/// Turns files of records into examples, and says what was left out and why.
struct ExampleReader {
    let chat: ChatModel
    /// The longest example, tokens.
    let context: Int
    /// Whether a prompt of plain text is what a user says.
    let asksAsUser: Bool
    /// Stops at the first record that cannot be trained on.
    let isStrict: Bool

    init(_ chat: ChatModel, context: Int, asksAsUser: Bool, isStrict: Bool) {
        self.chat = chat
        self.context = min(context, chat.model.configuration.contextLength)
        self.asksAsUser = asksAsUser
        self.isStrict = isStrict
    }

    init(_ chat: ChatModel, _ options: DataOptions) {
        self.init(
            chat, context: options.context ?? .max, asksAsUser: options.chat, isStrict: options.strict)
    }

    /// Texts with what is trained of them.
    func demonstrations(_ paths: [String]) throws -> ExampleList<SupervisedTokens> {
        try read(paths, DemonstrationRecord.self) { record, list, report in
            let text = try chat.format.tokens(of: record.supervisedText(chat.format.template))
            guard let kept = text.prefix(context) else { throw Unusable.promptTooLong }
            report.answersCut += text.answerEnds.count { $0 > context }
            list.append(kept, tokens: [kept.ids], marks: kept.answerEnds)
        }
    }

    /// Prompts with a preferred answer and another.
    ///
    /// - Parameter usingMargins: Whether the margins of the records mean something to what is trained.
    func pairs(_ paths: [String], usingMargins: Bool = false) throws -> ExampleList<TokenizedPair> {
        try read(paths, PreferenceRecord.self) { record, list, report in
            let texts = try record.supervisedTexts(chat.format.template)
            let (prompt, chosen, isChosenCut) = try completion(of: texts.chosen)
            let (_, rejected, isRejectedCut) = try completion(of: texts.rejected)
            guard chosen != rejected else { throw Unusable.sameWithinContext }
            let margin = usingMargins ? record.margin.map { Float($0) } : nil
            if record.margin != nil, !usingMargins { report.marginsUnused += 1 }
            report.answersCut += [isChosenCut, isRejectedCut].count { $0 }
            list.append(
                TokenizedPair(prompt: prompt, chosen: chosen, rejected: rejected, margin: margin),
                tokens: [prompt, chosen, rejected], marks: margin.map { [Int($0.bitPattern)] } ?? [])
        }
    }

    /// Prompts with an answer that is wanted or not.
    func labels(_ paths: [String]) throws -> ExampleList<TokenizedLabel> {
        try read(paths, LabeledRecord.self) { record, list, report in
            let (prompt, answer, isCut) = try completion(of: try record.supervisedText(chat.format.template))
            report.answersCut += isCut ? 1 : 0
            list.append(
                TokenizedLabel(prompt: prompt, completion: answer, isDesirable: record.isDesirable),
                tokens: [prompt, answer], marks: [record.isDesirable ? 1 : 0])
        }
    }

    /// Prompts to be answered, up to where the assistant speaks, with their records.
    ///
    /// - Parameter unjudged: Why the answers to a record could not be judged; nil where they can.
    func prompts(_ paths: [String], unjudged: (PromptRecord) -> String? = { _ in nil }) throws -> (
        ExampleList<[Int32]>, [PromptRecord]
    ) {
        var records: [PromptRecord] = []
        let list: ExampleList<[Int32]> = try read(paths, PromptRecord.self) { record, list, _ in
            let ids = try chat.format.prompt(record)
            guard ids.count < context else { throw Unusable.promptTooLong }
            if let reason = unjudged(record) { throw Unusable.unjudged(reason) }
            list.append(ids, tokens: [ids])
            records.append(record)
        }
        return (list, records)
    }

    /// Why a record that is well formed cannot be trained on.
    private enum Unusable: Error, CustomStringConvertible {
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

    /// The tokens that are read and those that are the answer, cut at the end of the context.
    private func completion(
        of text: SupervisedText
    ) throws -> (prompt: [Int32], completion: [Int32], isCut: Bool) {
        let tokens = try chat.format.tokens(of: text)
        let begin = tokens.isTrained.firstIndex(of: true) ?? tokens.count
        guard begin > 0, begin < context else { throw Unusable.promptTooLong }
        return (
            Array(tokens.ids[..<begin]), Array(tokens.ids[begin..<min(tokens.count, context)]),
            tokens.count > context
        )
    }

    /// Whether the model answers in a chat template of its own.
    private var isChatModel: Bool { chat.format.templateProblem == nil && !chat.format.isTemplateAdopted }

    private func read<Record: DatasetRecord, Example>(
        _ paths: [String], _: Record.Type,
        _ add: (Record, inout ExampleList<Example>, inout ReadingReport) throws -> Void
    ) throws -> ExampleList<Example> {
        var list = ExampleList<Example>()
        for path in paths {
            var reader = try RecordReader<Record>(
                URL(filePath: path), onBadRecord: isStrict ? .refuse : .skip)
            var report = ReadingReport(context: context)
            while let record = try reader.next() {
                do {
                    try add(asksAsUser ? record.inTurns() : record, &list, &report)
                    if record.hasPlainPrompt, !asksAsUser, isChatModel { report.plainPrompts += 1 }
                } catch let problem as SupervisionProblem {
                    if case .template = problem, let reason = chat.format.templateProblem { throw reason }
                    try report.omit(problem.category, "\(problem)", path, reader.line, isStrict: isStrict)
                } catch let problem as ChatTemplateError {
                    if let reason = chat.format.templateProblem { throw reason }
                    try report.omit("template refuses", "\(problem)", path, reader.line, isStrict: isStrict)
                } catch let problem as Unusable {
                    try report.omit("\(problem)", "\(problem)", path, reader.line, isStrict: isStrict)
                }
            }
            if reader.report.skippedCount > 0 { standardError("\(path): \(reader.report)\n") }
            for sentence in report.sentences { standardError("\(path): \(sentence)\n") }
        }
        guard !list.examples.isEmpty else {
            throw TrainingRunError.noExamples(
                file: paths.joined(separator: ", "), reason: "no record of it can be trained on")
        }
        return list
    }
}
