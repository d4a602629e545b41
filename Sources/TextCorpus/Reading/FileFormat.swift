/// How the bytes of a file are read, told from its name.
enum FileFormat: Sendable, Hashable {
    case page(isXML: Bool)
    case text
    case markdown
    case jsonLines
    case webArchive
    /// A source file, when a folder of mixed files holds some.
    case source

    /// The format that a name stands for; `.gz` at its end does not count.
    init?(name: String) {
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

    /// Whether the beginning of a file looks like a page.
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
        let input = BufferedInput(
            try ByteStream(path, limits: limits), decodingUTF16: format == .text || format == .markdown)
        switch format {
        case .text: return TextReader(input, name: name, pieceBytes: limits.textPieceBytes)
        case .jsonLines: return JSONLinesReader(input, name: name, limits: limits)
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
    private var input: BufferedInput
    private let record: RawRecord
    private let maximum: Int
    private var ended = false

    init(_ input: BufferedInput, name: String, format: RawRecord.Format, maximum: Int, license: String? = nil)
    {
        self.input = input
        self.record = RawRecord(bytes: [], format: format, source: name, file: input.path, license: license)
        self.maximum = maximum
    }

    var bytesRead: Int { input.bytesRead }

    mutating func next() -> ReadingEvent? {
        guard !ended else { return nil }
        ended = true
        do {
            try input.fill(maximum + 1)
        } catch {
            return .problem(error)
        }
        guard input.available <= maximum else {
            return .dropped(source: record.source, bytes: input.available, .tooLarge)
        }
        var record = record
        record.bytes = input.take(input.available)
        return record.bytes.isEmpty ? .dropped(source: record.source, bytes: 0, .empty) : .record(record)
    }
}
