import Alignment
import Foundation
import LanguageModel

/// Turns files of records into examples, and says what was left out and why.
struct ExampleReader {
    let chat: ChatModel
    /// The longest example, tokens.
    let context: Int
    /// Stops at the first record that cannot be trained on.
    let isStrict: Bool

    init(_ chat: ChatModel, context: Int, isStrict: Bool) {
        self.chat = chat
        self.context = min(context, chat.model.configuration.contextLength)
        self.isStrict = isStrict
    }

    init(_ chat: ChatModel, _ options: DataOptions) {
        self.init(chat, context: options.context ?? .max, isStrict: options.strict)
    }

    /// Texts with what is trained of them.
    func demonstrations(_ paths: [String]) throws -> ExampleList<SupervisedTokens> {
        try read(paths, DemonstrationRecord.self) { record, list in
            let text = try chat.format.tokens(of: record.supervisedText(chat.format.template))
            guard let kept = text.prefix(context) else { throw Unusable.promptTooLong }
            list.append(kept, tokens: [kept.ids])
        }
    }

    /// Prompts with a preferred answer and another.
    func pairs(_ paths: [String]) throws -> ExampleList<TokenizedPair> {
        try read(paths, PreferenceRecord.self) { record, list in
            let texts = try record.supervisedTexts(chat.format.template)
            let (prompt, chosen) = try completion(of: texts.chosen)
            let rejected = try completion(of: texts.rejected).completion
            guard chosen != rejected else { throw Unusable.sameWithinContext }
            list.append(
                TokenizedPair(prompt: prompt, chosen: chosen, rejected: rejected),
                tokens: [prompt, chosen, rejected])
        }
    }

    /// Prompts with an answer that is wanted or not.
    func labels(_ paths: [String]) throws -> ExampleList<TokenizedLabel> {
        try read(paths, LabelledRecord.self) { record, list in
            let (prompt, answer) = try completion(of: try record.supervisedText(chat.format.template))
            list.append(
                TokenizedLabel(prompt: prompt, completion: answer, isDesirable: record.isDesirable),
                tokens: [prompt, answer])
        }
    }

    /// Prompts to be answered, up to where the assistant speaks, with their records.
    ///
    /// - Parameter unjudged: Why the answers to a record could not be judged; nil where they can.
    func prompts(_ paths: [String], unjudged: (PromptRecord) -> String? = { _ in nil }) throws -> (
        ExampleList<[Int32]>, [PromptRecord]
    ) {
        var records: [PromptRecord] = []
        let list: ExampleList<[Int32]> = try read(paths, PromptRecord.self) { record, list in
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
    private func completion(of text: SupervisedText) throws -> (prompt: [Int32], completion: [Int32]) {
        let tokens = try chat.format.tokens(of: text)
        let begin = tokens.isTrained.firstIndex(of: true) ?? tokens.count
        guard begin > 0, begin < context else { throw Unusable.promptTooLong }
        return (Array(tokens.ids[..<begin]), Array(tokens.ids[begin..<min(tokens.count, context)]))
    }

    private func read<Record: DatasetRecord, Example>(
        _ paths: [String], _: Record.Type, _ add: (Record, inout ExampleList<Example>) throws -> Void
    ) throws -> ExampleList<Example> {
        var list = ExampleList<Example>()
        for path in paths {
            var reader = try RecordReader<Record>(
                URL(filePath: path), onBadRecord: isStrict ? .refuse : .skip)
            var omissions = Omissions()
            while let record = try reader.next() {
                do {
                    try add(record, &list)
                } catch let problem as SupervisionProblem {
                    if case .template = problem, let reason = chat.format.templateProblem { throw reason }
                    try omissions.add(problem.category, "\(problem)", path, reader.line, isStrict: isStrict)
                } catch let problem as Unusable {
                    try omissions.add("\(problem)", "\(problem)", path, reader.line, isStrict: isStrict)
                }
            }
            if reader.report.skippedCount > 0 { standardError("\(path): \(reader.report)\n") }
            if !omissions.isEmpty { standardError("\(path): \(omissions)\n") }
        }
        guard !list.examples.isEmpty else {
            throw TrainingRunError.noExamples(
                file: paths.joined(separator: ", "), reason: "no record of it can be trained on")
        }
        return list
    }
}

/// Records that were left out, by reason, with the first lines of them.
private struct Omissions: CustomStringConvertible {
    private var counts: [String: Int] = [:]
    private var examples: [String] = []

    var isEmpty: Bool { counts.isEmpty }

    mutating func add(_ category: String, _ problem: String, _ file: String, _ line: Int, isStrict: Bool)
        throws
    {
        guard !isStrict else {
            throw TrainingRunError.noExamples(file: "\(file):\(line)", reason: problem)
        }
        counts[category, default: 0] += 1
        if examples.count < 10 { examples.append("  line \(line): \(problem)") }
    }

    var description: String {
        (["\(counts.values.reduce(0, +)) records left out"]
            + counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "  \($0.value) \($0.key)" }
            + examples)
            .joined(separator: "\n")
    }
}
