import Foundation

/// How a corpus is written.
public struct CorpusWritingOptions: Sendable {
    /// The expected share of documents that go to the validation part, between 0 and 1.
    ///
    /// Unless it is zero, a corpus of two documents or more has at least one of them for validation: that of
    /// the smallest hash.
    public var validationShare = 0.01
    /// The share of the training text that each kind is to have; empty for the sizes that came.
    public var weights: [DocumentKind: Double] = [:]
    /// How hard gzip tries, 1 to 9.
    ///
    /// The default takes a third of the time of gzip's own, 6, for files a fifteenth larger.
    public var compressionLevel = 4
    /// The largest file, before compression, 256 MiB.
    public var shardBytes = 1 << 28
    /// Whether a corpus that is there already may be replaced.
    public var replacesCorpus = false
    /// Settings to be noted in the data card besides those of the library.
    public var notedSettings: [String: String] = [:]

    /// The defaults.
    public init() {}
}

/// How far the writing of a corpus has come.
public struct CorpusProgress: Sendable {
    /// Bytes read from disk.
    public var bytesRead = 0
    /// Documents and files that came in.
    public var documentsIn = 0
    /// Documents that were kept.
    public var documentsKept = 0
    /// An error that was just met; reading goes on.
    public var problem: CorpusError?
}

/// Writes what a stream keeps to a folder, and keeps the books.
final class CorpusWriter {
    private let directory: OutputDirectory
    private let options: CorpusWritingOptions
    private var card: DataCard
    private let training: ShardWriter
    private let validation: ShardWriter
    private let stagesTraining: Bool
    /// The training document of the smallest hash, held back until there is a document for validation.
    private var held: (hash: UInt64, document: Document)?
    private var progress = CorpusProgress()

    private static let stage = "unweighted"

    init(
        _ directory: OutputDirectory, card: DataCard, options: CorpusWritingOptions
    ) {
        self.directory = directory
        self.options = options
        self.card = card
        stagesTraining = !options.weights.isEmpty
        // What is only staged is compressed lightly.
        training = ShardWriter(
            folder: directory.partial, name: stagesTraining ? Self.stage : CorpusSplit.training.fileName,
            level: stagesTraining ? 1 : options.compressionLevel, shardBytes: options.shardBytes)
        validation = ShardWriter(
            folder: directory.partial, name: CorpusSplit.validation.fileName, level: options.compressionLevel,
            shardBytes: options.shardBytes)
    }

    /// Compression that is waiting to be done; it may be done by others meanwhile.
    func jobs() -> [@Sendable () -> Void] { training.jobs() + validation.jobs() }

    /// Blocks that may wait to be compressed by others, before the writer does it itself.
    private static let waitingJobs = 64

    /// Writes everything that `next` gives, and the data card.
    func write(
        bytesRead: () -> Int, isCancelled: () -> Bool, report: (CorpusProgress) -> Void,
        next: () -> DocumentStream.Outcome?
    ) throws(CorpusError) -> DataCard {
        var taken = 0
        while !isCancelled(), let outcome = next() {
            take(outcome)
            taken += 1
            if progress.problem != nil || taken % 256 == 0 {
                progress.bytesRead = bytesRead()
                report(progress)
                let waiting = jobs()
                if waiting.count > Self.waitingJobs { for job in waiting { job() } }
            }
            progress.problem = nil
            try training.flush()
            try validation.flush()
        }
        if isCancelled() { throw .interrupted }
        progress.bytesRead = bytesRead()
        report(progress)
        try finish(isCancelled)
        return card
    }

    // MARK: Books

    private func take(_ outcome: DocumentStream.Outcome) {
        progress.documentsIn += 1
        switch outcome {
        case .problem(let source, let error):
            card.sources[source].problems += 1
            if card.problems.count < DataCard.shownProblems { card.problems.append(error.description) }
            progress.problem = error
        case .dropped(let dropped): take(dropped)
        case .kept(let kept): take(kept)
        }
    }

