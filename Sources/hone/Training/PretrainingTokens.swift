import Formatting
import Foundation
import LanguageModel
import NeuralCore

/// The corpus of a run as tokens, kept in the run's folder.
struct PretrainingTokens {
    let training: CorpusTokens
    let validation: CorpusTokens
    /// Says which corpus and tokenizer it is.
    let stamp: String

    init(
        corpus path: String, tokenizer: BytePairTokenizer, tokenizerFile: Data, folder: URL,
        _ interruption: Interruption
    ) throws {
        let url = URL(filePath: path)
        let isCorpus = FileManager.default.fileExists(atPath: "\(path)/\(DataCard.fileName)")
        let share = 0.01
        let whole = isCorpus ? nil : try Corpus([try CorpusSource(detecting: url)], pipeline: .unchanged)
        let parts = try [CorpusSplit.training, .validation].map { split in
            try whole?.split(split, validationShare: share) ?? Corpus(directory: url, split: split)
        }
        let stamp = try Self.stamp(
            of: isCorpus ? url.appending(component: DataCard.fileName) : url, tokenizerFile)
        var progress = ProgressLine("tokens", waits: true)
        // The other part is read from the same files, so only the first reading reports.
        let documents = [true, false].map { isFirst in
            ReportedDocuments(parts[isFirst ? 0 : 1], isWritten: isCorpus) {
                if isFirst { progress.note($0) }
            }
        }
        func shown(_ count: Int) throws(CorpusError) {
            if let failure = documents[0].failure ?? documents[1].failure { throw failure }
            if interruption.isRequested { throw .interrupted }
            progress.show(share: nil, ["\(counted(count, "document")) encoded"])
        }
        defer { progress.clear() }
        training = try CorpusTokens(
            documents[0], tokenizer: tokenizer, in: folder, named: "training", stamp: stamp, progress: shown)
        validation = try CorpusTokens(
            documents[1], tokenizer: tokenizer, in: folder, named: "validation", stamp: stamp, progress: shown
        )
        self.stamp = stamp
        guard training.tokenCount > 0 else {
            try? FileManager.default.removeItem(at: folder)
            throw TrainingRunError.noExamples(file: path, reason: "it holds no text")
        }
    }

    /// A hash of the tokens' sources: the tokenizer, and the contents of a file, such as a corpus's data card, or
    /// the names, sizes and dates of a folder's files.
    private static func stamp(of source: URL, _ tokenizer: Data) throws -> String {
        var stamp = Fingerprint()
        stamp.add(tokenizer)
        let keys: Set<URLResourceKey> = [.isRegularFileKey, .fileSizeKey, .contentModificationDateKey]
        guard try source.resourceValues(forKeys: keys).isRegularFile != true else {
            stamp.add(try Data(contentsOf: source, options: .mappedIfSafe))
            return stamp.text
        }
        let files = FileManager.default.enumerator(at: source, includingPropertiesForKeys: Array(keys))
        for file in (files?.compactMap { $0 as? URL } ?? []).sorted(by: { $0.path < $1.path }) {
            let values = try file.resourceValues(forKeys: keys)
            stamp.add(file.path.dropFirst(source.path.count).utf8)
            stamp.add(UInt64(values.fileSize ?? 0))
            stamp.add((values.contentModificationDate?.timeIntervalSince1970 ?? 0).bitPattern)
        }
        return stamp.text
    }
}

/// The documents of a corpus as they are read; unreadable or omitted ones are reported as `hone corpus` reports them.
///
/// Each iteration reports them once. A file of a corpus that is already written must not have any error: `failure` is the
/// first, and no document follows it.
final class ReportedDocuments: Sequence {
    private let corpus: Corpus
    private let isWritten: Bool
    private let note: (String) -> Void
    /// The first error in a corpus that is already written.
    private(set) var failure: CorpusError?

    private static let shownProblems = 20

    /// - Parameters:
    ///   - isWritten: Whether the corpus is one that `hone corpus` wrote.
    ///   - note: Says a line.
    init(_ corpus: Corpus, isWritten: Bool, note: @escaping (String) -> Void) {
        self.corpus = corpus
        self.isWritten = isWritten
        self.note = note
    }

    func makeIterator() -> AnyIterator<Document> {
        var iterator = corpus.makeIterator()
        var shown = 0
        return AnyIterator { [self] in
            let document = iterator.next()
            if isWritten { failure = iterator.problems.first }
            if !isWritten, iterator.problemCount > shown {
                for problem in iterator.problems.prefix(Self.shownProblems).dropFirst(shown) {
                    note("hone: \(problem)")
                }
                shown = iterator.problemCount
            }
            if document == nil, !isWritten { summarize(iterator) }
            return document
        }
    }

    private func summarize(_ iterator: Corpus.Iterator) {
        if iterator.problemCount > 0 { note("hone: not readable: \(iterator.problemCount)") }
        let dropped = iterator.dropped.sorted { ($1.value, $0.key.name) < ($0.value, $1.key.name) }
        for (reason, count) in dropped {
            note("hone: left out, \(reason.name): \(count) – \(reason.explanation)")
        }
    }
}

/// The number of passes over the corpus in a plan of pre-training, and a plan that fits the corpus better.
struct CorpusPasses {
    /// Tokens of the training part, those between documents included.
    var corpusTokens: Int
    /// Tokens of all steps.
    var plannedTokens: Double

    /// The most passes for which repeated text is nearly as useful as new text.
    ///
    /// - SeeAlso: [Muennighoff et al. 2023](https://arxiv.org/abs/2305.16264), section 5.
    static let most = 4.0

    /// The number of passes over the corpus.
    var count: Double { plannedTokens / Double(max(1, corpusTokens)) }

    /// The number of passes over the corpus, in words.
    var described: String {
        switch count {
        case ..<1: "of which \(fixed(count * 100, count < 0.1 ? 1 : 0)) % are read"
        case ..<1.05: "read once"
        default: "read \(count < 10 ? fixed(count, 1) : grouped(Int(count.rounded()))) times"
        }
    }

    /// Returns a warning if the corpus would be read too often; nil otherwise.
    ///
    /// - Parameters:
    ///   - depth: That of the plan; nil where it is not to be chosen.
    ///   - model: The model of a depth, where there is one.
    func warning(depth: Int?, model: (Int) -> TransformerConfiguration?) -> String? {
        guard count > Self.most else { return nil }
        var text = """
            the plan reads the corpus of \(grouped(corpusTokens)) tokens \
            \(grouped(Int(count.rounded()))) times; beyond \(Int(Self.most)) times a model learns little more from it.
            """
        let enough = Int(Self.most * Double(corpusTokens))
        if let depth {
            let wanted = (1...depth).compactMap { depth in
                model(depth).map { (depth: depth, tokens: TrainingRecipe(for: $0).tokens) }
            }
            if let fitting = wanted.last(where: { $0.tokens <= enough && $0.depth < depth }) {
                text += " --depth \(fitting.depth) fits this corpus;"
            } else if let least = wanted.first, least.tokens > enough {
                text +=
                    " Not even --depth \(least.depth) fits this corpus: its \(grouped(least.tokens)) tokens read it \(grouped(least.tokens / max(1, corpusTokens))) times;"
            }
        }
        return text + " --tokens \(enough) reads it \(Int(Self.most)) times"
    }
}
