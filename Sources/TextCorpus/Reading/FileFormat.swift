import Files

/// The format of a file, told from its name.
enum FileFormat: Sendable, Hashable {
    case page(isXML: Bool)
    case text
    case markdown
    case jsonLines
    /// Parquet, Arrow, CSV or TSV, with a column of text.
    case table
    case webArchive
    /// A source file, when a folder of mixed files holds some.
    case source

    /// The format that a name stands for; `.gz` at its end does not count.
    init?(name: String) {
        if TableFile.isTable(name) {
            self = .table
            return
        }
        var parts = name.lowercased().split(separator: ".", omittingEmptySubsequences: false).dropFirst()
        if parts.last == "gz" { parts.removeLast() }
        switch parts.last {
        case "html", "htm", "shtml": self = .page(isXML: false)
        case "xhtml", "xht": self = .page(isXML: true)
        case "txt", "text": self = .text
        case "md", "markdown", "mdown", "mdx": self = .markdown
        case "jsonl", "ndjson", "jsonlines": self = .jsonLines
        case "warc", "wet": self = .webArchive
        default:
            guard let role = SourceLanguage(name: name, firstLine: [])?.role,
                role == .program || role == .markup
            else { return nil }
            self = .source
        }
    }

    /// True if the beginning of a file looks like a page.
    static func looksLikePage(_ head: [UInt8]) -> Bool {
        let text = String(decoding: head.prefix(512), as: UTF8.self).lowercased()
        return ["<!doctype html", "<html", "<head", "<body"].contains { text.contains($0) }
    }
}

/// Reads one file in a given format.
enum FileReader {
    /// A reader for the file at `path`, whose documents are shown as `name`.
    static func open(
        _ path: String, as format: FileFormat, name: String, limits: ReadingLimits
    ) throws(CorpusError) -> any RecordReader {
        if format == .table, let rows = try TableRowReader(path, name: name, limits: limits) { return rows }
        let input = try ByteStream(
            path, limits: limits, decodingUTF16: format == .text || format == .markdown)
        switch format {
        case .text: return TextReader(input, name: name, pieceBytes: limits.textPieceBytes)
        case .jsonLines, .table: return JSONLinesReader(input, name: name, limits: limits)
        case .webArchive: return WARCReader(input, name: name, limits: limits)
        case .page(let isXML):
            return WholeFileReader(
                input, name: name, format: .page(isXML: isXML, encoding: nil), maximum: limits.pageBytes)
        case .markdown:
            return TextReader(input, name: name, format: .markdown, pieceBytes: limits.documentBytes)
        case .source:
            let language = SourceLanguage(
                name: name.split(separator: "/").last.map(String.init) ?? name, firstLine: [])
            return WholeFileReader(
                input, name: name, format: .sourceFile(path: name, language), maximum: limits.documentBytes)
        }
    }
}

/// Reads a file as one record.
struct WholeFileReader: RecordReader {
    private let stream: ByteStream
    private var record: RawRecord?
    private let maximum: Int

    init(_ stream: ByteStream, name: String, format: RawRecord.Format, maximum: Int) {
        self.stream = stream
        record = RawRecord(bytes: [], format: format, source: name, file: stream.path)
        self.maximum = maximum
    }

    var bytesRead: Int { stream.bytesRead }

    mutating func next() throws(Unkept) -> RawRecord? {
        guard var record else { return nil }
        self.record = nil
        var input = stream.window()
        do { try input.fill(maximum + 1) } catch { throw .failed(error) }
        guard input.available <= maximum else {
            throw .dropped(.tooLarge, name: record.source, bytes: input.available)
        }
        guard input.available > 0 else { throw .dropped(.empty, name: record.source, bytes: 0) }
        record.bytes = input.take(input.available)
        return record
    }
}