    private func take(_ dropped: DocumentStream.Dropped) {
        card.sources[dropped.source].input.add(dropped.bytes)
        var entry =
            card.sources[dropped.source].dropped[dropped.reason.name]
            ?? DataCard.Dropped(reason: dropped.reason.explanation)
        entry.documents += 1
        entry.bytes += dropped.bytes
        if entry.examples.count < DataCard.examples {
            entry.examples.append(DataCard.Example(source: dropped.name, excerpt: dropped.excerpt))
        }
        card.sources[dropped.source].dropped[dropped.reason.name] = entry
    }

    private func take(_ kept: DocumentStream.Kept) {
        progress.documentsKept += 1
        let document = kept.document.headed()
        let bytes = document.text.utf8.count
        card.sources[kept.source].input.add(kept.bytes)
        card.sources[kept.source].kept.add(bytes)
        card.sources[kept.source].repairs.merge(kept.notes.counts, uniquingKeysWith: +)
        var removed = kept.notes.removedBytes
        let heading = bytes - kept.document.text.utf8.count
        if heading > 0 { removed["file_heading"] = -heading }
        card.sources[kept.source].removed.merge(removed, uniquingKeysWith: +)
        if let language = document.language { card.languages[language, default: DataCard.Tally()].add(bytes) }
        if let license = document.license { card.licenses[license, default: DataCard.Tally()].add(bytes) }
        let hash = kept.fingerprint.hash
        switch CorpusSplit(hash: hash, validationShare: options.validationShare) {
        case .validation:
            append(document, to: .validation)
            release()
        case .training where options.validationShare > 0 && card.validation.documents == 0:
            if let other = held, other.hash <= hash { return append(document, to: .training) }
            release()
            held = (hash, document)
        case .training: append(document, to: .training)
        }
    }

    /// The document that was held back is not needed for validation.
    private func release() {
        if let document = held?.document { append(document, to: .training) }
        held = nil
    }

    private func append(_ document: Document, to split: CorpusSplit) {
        switch split {
        case .training:
            training.append(document)
            card.training.add(document, bytes: document.text.utf8.count)
        case .validation:
            validation.append(document)
            card.validation.add(document, bytes: document.text.utf8.count)
        }
    }

    // MARK: The end

    private func finish(_ isCancelled: () -> Bool) throws(CorpusError) {
        if let document = held?.document {
            append(document, to: card.training.documents > 0 ? .validation : .training)
        }
        held = nil
        guard card.training.documents + card.validation.documents > 0 else { throw .noDocuments }
        try training.finish()
        try validation.finish()
        card.validation.shards = validation.shards
        card.training.shards = training.shards
        if stagesTraining { try mix(isCancelled) }
        try put(card.markdown(), in: "DATA-CARD.md")
        // The card is written last: a folder with a card is whole.
        try put(card.json(), in: DataCard.fileName)
        try directory.publish()
    }

    private func mix(_ isCancelled: () -> Bool) throws(CorpusError) {
        let staged = card.training.shards.map { directory.partial + "/" + $0.file }
        let mixture = Mixture(weights: options.weights, sizes: card.training.kinds.mapValues(\.bytes))
        let writer = ShardWriter(
            folder: directory.partial, name: CorpusSplit.training.fileName, level: options.compressionLevel,
            shardBytes: options.shardBytes)
        card.weights = mixture.weights
        card.training = DataCard.Part()
        for pass in 0..<max(1, mixture.passes) {
            var documents = StoredDocuments(staged)
            while let document = try documents.next() {
                if isCancelled() { throw .interrupted }
                guard mixture.includes(document, inPass: pass) else { continue }
                writer.append(document)
                card.training.add(document, bytes: document.text.utf8.count)
                for job in writer.jobs() { job() }
                try writer.flush()
            }
        }
        try writer.finish()
        card.training.shards = writer.shards
        for path in staged { try? FileManager.default.removeItem(atPath: path) }
    }

    private func put(_ text: String, in name: String) throws(CorpusError) {
        let file = try OutputFile(directory.partial + "/" + name)
        try file.write(Array(text.utf8))
        try file.finish()
    }
}
