import Files
import Formatting
public import Foundation
import Tables

/// Documents to learn from: sources read through a pipeline, or what an earlier run wrote.
///
///     let corpus = try Corpus(.website(site), .repository(code))
///     for document in corpus { print(document.source, document.text.count) }
///     try corpus.write(to: directory)
///
/// A corpus is a description; every iteration reads its files anew, a batch at a time, in the same order and
/// with the same result. Memory does not grow with the size of the files, but for some 350 bytes for each
/// document kept, by which duplicates are recognized.
public struct Corpus: Sendable {
    private enum Origin: Sendable {
        case sources([CorpusSource], CorpusPipeline)
        case shards([String])
    }

    private let origin: Origin
    private let part: (split: CorpusSplit, validationShare: Double)?

    /// A corpus from sources, read through a pipeline.
    ///
    /// - Throws: ``CorpusError/missing(file:)`` when a source is not there.
    public init(_ sources: CorpusSource..., pipeline: CorpusPipeline = .standard) throws(CorpusError) {
        try self.init(sources, pipeline: pipeline)
    }

    /// A corpus from sources, read through a pipeline.
    ///
    /// - Throws: ``CorpusError/missing(file:)`` when a source is not there.
    public init(_ sources: [CorpusSource], pipeline: CorpusPipeline = .standard) throws(CorpusError) {
        for url in sources.compactMap(\.url) where FileStatus(url.path) == .missing {
            throw .missing(file: url.path)
        }
        origin = .sources(sources, pipeline)
        part = nil
    }

    /// A part of a corpus that ``write(to:options:isCancelled:report:)`` or `hone corpus` wrote.
    ///
    /// - Parameters:
    ///   - directory: The folder.
    ///   - split: Which part of it.
    ///   - checking: Compare the files' checksums with those in the data card, so that damage is found now.
    /// - Throws: ``CorpusError`` when the folder is not a corpus, or a file of it is missing or damaged.
    public init(
        directory: URL, split: CorpusSplit = .training, checking: Bool = true
    ) throws(CorpusError) {
        let card = try DataCard(directory: directory)
        let shards = split == .training ? card.training.shards : card.validation.shards
        var paths: [String] = []
        for shard in shards {
            guard !shard.file.contains("/") else {
                throw .malformed(
                    file: directory.path + "/" + DataCard.fileName, place: "the shards of \(split)",
                    found: "‘\(shard.file)’", expected: "the name of a file in the folder")
            }
            let path = directory.path + "/" + shard.file
            try Self.check(path, shard, checksum: checking)
            paths.append(path)
        }
        origin = .shards(paths)
        part = nil
    }

    private init(_ origin: Origin, part: (CorpusSplit, Double)) {
        self.origin = origin
        self.part = part
    }

    /// The documents of this corpus that belong to one side of a split; see
    /// ``CorpusSplit/init(of:validationShare:)``.
    public func split(_ split: CorpusSplit, validationShare: Double) -> Corpus {
        Corpus(origin, part: (split, validationShare))
    }

    private static func check(_ path: String, _ shard: DataCard.Shard, checksum: Bool) throws(CorpusError) {
        let file: MappedFile
        do { file = try MappedFile(URL(filePath: path)) } catch { throw CorpusError(error) }
        guard file.bytes.count == shard.compressedBytes else {
            throw .malformed(
                file: path, place: "the whole", found: "\(file.bytes.count) bytes",
                expected: "\(shard.compressedBytes)")
        }
        guard checksum else { return }
        let value = crc(0, file.bytes)
        guard hexadecimal(value) == shard.checksum else {
            throw .malformed(
                file: path, place: "the whole", found: "the checksum \(hexadecimal(value))",
                expected: shard.checksum)
        }
    }
}

// MARK: - Reading

extension Corpus: Sequence {
    /// Reads documents one after the other.
    ///
    /// Files and records that cannot be read are left out, and noted in ``problems``.
    public struct Iterator: IteratorProtocol {
        private final class State {
            var stream: DocumentStream?
            var stored: StoredDocuments?
            var problems: [CorpusError] = []
            var problemCount = 0
            var dropped: [DropReason: Int] = [:]

            init(_ origin: Origin) {
                switch origin {
                case .sources(let sources, let pipeline): stream = DocumentStream(sources, pipeline)
                case .shards(let files): stored = StoredDocuments(files)
                }
            }

            func next() -> Document? {
                if let stream {
                    while let outcome = stream.next() {
                        switch outcome.result {
                        case .success(let kept): return kept.document
                        case .failure(.failed(let error)):
                            problemCount += 1
                            if problems.count < DataCard.shownProblems { problems.append(error) }
                        case .failure(.dropped(let dropped)): self.dropped[dropped.reason, default: 0] += 1
                        }
                    }
                    return nil
                }
                do {
                    return try stored?.next()
                } catch {
                    problemCount += 1
                    problems.append(error)
                    stored = nil
                    return nil
                }
            }
        }

