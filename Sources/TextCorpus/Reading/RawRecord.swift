/// What a reader gives before any work is done on it: some bytes, and what they are.
struct RawRecord: Sendable {
    /// What the bytes are.
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
}

/// What a reader comes across.
enum ReadingEvent: Sendable {
    case record(RawRecord)
    /// Something that is left out before it becomes a record.
    case dropped(source: String, bytes: Int, DropReason)
    /// Something that cannot be read; reading goes on behind it.
    case problem(CorpusError)
}

/// Reads records one after the other, never more of them than asked for.
protocol RecordReader {
    /// The next thing met; nil at the end.
    mutating func next() -> ReadingEvent?
    /// Bytes read from disk so far.
    var bytesRead: Int { get }
}
