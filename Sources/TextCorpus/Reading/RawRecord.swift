/// A record as a reader gives it, before any work is done on it: bytes and their format.
struct RawRecord: Sendable {
    /// The format of the bytes.
    enum Format: Sendable {
        /// A web page, and the encoding that was declared outside of it.
        case page(isXML: Bool, encoding: String?)
        case text
        case markdown
        /// A line of JSON Lines.
        case jsonLine(Int)
        /// The answer of a web server: headers and content.
        case httpResponse
        /// A file of a repository.
        case sourceFile(path: String, SourceLanguage?)
        /// A document in memory; there are no bytes.
        case document(Document)
    }

    var bytes: [UInt8]
    var format: Format
    /// The name shown for it.
    var source: String
    /// The file it was read from.
    var file: String
    var license: String?
    /// The bytes are UTF-8 that was something else in the file.
    var isConverted = false

    /// The bytes of memory that it takes.
    var size: Int {
        if case .document(let document) = format { document.text.utf8.count } else { bytes.count }
    }
}

/// The reason why a record is not part of a corpus. One that is kept, dropped or failed is a `Result` with this error.
enum Unkept: Error, Sendable {
    case dropped(Dropped)
    /// It cannot be read; reading goes on behind it.
    case failed(CorpusError)

    /// Something left out before it became a document.
    static func dropped(_ reason: DropReason, name: String, bytes: Int) -> Unkept {
        .dropped(Dropped(reason: reason, name: name, bytes: bytes, excerpt: ""))
    }

    /// A document, or a file, that is left out.
    struct Dropped: Sendable {
        var reason: DropReason
        var name: String
        /// The bytes that were read for it.
        var bytes: Int
        /// The beginning of its text, for the data card.
        var excerpt: String
    }
}

/// Reads records one after the other, never more of them than asked for.
protocol RecordReader {
    /// The next record; nil at the end. What is thrown is left out, and does not end the reading.
    mutating func next() throws(Unkept) -> RawRecord?
    /// Bytes read from disk so far.
    var bytesRead: Int { get }
}

/// Gives documents in memory.
struct DocumentsReader: RecordReader {
    private var documents: ArraySlice<Document>
    let bytesRead = 0

    init(_ documents: [Document]) { self.documents = documents[...] }

    mutating func next() -> RawRecord? {
        documents.popFirst().map {
            RawRecord(bytes: [], format: .document($0), source: $0.source, file: "memory")
        }
    }
}
