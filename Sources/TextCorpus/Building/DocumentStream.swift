import Dispatch

/// Reads sources and sends what they give through a pipeline, a batch at a time.
///
/// The work on a batch is spread over the cores; its results come out in the order of reading, so nothing
/// depends on how many cores there are. No more than a batch is in memory.
final class DocumentStream {
    /// What became of something that was read.
    enum Outcome: Sendable {
        case kept(Kept)
        case dropped(Dropped)
        case problem(source: Int, CorpusError)
    }

    /// A document that is part of the corpus.
    struct Kept: Sendable {
        var document: Document
        var fingerprint: Fingerprint
        var notes: DocumentNotes
        /// The number of its source, and the bytes that were read for it.
        var source: Int
        var bytes: Int
    }

    /// A document, or a file, that is not.
    struct Dropped: Sendable {
        var reason: DropReason
        var name: String
        var kind: DocumentKind?
        var excerpt: String
        var source: Int
        var bytes: Int
    }

    private enum Item: Sendable {
        case record(RawRecord)
        case document(Document)
        case outcome(Outcome)

        var bytes: Int {
            switch self {
            case .record(let record): record.bytes.count
            case .document(let document): document.text.utf8.count
            case .outcome: 0
            }
        }
    }

    private let sources: [CorpusSource]
    private let pipeline: CorpusPipeline
    private var duplicates: DuplicateFinder
    private var source = -1
    private var reader: (any RecordReader)?
    private var documents: ArraySlice<Document> = []
    private var finishedBytes = 0
    private var outcomes: [Outcome] = []
    private var given = 0

    /// Jobs to be done beside the next batch, such as compressing what the last one gave.
    var sideJobs: () -> [@Sendable () -> Void] = { [] }
    /// Called before each batch; the stream ends when it says so.
    var shouldStop: () -> Bool = { false }

    init(_ sources: [CorpusSource], _ pipeline: CorpusPipeline) {
        self.sources = sources
        self.pipeline = pipeline
        duplicates = DuplicateFinder(pipeline.duplicates)
    }

    /// Bytes read from disk so far.
    var bytesRead: Int { finishedBytes + (reader?.bytesRead ?? 0) }

    /// What is handed out next; nil at the end.
    func next() -> Outcome? {
        while given == outcomes.count {
            guard !shouldStop() else { return nil }
            let batch = nextBatch()
            if batch.isEmpty { return nil }
            outcomes = process(batch)
            given = 0
        }
        given += 1
        return checked(outcomes[given - 1])
    }

    /// Whether a document was met before is asked in the order of reading, one document after the other.
    private func checked(_ outcome: Outcome) -> Outcome {
        guard case .kept(let kept) = outcome, let reason = duplicates.reason(for: kept.fingerprint) else {
            return outcome
        }
        return .dropped(
            Dropped(
                reason: reason, name: kept.document.source, kind: kept.document.kind,
                excerpt: Self.excerpt(kept.document.text), source: kept.source, bytes: kept.bytes))
    }

    // MARK: Reading

    private static let batchBytes = 1 << 22
    private static let batchItems = 1 << 14

    private func nextBatch() -> [(source: Int, item: Item)] {
        var batch: [(source: Int, item: Item)] = []
        var bytes = 0
        while bytes < Self.batchBytes, batch.count < Self.batchItems {
            if let document = documents.popFirst() {
                batch.append((source, .document(document)))
            } else if let event = reader?.next() {
                batch.append((source, item(event)))
            } else {
                finishedBytes += reader?.bytesRead ?? 0
                reader = nil
                source += 1
                guard source < sources.count else { break }
                if case .documents(let list) = sources[source] { documents = list[...] }
                do {
                    reader = try sources[source].reader(limits: pipeline.limits)
                } catch {
                    batch.append((source, .outcome(.problem(source: source, error))))
                }
            }
            bytes += batch.last?.item.bytes ?? 0
        }
        return batch
    }

    private func item(_ event: ReadingEvent) -> Item {
        switch event {
        case .record(let record): .record(record)
        case .problem(let error): .outcome(.problem(source: source, error))
        case .dropped(let name, let bytes, let reason):
            .outcome(
                .dropped(
                    Dropped(reason: reason, name: name, kind: nil, excerpt: "", source: source, bytes: bytes))
            )
        }
    }

