import NeuralCore

/// The steps between a source and the corpus.
///
/// The steps are applied in their order, each to one document at a time; then duplicates are left out.
///
///     var pipeline = CorpusPipeline.standard
///     pipeline.steps.append(
///         DocumentFilter("about_cats", "does not speak of cats") { $0.text.contains("cat") })
public struct CorpusPipeline: Sendable {
    /// The steps, in order.
    public var steps: [any DocumentStep]
    /// The duplicates that are left out.
    public var duplicates: DuplicateRemoval
    /// The bounds of reading.
    public var limits: ReadingLimits

    /// A pipeline of these steps.
    public init(
        steps: [any DocumentStep], duplicates: DuplicateRemoval = .standard,
        limits: ReadingLimits = ReadingLimits()
    ) {
        self.steps = steps
        self.duplicates = duplicates
        self.limits = limits
    }

    /// Cleaning, redaction of secrets, the standard quality rules, and removal of near-duplicates.
    public static let standard = CorpusPipeline(
        steps: [TextCleaning(), SecretRemoval(), LanguageNoting(), QualityFilter()])

    /// Documents as they are read.
    public static let unchanged = CorpusPipeline(steps: [], duplicates: .none)
}

/// Reads sources and sends what they give through a pipeline, a batch at a time.
///
/// The work on a batch is spread over the threads; its results come out in the order of reading, so nothing
/// depends on how many threads there are. No more than a batch is in memory.
final class DocumentStream {
    /// The number of a source, and what became of something read from it.
    typealias Outcome = (source: Int, result: Result<Kept, Unkept>)

    /// A document that is part of the corpus.
    struct Kept: Sendable {
        var document: Document
        var fingerprint: Fingerprint
        /// The changes made on the way.
        var notes = DocumentNotes()
        /// The bytes that were read for it.
        var bytes: Int
    }

    private typealias Batch = [(source: Int, read: Result<RawRecord, Unkept>)]

    private let sources: [CorpusSource]
    private let pipeline: CorpusPipeline
    private var duplicates: DuplicateFinder
    private var source = -1
    private var reader: (any RecordReader)?
    private var finishedBytes = 0
    private var outcomes: ArraySlice<Outcome> = []

    init(_ sources: [CorpusSource], _ pipeline: CorpusPipeline) {
        self.sources = sources
        self.pipeline = pipeline
        duplicates = DuplicateFinder(pipeline.duplicates)
    }

    /// Bytes read from disk so far.
    var bytesRead: Int { finishedBytes + (reader?.bytesRead ?? 0) }

    /// The next outcome; nil at the end.
    func next() -> Outcome? {
        while outcomes.isEmpty {
            let batch = nextBatch()
            if batch.isEmpty { return nil }
            outcomes = process(batch)[...]
        }
        guard let (source, result) = outcomes.popFirst() else { return nil }
        // Duplicates are looked for in the order of reading, one document after the other.
        guard case .success(let kept) = result, let reason = duplicates.reason(for: kept.fingerprint) else {
            return (source, result)
        }
        return (source, .failure(.dropped(reason, kept.document, bytes: kept.bytes)))
    }

    private static let batchBytes = 1 << 22
    private static let batchItems = 1 << 14

    private func nextBatch() -> Batch {
        var batch: Batch = []
        var bytes = 0
        while bytes < Self.batchBytes, batch.count < Self.batchItems {
            do throws(Unkept) {
                if let record = try reader?.next() {
                    batch.append((source, .success(record)))
                    bytes += record.size
                    continue
                }
            } catch {
                batch.append((source, .failure(error)))
                continue
            }
            finishedBytes += reader?.bytesRead ?? 0
            reader = nil
            source += 1
            guard source < sources.count else { break }
            do {
                reader = try sources[source].reader(limits: pipeline.limits)
            } catch {
                batch.append((source, .failure(.failed(error))))
            }
        }
        return batch
    }

    /// Bytes of records that make a task worth handing to a thread.
    private static let taskBytes = 1 << 16

    private func process(_ batch: Batch) -> [Outcome] {
        var tasks: [Range<Int>] = []
        var start = 0
        var bytes = 0
        for index in batch.indices {
            bytes += ((try? batch[index].read.get().size) ?? 0) + 64
            if bytes >= Self.taskBytes || index == batch.count - 1 {
                tasks.append(start..<index + 1)
                (start, bytes) = (index + 1, 0)
            }
        }
        let worker = DocumentWorker(pipeline: pipeline, converter: RecordConverter(limits: pipeline.limits))
        var results = [[Outcome]](repeating: [], count: tasks.count)
        results.withUnsafeMutableBufferPointer { places in
            parallelFor(tasks: tasks.count) { task in
                places[task] = batch[tasks[task]].flatMap { source, read in
                    worker.results(of: read).map { (source, $0) }
                }
            }
        }
        return results.flatMap { $0 }
    }
}

/// Does the part of the work on a document that depends on nothing else.
private struct DocumentWorker: Sendable {
    let pipeline: CorpusPipeline
    let converter: RecordConverter

    func results(of read: Result<RawRecord, Unkept>) -> [Result<DocumentStream.Kept, Unkept>] {
        do throws(Unkept) {
            return try converter.convert(read.get()).map { document in
                Result { () throws(Unkept) in try kept(document) }
            }
        } catch {
            return [.failure(error)]
        }
    }

    private func kept(_ read: ReadDocument) throws(Unkept) -> DocumentStream.Kept {
        var (document, notes) = (read.document, read.notes)
        var size = document.text.utf8.count
        for step in pipeline.steps {
            if let reason = step.apply(to: &document, notes: &notes) {
                throw .dropped(reason, document, bytes: read.bytes)
            }
            let left = document.text.utf8.count
            notes.noteRemoval(Self.name(of: step), size - left)
            size = left
        }
        return DocumentStream.Kept(
            document: document, fingerprint: Fingerprint(document.text, for: pipeline.duplicates),
            notes: notes, bytes: read.bytes)
    }

    /// The name of a step's type in snake case: `text_cleaning`.
    private static func name(of step: any DocumentStep) -> String {
        String(describing: type(of: step)).reduce(into: "") { name, letter in
            if letter.isUppercase, !name.isEmpty { name += "_" }
            name += letter.lowercased()
        }
    }
}

extension Unkept {
    /// A document that is left out, and how it begins; what was dropped for its secrets is not to be shown.
    fileprivate static func dropped(_ reason: DropReason, _ document: Document, bytes: Int) -> Unkept {
        var excerpt = ""
        if reason.name != "secret" {
            let words = document.text.prefix(200).split(whereSeparator: \.isWhitespace)
            excerpt = words.joined(separator: " ")
            if excerpt.count > 160 { excerpt = excerpt.prefix(160) + "…" }
        }
        return .dropped(Dropped(reason: reason, name: document.source, bytes: bytes, excerpt: excerpt))
    }
}
