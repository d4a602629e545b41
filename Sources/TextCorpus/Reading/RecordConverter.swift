import JSON

/// A document as it was read, before any step of a pipeline.
struct ReadDocument: Sendable {
    var document: Document
    /// The changes made in reading.
    var notes = DocumentNotes()
    /// The bytes that were read for it.
    var bytes: Int
}

/// Makes documents of records: decodes bytes, takes pages apart, reads JSON.
///
/// Nothing here depends on any other record, so records may be converted in parallel.
struct RecordConverter: Sendable {
    var limits: ReadingLimits

    /// The documents of a record.
    func convert(_ record: RawRecord) throws(Unkept) -> [ReadDocument] {
        switch record.format {
        case .page(let isXML, let encoding):
            try page(record.bytes, isXML: isXML, encoding: encoding, record)
        case .text: text(record)
        case .markdown: markdown(record)
        case .jsonLine(let line): try json(record, line: line)
        case .httpResponse: try response(record)
        case .sourceFile(let path, let language): try source(record, path: path, language: language)
        case .document(let document): [ReadDocument(document: document, bytes: document.text.utf8.count)]
        }
    }

    private func dropped(_ reason: DropReason, _ record: RawRecord) -> Unkept {
        .dropped(reason, name: record.source, bytes: record.bytes.count)
    }

    // MARK: Formats

    private func page(_ bytes: [UInt8], isXML: Bool, encoding: String?, _ record: RawRecord) throws(Unkept)
        -> [ReadDocument]
    {
        guard let decoded = decodedPage(bytes, declared: encoding) else {
            throw dropped(.unknownEncoding, record)
        }
        let isXML = isXML || bytes.prefix(200).starts(with: "<?xml".utf8)
        let readable = ReadableText(page: decoded.text, isXML: isXML)
        guard !readable.text.isEmpty else { throw dropped(.noReadableText, record) }
        let document = Document(
            text: readable.text, kind: .web, source: record.source, language: readable.language,
            license: record.license)
        return finished(document, decoded, record, removal: "page_markup")
    }

    private func response(_ record: RawRecord) throws(Unkept) -> [ReadDocument] {
        let response: HTTPResponse
        do {
            response = try HTTPResponse(record.bytes, limit: limits.pageBytes)
        } catch {
            switch error {
            case .malformed: throw dropped(.malformedResponse, record)
            case .unknownEncoding: throw dropped(.unknownEncoding, record)
            case .tooLarge: throw dropped(.tooLarge, record)
            }
        }
        guard response.status == 200 else { throw dropped(.httpStatus, record) }
        switch response.type {
        case "text/html", "":
            return try page(response.content, isXML: false, encoding: response.encoding, record)
        case "application/xhtml+xml":
            return try page(response.content, isXML: true, encoding: response.encoding, record)
        case "text/plain", "text/markdown":
            var record = record
            record.bytes = response.content
            return response.type == "text/plain" ? text(record) : markdown(record)
        default: throw dropped(.notAPage, record)
        }
    }

    private func text(_ record: RawRecord) -> [ReadDocument] {
        let decoded = decodedText(record.bytes)
        return finished(
            Document(text: decoded.text, kind: .text, source: record.source, license: record.license),
            decoded, record, removal: Self.encoding)
    }

    private func markdown(_ record: RawRecord) -> [ReadDocument] {
        let decoded = decodedText(record.bytes)
        return finished(
            Document(
                text: readableMarkdown(decoded.text), kind: .markdown, source: record.source,
                license: record.license),
            decoded, record, removal: Self.settings)
    }

    private func source(_ record: RawRecord, path: String, language: SourceLanguage?) throws(Unkept)
        -> [ReadDocument]
    {
        let decoded = decodedText(record.bytes)
        let kind: DocumentKind =
            switch language?.role {
            case .program, .markup, .data: .code
            case .prose: language?.name == "Markdown" ? .markdown : .text
            case nil: .text
            }
        if decoded.replacements * 100 > decoded.text.utf8.count { throw dropped(.binary, record) }
        if kind == .code, decoded.text.utf8.count > limits.documentBytes { throw dropped(.tooLarge, record) }
        let document = Document(
            text: kind == .markdown ? readableMarkdown(decoded.text) : decoded.text, kind: kind,
            source: record.source, language: kind == .code ? language?.name : nil,
            license: License.header(record.bytes.prefix(2_048)) ?? record.license,
            heading: SourceLanguage.heading(path: path, language: language))
        return finished(
            document, decoded, record, removal: kind == .markdown ? Self.settings : Self.encoding)
    }

