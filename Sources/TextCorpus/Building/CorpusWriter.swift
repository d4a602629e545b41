import Files
import Foundation

/// Settings for writing a corpus.
public struct CorpusWritingOptions: Sendable {
    /// The expected share of documents that go to the validation part, between 0 and 1.
    ///
    /// Unless it is zero, a corpus of two documents or more has at least one of them for validation: that of
    /// the smallest hash.
    public var validationShare = 0.01
    /// The share of the training text that each kind is to have; empty for the sizes that came.
    public var weights: [DocumentKind: Double] = [:]
    /// The compression level of gzip, 1 to 9.
    ///
    /// The default takes a third of the time of gzip's own, 6, for files a fifteenth larger.
    public var compressionLevel = 4
    /// The largest file, before compression, 256 MiB.
    public var shardBytes = 1 << 28
    /// True if a corpus that is there already may be replaced.
    public var replacesCorpus = false
    /// Settings to be noted in the data card besides those of the library.
    public var notedSettings: [String: String] = [:]

    /// The defaults.
    public init() {}
}

/// The progress of writing a corpus.
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
        // Staged shards are read once and removed: light compression will do.
        training = ShardWriter(
            folder: directory.partial, name: stagesTraining ? Self.stage : CorpusSplit.training.fileName,
            level: stagesTraining ? 1 : options.compressionLevel, shardBytes: options.shardBytes)
        validation = ShardWriter(
            folder: directory.partial, name: CorpusSplit.validation.fileName, level: options.compressionLevel,
            shardBytes: options.shardBytes)
    }

    /// Writes everything that `next` gives, and the data card.
    func write(
        bytesRead: () -> Int, isCancelled: () -> Bool, report: (CorpusProgress) -> Void,
        next: () -> DocumentStream.Outcome?
    ) throws(CorpusError) -> DataCard {
        while !isCancelled(), let (source, result) = next() {
            progress.documentsIn += 1
            progress.problem = nil
            switch result {
            case .success(let kept): try take(kept, from: source)
            case .failure(.dropped(let dropped)): card.sources[source].add(dropped)
            case .failure(.failed(let error)):
                card.sources[source].problems += 1
                if card.problems.count < DataCard.shownProblems { card.problems.append(error.description) }
                progress.problem = error
            }
            if progress.problem != nil || progress.documentsIn % 256 == 0 {
                progress.bytesRead = bytesRead()
                report(progress)
            }
        }
        if isCancelled() { throw .interrupted }
        progress.problem = nil
        progress.bytesRead = bytesRead()
        report(progress)
        try finish(isCancelled)
        return card
    }

    private func take(_ kept: DocumentStream.Kept, from source: Int) throws(CorpusError) {
        progress.documentsKept += 1
        let document = kept.document.headed()
        card.add(kept, headed: document, from: source)
        let hash = kept.fingerprint.hash
        switch CorpusSplit(hash: hash, validationShare: options.validationShare) {
        case .validation:
            try append(document, to: .validation)
            try release()
        case .training where options.validationShare > 0 && card.validation.documents == 0:
            if let other = held, other.hash <= hash { return try append(document, to: .training) }
            try release()
            held = (hash, document)
        case .training: try append(document, to: .training)
        }
    }

    /// The document that was held back is not needed for validation.
    private func release() throws(CorpusError) {
        if let document = held?.document { try append(document, to: .training) }
        held = nil
    }

    private func append(_ document: Document, to split: CorpusSplit) throws(CorpusError) {
        let bytes = document.text.utf8.count
        switch split {
        case .training:
            try training.append(document)
            card.training.add(document, bytes: bytes)
        case .validation:
            try validation.append(document)
            card.validation.add(document, bytes: bytes)
        }
    }

    // MARK: The end

    private func finish(_ isCancelled: () -> Bool) throws(CorpusError) {
        if let document = held?.document {
            try append(document, to: card.training.documents > 0 ? .validation : .training)
        }
        held = nil
        guard card.training.documents + card.validation.documents > 0 else { throw .noDocuments }
        try training.finish()
        try validation.finish()
        card.validation.shards = validation.shards
        card.training.shards = training.shards
        if stagesTraining { try mix(isCancelled) }
        do {
            let folder = URL(filePath: directory.partial)
            try writeAtomically(Data(card.markdown().utf8), to: folder.appending(component: "DATA-CARD.md"))
            // The card is written last: a folder with a card is whole.
            try writeAtomically(Data(card.json().utf8), to: folder.appending(component: DataCard.fileName))
        } catch {
            throw CorpusError(error)
        }
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
                try writer.append(document)
                card.training.add(document, bytes: document.text.utf8.count)
            }
        }
        try writer.finish()
        card.training.shards = writer.shards
        for path in staged { try? FileManager.default.removeItem(atPath: path) }
    }
}

extension DataCard {
    /// Counts a document that is kept, its heading in its text or not.
    fileprivate mutating func add(_ kept: DocumentStream.Kept, headed document: Document, from source: Int) {
        let bytes = document.text.utf8.count
        sources[source].input.add(kept.bytes)
        sources[source].kept.add(bytes)
        sources[source].repairs.merge(kept.notes.counts, uniquingKeysWith: +)
        var removed = kept.notes.removedBytes
        let heading = bytes - kept.document.text.utf8.count
        if heading > 0 { removed["file_heading"] = -heading }
        sources[source].removed.merge(removed, uniquingKeysWith: +)
        if let language = document.language { languages[language, default: Tally()].add(bytes) }
        if let license = document.license { licenses[license, default: Tally()].add(bytes) }
    }
}

extension DataCard.Source {
    /// Counts a document or a file that is left out.
    fileprivate mutating func add(_ dropped: Unkept.Dropped) {
        input.add(dropped.bytes)
        var entry = self.dropped[dropped.reason.name] ?? .init(reason: dropped.reason.explanation)
        entry.documents += 1
        entry.bytes += dropped.bytes
        if entry.examples.count < DataCard.examples {
            entry.examples.append(.init(source: dropped.name, excerpt: dropped.excerpt))
        }
        self.dropped[dropped.reason.name] = entry
    }
}