    // MARK: Work

    /// Bytes of records that make a job worth handing to a thread.
    private static let jobBytes = 1 << 16

    private func process(_ batch: [(source: Int, item: Item)]) -> [Outcome] {
        var jobs: [Range<Int>] = []
        var start = 0
        var bytes = 0
        for index in batch.indices {
            bytes += batch[index].item.bytes + 64
            if bytes >= Self.jobBytes || index == batch.count - 1 {
                jobs.append(start..<index + 1)
                (start, bytes) = (index + 1, 0)
            }
        }
        let side = sideJobs()
        let worker = DocumentWorker(pipeline: pipeline, converter: RecordConverter(limits: pipeline.limits))
        var results = [[Outcome]](repeating: [], count: jobs.count)
        results.withUnsafeMutableBufferPointer { buffer in
            // Each job writes to a place of its own.
            nonisolated(unsafe) let places = buffer
            let ranges = jobs
            DispatchQueue.concurrentPerform(iterations: ranges.count + side.count) { job in
                guard job >= side.count else { return side[job]() }
                let number = job - side.count
                places[number] = batch[ranges[number]].flatMap { source, item in
                    switch item {
                    case .record(let record): worker.outcomes(of: record, source: source)
                    case .document(let document): [worker.outcome(of: document, source: source)]
                    case .outcome(let outcome): [outcome]
                    }
                }
            }
        }
        return results.flatMap { $0 }
    }

    /// The beginning of a text, on one line.
    static func excerpt(_ text: String) -> String {
        let words = text.prefix(200).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return words.count > 160 ? words.prefix(160) + "…" : words
    }
}

/// Does the part of the work on a document that depends on nothing else.
private struct DocumentWorker: Sendable {
    let pipeline: CorpusPipeline
    let converter: RecordConverter

    func outcomes(of record: RawRecord, source: Int) -> [DocumentStream.Outcome] {
        switch converter.convert(record) {
        case .problem(let error): return [.problem(source: source, error)]
        case .dropped(let reason):
            return [
                .dropped(
                    DocumentStream.Dropped(
                        reason: reason, name: record.source, kind: nil, excerpt: "", source: source,
                        bytes: record.bytes.count))
            ]
        case .documents(let documents, let notes, let bytes, let removal):
            return documents.enumerated().map { index, document in
                var notes = index == 0 ? notes : DocumentNotes()
                notes.noteRemoval(removal, bytes[index] - document.text.utf8.count)
                return outcome(of: document, notes: notes, source: source, bytes: bytes[index])
            }
        }
    }

    func outcome(of document: Document, source: Int) -> DocumentStream.Outcome {
        outcome(of: document, notes: DocumentNotes(), source: source, bytes: document.text.utf8.count)
    }

    private func outcome(
        of original: Document, notes: DocumentNotes, source: Int, bytes: Int
    ) -> DocumentStream.Outcome {
        var document = original
        var notes = notes
        var size = document.text.utf8.count
        for step in pipeline.steps {
            guard let reason = step.apply(to: &document, notes: &notes) else {
                let left = document.text.utf8.count
                notes.noteRemoval(Self.name(of: step), size - left)
                size = left
                continue
            }
            // What was dropped for its secrets is not to be shown.
            let excerpt = reason.name == "secret" ? "" : DocumentStream.excerpt(document.text)
            return .dropped(
                DocumentStream.Dropped(
                    reason: reason, name: document.source, kind: document.kind, excerpt: excerpt,
                    source: source,
                    bytes: bytes))
        }
        return .kept(
            DocumentStream.Kept(
                document: document, fingerprint: Fingerprint(document.text, for: pipeline.duplicates),
                notes: notes,
                source: source, bytes: bytes))
    }

    /// The name of a step's type in snake case: `text_cleaning`.
    private static func name(of step: any DocumentStep) -> String {
        String(describing: type(of: step)).reduce(into: "") { name, letter in
            if letter.isUppercase, !name.isEmpty { name += "_" }
            name += letter.lowercased()
        }
    }
}
