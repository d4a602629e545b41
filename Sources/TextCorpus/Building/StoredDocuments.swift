import Files
import JSON

/// Reads the documents that ``ShardWriter`` wrote, as they were.
struct StoredDocuments {
    private var files: ArraySlice<String>
    private var lines: LineReader<CorpusError>?
    private var file = ""

    /// A document is written on one line, which may be six times as long as its text; the limit keeps damaged
    /// files in bounds.
    private static let maximumLine = 1 << 28

    init(_ files: [String]) { self.files = files[...] }

    mutating func next() throws(CorpusError) -> Document? {
        while true {
            if lines == nil {
                guard let path = files.popFirst() else { return nil }
                file = path
                lines = LineReader(
                    try ByteStream(path, limits: Self.limits).window(), longest: Self.maximumLine)
            }
            guard let line = try lines?.next() else {
                lines = nil
                continue
            }
            let number = lines?.number ?? 0
            guard case .bytes(let bytes) = line else {
                throw .malformed(
                    file: file, place: "line \(number)", found: "a line that never ends",
                    expected: "a document")
            }
            return try document(bytes, number)
        }
    }

    /// Shards written by Hone may be as repetitive as they are: the ratio of inflation is not limited.
    private static let limits: ReadingLimits = {
        var limits = ReadingLimits()
        limits.inflationRatio = .infinity
        return limits
    }()

    private static let keys: Set<String> = ["text", "kind", "source", "language", "license"]

    private func document(_ bytes: [UInt8], _ line: Int) throws(CorpusError) -> Document {
        let fields: [String: String]
        do throws(JSONError) { fields = try JSONRecord(bytes, wanted: Self.keys).strings } catch {
            throw CorpusError(error, file: file, line: line)
        }
        guard let text = fields["text"] else {
            throw .malformed(file: file, place: "line \(line)", found: "no ‘text’", expected: "a document")
        }
        return Document(
            text: text, kind: DocumentKind(rawValue: fields["kind"] ?? "text"),
            source: fields["source"] ?? "",
            language: fields["language"], license: fields["license"])
    }
}
