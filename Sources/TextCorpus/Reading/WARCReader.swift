import Files

/// Reads the pages of a WARC file, one record at a time.
///
/// Records of the types `response` and `resource` give pages, those of the type `conversion` (WET files)
/// plain text; others are passed over. A record that lies about its length ends the file with an error that
/// says where.
///
/// - SeeAlso: ISO 28500:2017 (WARC 1.1). Departures: bare line feeds end headers too.
struct WARCReader: RecordReader {
    private let stream: ByteStream
    private var input: ByteWindow<CorpusError>
    private let name: String
    private let limits: ReadingLimits
    private var number = 0
    private var ended = false

    init(_ stream: ByteStream, name: String, limits: ReadingLimits) {
        self.stream = stream
        input = stream.window()
        self.name = name
        self.limits = limits
    }

    var bytesRead: Int { stream.bytesRead }

    mutating func next() throws(Unkept) -> RawRecord? {
        while !ended {
            let found: (record: RawRecord?, dropped: Unkept?)
            do {
                found = try record()
            } catch {
                ended = true
                throw .failed(error)
            }
            if let dropped = found.dropped { throw dropped }
            if let record = found.record { return record }
        }
        return nil
    }

    /// The most bytes that the headers of a record may have.
    private static let maximumHeader = 1 << 16

    /// The next record, or why it is left out; neither for one that holds no page.
    private mutating func record() throws(CorpusError) -> (RawRecord?, Unkept?) {
        try skipSpace()
        guard input.available > 0 else {
            ended = true
            return (nil, nil)
        }
        number += 1
        // Whole records ahead of a fault in the file are read.
        try input.fillAsFarAsReadable(Self.maximumHeader)
        let fields = try header()
        guard let length = fields["content-length"].flatMap({ Int($0) }), length >= 0 else {
            throw fault(found: "no valid Content-Length", expected: "the length of the record")
        }
        let type = fields["warc-type"] ?? ""
        let uri = fields["warc-target-uri"].map { $0.trimming("<>") } ?? ""
        let source = uri.isEmpty ? "\(name)#\(number)" : String(uri.prefix(400))
        guard let format = format(type, contentType: fields["content-type"] ?? "") else {
            try skip(length)
            return (nil, nil)
        }
        guard length <= limits.pageBytes else {
            try skip(length)
            return (nil, .dropped(.tooLarge, name: source, bytes: length))
        }
        try input.fill(length)
        guard input.available >= length else {
            throw fault(
                found: "the end of the file after \(input.available) bytes of content", expected: "\(length)")
        }
        return (
            RawRecord(bytes: input.take(length), format: format, source: source, file: stream.path), nil
        )
    }

    private func format(_ type: String, contentType: String) -> RawRecord.Format? {
        let contentType = contentType.lowercased()
        switch type.lowercased() {
        case "response" where contentType.hasPrefix("application/http"): return .httpResponse
        case "resource" where contentType.hasPrefix("text/html"): return .page(isXML: false, encoding: nil)
        case "resource" where contentType.hasPrefix("application/xhtml"):
            return .page(isXML: true, encoding: nil)
        case "resource" where contentType.hasPrefix("text/plain"): return .text
        case "conversion" where contentType.hasPrefix("text/plain"): return .text
        default: return nil
        }
    }

    private mutating func header() throws(CorpusError) -> [String: String] {
        let end = input.withWindow { endOfHeader($0, limit: Self.maximumHeader) }
        guard let end else {
            try input.fill(Self.maximumHeader)
            throw fault(found: "no empty line", expected: "one within \(Self.maximumHeader) bytes of headers")
        }
        let text = String(decoding: input.take(end), as: UTF8.self)
        guard text.hasPrefix("WARC/") else {
            throw fault(
                found: "‘\(text.prefix(20).filter { !$0.isNewline })’",
                expected: "a record beginning with WARC/")
        }
        return headerFields(text)
    }

    private mutating func skip(_ length: Int) throws(CorpusError) {
        var rest = length
        while rest > 0 {
            try input.fill(1)
            guard input.available > 0 else {
                throw fault(found: "the end of the file", expected: "\(rest) more bytes of content")
            }
            let count = min(rest, input.available)
            input.skip(count)
            rest -= count
        }
    }

    private mutating func skipSpace() throws(CorpusError) {
        while true {
            try input.fill(1)
            guard input.available > 0, isSpace(input[0]) else { return }
            input.skip(1)
        }
    }

    private func fault(found: String, expected: String) -> CorpusError {
        .malformed(
            file: stream.path, place: "record \(number), byte \(input.offset)", found: found,
            expected: expected)
    }
}

/// The number of bytes up to and with the empty line that ends a header.
func endOfHeader(_ bytes: UnsafeBufferPointer<UInt8>, limit: Int) -> Int? {
    var index = 0
    let end = min(bytes.count, limit)
    while index < end {
        if bytes[index] == 0x0a {
            if index + 1 < end, bytes[index + 1] == 0x0a { return index + 2 }
            if index + 2 < end, bytes[index + 1] == 0x0d, bytes[index + 2] == 0x0a { return index + 3 }
        }
        index += 1
    }
    return nil
}

/// The fields of a header, their names lowered; of a name given twice the first counts.
func headerFields(_ text: String) -> [String: String] {
    var fields: [String: String] = [:]
    for line in text.split(whereSeparator: \.isNewline).dropFirst() {
        guard let colon = line.firstIndex(of: ":") else { continue }
        let name = line[..<colon].lowercased()
        let value = String(line[line.index(after: colon)...]).trimming(" \t")
        if fields[name] == nil { fields[name] = value }
    }
    return fields
}

extension String {
    fileprivate func trimming(_ characters: String) -> String {
        var text = self[...]
        while let first = text.first, characters.contains(first) { text.removeFirst() }
        while let last = text.last, characters.contains(last) { text.removeLast() }
        return String(text)
    }
}