    /// Names of what makes documents smaller, or larger, than their records.
    private static let encoding = "conversion_to_utf8"
    private static let settings = "markdown_settings_and_comments"

    private static let wantedKeys: Set<String> = ["text", "kind", "source", "language", "license", "licence"]

    private func json(_ record: RawRecord, line: Int) throws(Unkept) -> [ReadDocument] {
        let fields: JSONRecord
        do throws(JSONError) {
            fields = try JSONRecord(record.bytes, wanted: Self.wantedKeys, columns: limits.columns)
        } catch {
            throw .failed(CorpusError(error, file: record.file, line: line))
        }
        guard let text = fields.strings["text"] else {
            let keys = fields.keys.map { "‘\($0.prefix(40))’" }.joined(separator: ", ")
            throw .failed(
                .malformed(
                    file: record.file, place: "line \(line)",
                    found: keys.isEmpty ? "no keys" : "the keys \(keys)",
                    expected: "a key ‘\(limits.columns.column(of: "text"))’ whose value is a string"))
        }
        let kind = fields.strings["kind"].flatMap { $0.isEmpty || $0.utf8.count > 64 ? nil : $0 }
        let document = Document(
            text: text, kind: kind.map { DocumentKind(rawValue: $0) } ?? .text,
            source: fields.strings["source"] ?? record.source, language: fields.strings["language"],
            license: fields.strings["license"] ?? fields.strings["licence"] ?? record.license)
        return finished(
            document, DecodedText(text: text, replacements: fields.replacements), record,
            removal: "json_keys_and_escapes")
    }

    /// The documents of a record, cut where its text is too long.
    private func finished(
        _ document: Document, _ decoded: DecodedText, _ record: RawRecord, removal: String
    ) -> [ReadDocument] {
        var notes = DocumentNotes()
        notes.note("replaced_malformed_bytes", decoded.replacements)
        notes.note("converted_to_utf8", decoded.converted || record.isConverted ? 1 : 0)
        let parts = textPieces(of: document.text, limit: limits.documentBytes)
        if parts.count > 1 { notes.note("cut_in_pieces", parts.count) }
        let bytes = Self.shares(of: record.bytes.count, by: parts.map(\.utf8.count))
        return parts.enumerated().map { index, text in
            var read = ReadDocument(
                document: document, notes: index == 0 ? notes : .init(), bytes: bytes[index])
            read.document.text = text
            if parts.count > 1 { read.document.source += "#\(index + 1)" }
            read.notes.noteRemoval(removal, read.bytes - text.utf8.count)
            return read
        }
    }

    /// Whole numbers that add up to a total, in proportion to sizes.
    private static func shares(of total: Int, by sizes: [Int]) -> [Int] {
        let sum = max(1, sizes.reduce(0, +))
        var (size, given) = (0, 0)
        return sizes.enumerated().map { index, part in
            size += part
            let end = index == sizes.count - 1 ? total : Int(Double(total) * Double(size) / Double(sum))
            defer { given = end }
            return end - given
        }
    }
}

extension StringProtocol {
    /// Without white space at the ends.
    var trimmed: String {
        var text = self[...]
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}

extension DropReason {
    static let unknownEncoding = DropReason(
        "unknown_encoding", "written in an encoding that is not read here")
    static let noReadableText = DropReason("no_readable_text", "a page without text of its own")
    static let malformedResponse = DropReason("malformed_response", "not an answer of a web server")
    static let httpStatus = DropReason("http_status", "an answer other than 200 OK")
    static let notAPage = DropReason("not_a_page", "neither a web page nor text")
}
