import Files
public import Foundation
import JSON

/// The contents of a corpus, and the documents left out, by reason.
public struct DataCard: Sendable, Equatable, Codable {
    /// A number of documents and their bytes.
    public struct Tally: Sendable, Equatable, Codable {
        /// The number of documents.
        public var documents = 0
        /// Their bytes: of what is kept, those of the text; of all else, those read.
        public var bytes = 0

        mutating func add(_ bytes: Int) {
            documents += 1
            self.bytes += bytes
        }
    }

    /// The documents dropped for one reason.
    public struct Dropped: Sendable, Equatable, Codable {
        /// The reason in a sentence.
        public var reason: String
        /// Their bytes.
        public var documents = 0
        /// The bytes read for it.
        public var bytes = 0
        /// A few of them.
        public var examples: [Example] = []
    }

    /// One thing that was dropped.
    public struct Example: Sendable, Equatable, Codable {
        /// The source.
        public var source: String
        /// The beginning of its text.
        public var excerpt: String
    }

    /// The figures of one source.
    public struct Source: Sendable, Equatable, Codable {
        /// The last part of its path.
        public var name: String
        /// The format it was read as.
        public var format: String
        /// All that was read, with the files that were left out.
        public var input = Tally()
        /// The part that is in the corpus.
        public var kept = Tally()
        /// The part that is not, by reason.
        public var dropped: [String: Dropped] = [:]
        /// Bytes of what is kept that conversion and cleaning took away, by the name of what did; below zero where
        /// it added some.
        ///
        /// With them every byte is accounted for: those of `input` are those of `kept`, of `dropped`, and these.
        public var removed: [String: Int] = [:]
        /// Repairs, by name.
        public var repairs: [String: Int] = [:]
        /// The number of files and records that could not be read.
        public var problems = 0

        /// A source of which nothing has been read.
        init(name: String, format: String) {
            self.name = name
            self.format = format
        }
    }

    /// A file of documents.
    public struct Shard: Sendable, Equatable, Codable {
        /// Its name in the corpus's folder.
        public var file = ""
        /// The number of documents in it.
        public var documents = 0
        /// Its bytes before compression.
        public var bytes = 0
        /// Its size.
        public var compressedBytes = 0
        /// The CRC-32 of the file, in hexadecimal.
        public var checksum = ""

        private enum CodingKeys: String, CodingKey {
            case file, documents, bytes
            case compressedBytes = "compressed_bytes"
            case checksum = "crc32"
        }
    }

    /// A part of the corpus.
    public struct Part: Sendable, Equatable, Codable {
        /// All of it; bytes of text.
        public var documents = 0
        /// Bytes of text.
        public var bytes = 0
        /// By kind.
        public var kinds: [String: Tally] = [:]
        /// Its files, in order.
        public var shards: [Shard] = []

        mutating func add(_ document: Document, bytes: Int) {
            documents += 1
            self.bytes += bytes
            kinds[document.kind.rawValue, default: Tally()].add(bytes)
        }
    }

    /// The weight of a kind of document.
    public struct Weight: Sendable, Equatable, Codable {
        /// Its share of the training text that was asked for.
        public var share: Double
        /// The mean number of times its documents appear in the training part.
        public var passes: Double
    }

    static let format = "hone-corpus"
    static let version = 1

    private var format = Self.format
    private var version = Self.version
    /// Settings that the result depends on.
    public var settings: [String: String] = [:]
    /// The lists of evaluation data that documents were compared with, and what each gave.
    public var contamination: [ContaminationFilter.List] = []
    /// The sources, in the order they were read.
    public var sources: [Source] = []
    /// The part that a model learns from.
    public var training = Part()
    /// The part that it is tested on.
    public var validation = Part()
    /// Languages of what was kept, before weights.
    public var languages: [String: Tally] = [:]
    /// Licenses of what was kept, before weights.
    public var licenses: [String: Tally] = [:]
    /// Weights by kind, where there were any.
    public var weights: [String: Weight] = [:]
    /// The first of the errors met in files.
    public var problems: [String] = []

    /// An empty card.
    public init() {}

    /// Everything that was read.
    public var input: Tally {
        sources.reduce(into: Tally()) {
            $0 = Tally(documents: $0.documents + $1.input.documents, bytes: $0.bytes + $1.input.bytes)
        }
    }

    /// Everything that was dropped, by reason.
    public var dropped: [String: Dropped] {
        var all: [String: Dropped] = [:]
        for source in sources {
            for (name, dropped) in source.dropped {
                var sum = all[name] ?? Dropped(reason: dropped.reason)
                sum.documents += dropped.documents
                sum.bytes += dropped.bytes
                sum.examples = Array((sum.examples + dropped.examples).prefix(Self.examples))
                all[name] = sum
            }
        }
        return all
    }

    /// All bytes that conversion and cleaning took away from what is kept, by the name of what did.
    public var removed: [String: Int] {
        sources.reduce(into: [:]) { $0.merge($1.removed, uniquingKeysWith: +) }
    }

    /// The most examples kept of each reason and source.
    static let examples = 3
    /// The most errors kept.
    static let shownProblems = 100
}

// MARK: - JSON

extension DataCard {
    /// The card as JSON, keys sorted.
    public func json() -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(self) else { fatalError("a data card can always be encoded") }
        return String(decoding: data, as: UTF8.self) + "\n"
    }

    /// The file's name in a corpus's folder.
    package static let fileName = "data-card.json"

    /// Reads the card of a corpus.
    public init(directory: URL) throws(CorpusError) {
        let path = directory.path + "/" + Self.fileName
        guard FileStatus(directory.path) != .missing else { throw .missing(file: directory.path) }
        guard FileStatus(path) != .missing else { throw .missing(file: path) }
        func fault(_ found: String, _ expected: String = "a data card of hone corpus") -> CorpusError {
            .malformed(file: path, place: "the whole", found: found, expected: expected)
        }
        let card: DataCard
        do {
            let json = try JSONValue(parsing: contents(of: URL(filePath: path)))
            let (format, version) = (json["format"]?.string ?? "none", json["version"]?.integer ?? 0)
            guard (format, version) == (Self.format, Self.version) else {
                throw fault("format \(format) version \(version)", "\(Self.format) \(Self.version)")
            }
            card = try json.decoded()
        } catch let error as CorpusError {
            throw error
        } catch let error as FileError {
            throw CorpusError(error)
        } catch {
            throw fault("\(error)")
        }
        self = card
    }
}