        private let state: State
        private let part: (split: CorpusSplit, validationShare: Double)?

        fileprivate init(of corpus: Corpus) {
            state = State(corpus.origin)
            part = corpus.part
        }

        /// The errors met so far, the first hundred of them.
        public var problems: [CorpusError] { state.problems }
        /// The number of errors so far.
        package var problemCount: Int { state.problemCount }
        /// The number of files and documents left out so far, by reason.
        package var dropped: [DropReason: Int] { state.dropped }

        /// The next document, its heading in its text; nil at the end.
        public mutating func next() -> Document? {
            while let document = state.next() {
                guard let part else { return document.headed() }
                let split = CorpusSplit(of: document, validationShare: part.validationShare)
                if split == part.split { return document.headed() }
            }
            return nil
        }
    }

    /// Begins to read.
    public func makeIterator() -> Iterator { Iterator(of: self) }
}

// MARK: - Writing

extension Corpus {
    /// Writes the corpus to a folder, with a data card that says what came in, what was dropped and why.
    ///
    /// The folder appears when it is whole; a run that is interrupted leaves nothing in its place. The same
    /// sources and settings give the same bytes. Documentation/Corpus.md describes the files.
    ///
    /// - Parameters:
    ///   - directory: Where the folder is to be. It must not be there yet, or be empty.
    ///   - options: What is written, and how.
    ///   - isCancelled: Asked again and again; the work stops when it says so.
    ///   - report: Told how far the work has come.
    /// - Throws: ``CorpusError/noDocuments`` when nothing was left to write;
    ///   ``CorpusError/outputExists(directory:)``; ``CorpusError/unwritable(file:reason:)``;
    ///   ``CorpusError/interrupted``. What cannot be read does not end the work, and is noted in the card.
    @discardableResult
    public func write(
        to directory: URL, options: CorpusWritingOptions = CorpusWritingOptions(),
        isCancelled: @escaping () -> Bool = { false }, report: (CorpusProgress) -> Void = { _ in }
    ) throws(CorpusError) -> DataCard {
        let output = try OutputDirectory(directory) { path in
            options.replacesCorpus && FileStatus(path + "/" + DataCard.fileName) == .file
        }
        do {
            return try write(to: output, options, isCancelled: isCancelled, report: report)
        } catch {
            output.discard()
            throw error
        }
    }

    private func write(
        to output: OutputDirectory, _ options: CorpusWritingOptions, isCancelled: @escaping () -> Bool,
        report: (CorpusProgress) -> Void
    ) throws(CorpusError) -> DataCard {
        var card = DataCard()
        guard case .sources(let sources, let pipeline) = origin, part == nil else {
            // Documents that went through a pipeline before, or a part of them, are copied one by one.
            card.sources = [DataCard.Source(name: "corpus", format: "corpus")]
            let writer = CorpusWriter(output, card: card, options: options)
            var documents = makeIterator()
            return try writer.write(bytesRead: { 0 }, isCancelled: isCancelled, report: report) {
                documents.next().map { document in
                    let fingerprint = Fingerprint(document.text, for: .none)
                    let bytes = document.text.utf8.count
                    return (0, .success(.init(document: document, fingerprint: fingerprint, bytes: bytes)))
                }
            }
        }
        card.sources = sources.map { DataCard.Source(name: $0.name, format: $0.format) }
        card.settings = Self.settings(pipeline, options)
        card.contamination = pipeline.steps.flatMap { ($0 as? ContaminationFilter)?.lists ?? [] }
        let writer = CorpusWriter(output, card: card, options: options)
        let stream = DocumentStream(sources, pipeline)
        return try writer.write(
            bytesRead: { stream.bytesRead }, isCancelled: isCancelled, report: report, next: stream.next)
    }

    private static func settings(_ pipeline: CorpusPipeline, _ options: CorpusWritingOptions) -> [String:
        String]
    {
        var settings = options.notedSettings
        settings["validation_share"] = shortest(options.validationShare)
        settings["document_bytes"] = String(pipeline.limits.documentBytes)
        settings["text_piece_bytes"] = String(pipeline.limits.textPieceBytes)
        settings["steps"] = pipeline.steps.map { String(describing: type(of: $0)) }.joined(separator: ", ")
        switch pipeline.duplicates {
        case .none: settings["duplicates"] = "kept"
        case .exact: settings["duplicates"] = "equal texts dropped"
        case .near(let parameters):
            settings["duplicates"] = """
                equal texts dropped, and those of a similarity of \(shortest(parameters.similarity)) in runs of \
                \(parameters.shingleWords) words; MinHash with \(parameters.bands) bands of \(parameters.rows) rows
                """
        }
        return settings
    }
}
