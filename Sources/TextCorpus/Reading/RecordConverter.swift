import JSON

/// Makes documents of records: decodes bytes, takes pages apart, reads JSON.
///
/// Nothing here depends on any other record, so records may be converted in parallel.
struct RecordConverter: Sendable {
    var limits: ReadingLimits

    /// What became of a record.
    enum Conversion: Sendable {
        /// Documents, what was done to them, their shares in the record's bytes, and the name of what the texts lack of
        /// those.
        case documents([Document], DocumentNotes, bytes: [Int], removal: String)
        case dropped(DropReason)
        case problem(CorpusError)
    }

    func convert(_ record: RawRecord) -> Conversion {
        switch record.format {
        case .page(let isXML, let encoding): page(record.bytes, isXML: isXML, encoding: encoding, record)
        case .text: text(record)
        case .markdown: markdown(record)
        case .jsonLine(let line): json(record, line: line)
        case .httpResponse: response(record)
        case .sourceFile(let path, let language): source(record, path: path, language: language)
        }
    }

    // MARK: Formats

    private func page(_ bytes: [UInt8], isXML: Bool, encoding: String?, _ record: RawRecord) -> Conversion {
        guard let decoded = decodedPage(bytes, declared: encoding) else { return .dropped(.unknownEncoding) }
        let isXML = isXML || bytes.prefix(200).starts(with: "<?xml".utf8)
        let readable = ReadableText(page: decoded.text, isXML: isXML)
        guard !readable.text.isEmpty else { return .dropped(.noReadableText) }
        let document = Document(
            text: readable.text, kind: .web, source: record.source, language: readable.language,
            license: record.license)
        return finished(document, decoded, record, removal: "page_markup")
    }

    private func response(_ record: RawRecord) -> Conversion {
        let response: HTTPResponse
        do {
            response = try HTTPResponse(record.bytes, limit: limits.pageBytes)
        } catch {
            switch error {
            case .malformed: return .dropped(.malformedResponse)
            case .unknownEncoding: return .dropped(.unknownEncoding)
            case .tooLarge: return .dropped(.tooLarge)
            }
        }
        guard response.status == 200 else { return .dropped(.httpStatus) }
        switch response.type {
        case "text/html", "": return page(response.content, isXML: false, encoding: response.encoding, record)
        case "application/xhtml+xml":
            return page(response.content, isXML: true, encoding: response.encoding, record)
        case "text/plain", "text/markdown":
            var record = record
            record.bytes = response.content
            return response.type == "text/plain" ? text(record) : markdown(record)
        default: return .dropped(.notAPage)
        }
    }

    private func text(_ record: RawRecord) -> Conversion {
        let decoded = decodedText(record.bytes)
        return finished(
            Document(text: decoded.text, kind: .text, source: record.source, license: record.license),
            decoded, record, removal: Self.encoding)
    }

    private func markdown(_ record: RawRecord) -> Conversion {
        let decoded = decodedText(record.bytes)
        return finished(
            Document(
                text: readableMarkdown(decoded.text), kind: .markdown, source: record.source,
                license: record.license),
            decoded, record, removal: Self.settings)
    }

    private func source(_ record: RawRecord, path: String, language: SourceLanguage?) -> Conversion {
        let decoded = decodedText(record.bytes)
        let kind: DocumentKind =
            switch language?.role {
            case .program, .markup, .data: .code
            case .prose: language?.name == "Markdown" ? .markdown : .text
            case nil: .text
            }
        if decoded.replacements * 100 > decoded.text.utf8.count { return .dropped(.binary) }
        if kind == .code, decoded.text.utf8.count > limits.documentBytes { return .dropped(.tooLarge) }
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

    private func json(_ record: RawRecord, line: Int) -> Conversion {
        do throws(JSONError) {
            let fields = try JSONRecord(record.bytes, wanted: Self.wantedKeys)
            guard let text = fields.strings["text"] else {
                let keys = fields.keys.map { "‘\($0.prefix(40))’" }.joined(separator: ", ")
                return .problem(
                    .malformed(
                        file: record.file, place: "line \(line)",
                        found: keys.isEmpty ? "no keys" : "the keys \(keys)",
                        expected: "a key ‘text’ whose value is a string"))
            }
            let kind = fields.strings["kind"].flatMap { $0.isEmpty || $0.utf8.count > 64 ? nil : $0 }
            let document = Document(
                text: text, kind: kind.map { DocumentKind(rawValue: $0) } ?? .text,
                source: fields.strings["source"] ?? record.source, language: fields.strings["language"],
                license: fields.strings["license"] ?? fields.strings["licence"] ?? record.license)
            return finished(
                document, DecodedText(text: text, replacements: fields.replacements), record,
                removal: "json_keys_and_escapes")
        } catch {
            return .problem(CorpusError(error, file: record.file, line: line))
        }
    }

    /// The documents of a record, cut where its text is too long.
    private func finished(
        _ document: Document, _ decoded: DecodedText, _ record: RawRecord, removal: String
    ) -> Conversion {
        var notes = DocumentNotes()
        notes.note("replaced_malformed_bytes", decoded.replacements)
        notes.note("converted_to_utf8", decoded.converted || record.isConverted ? 1 : 0)
        let parts = textPieces(of: document.text, limit: limits.documentBytes)
        let sizes = parts.map(\.utf8.count)
        let bytes = Self.shares(of: record.bytes.count, by: sizes)
        guard parts.count > 1 else { return .documents([document], notes, bytes: bytes, removal: removal) }
        notes.note("cut_in_pieces", parts.count)
        let documents = parts.enumerated().map { index, text in
            var part = document
            part.text = text
            part.source += "#\(index + 1)"
            return part
        }
        return .documents(documents, notes, bytes: bytes, removal: removal)
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
