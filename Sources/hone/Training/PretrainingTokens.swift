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
