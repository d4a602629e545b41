/// Makes documents of records: decodes bytes, takes pages apart, reads JSON.
///
/// Nothing here depends on any other record, so records may be converted in parallel.
struct RecordConverter: Sendable {
    var limits: ReadingLimits

    /// What became of a record.
    enum Conversion: Sendable {
        case documents([Document], DocumentNotes)
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
            licence: record.licence)
        return finished(document, decoded)
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
            Document(text: decoded.text, kind: .text, source: record.source, licence: record.licence), decoded
        )
    }

    private func markdown(_ record: RawRecord) -> Conversion {
        var decoded = decodedText(record.bytes)
        decoded.text = readableMarkdown(decoded.text)
        return finished(
            Document(text: decoded.text, kind: .markdown, source: record.source, licence: record.licence),
            decoded)
    }

    private func source(_ record: RawRecord, path: String, language: SourceLanguage?) -> Conversion {
        var decoded = decodedText(record.bytes)
        let kind: DocumentKind =
            switch language?.role {
            case .program, .markup, .data: .code
            case .prose: language?.name == "Markdown" ? .markdown : .text
            case nil: .text
            }
        if kind == .markdown { decoded.text = readableMarkdown(decoded.text) }
        if decoded.replacements * 100 > decoded.text.utf8.count { return .dropped(.binary) }
        if kind == .code, decoded.text.utf8.count > limits.documentBytes { return .dropped(.tooLarge) }
        let document = Document(
            text: decoded.text, kind: kind, source: record.source,
            language: kind == .code ? language?.name : nil,
            licence: Licence.header(record.bytes.prefix(2_048)) ?? record.licence,
            heading: SourceLanguage.heading(path: path, language: language))
        return finished(document, decoded)
    }

    private static let wantedKeys: Set<String> = ["text", "kind", "source", "language", "licence", "license"]

    private func json(_ record: RawRecord, line: Int) -> Conversion {
        do {
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
                licence: fields.strings["licence"] ?? fields.strings["license"] ?? record.licence)
            return finished(document, DecodedText(text: text, replacements: fields.replacements))
        } catch {
            return .problem(
                .malformed(
                    file: record.file, place: "line \(line), byte \(error.byte)", found: error.found,
                    expected: error.expected))
        }
    }

    private func finished(_ document: Document, _ decoded: DecodedText) -> Conversion {
        var notes = DocumentNotes()
        notes.note("replaced_malformed_bytes", decoded.replacements)
        notes.note("converted_to_utf8", decoded.converted ? 1 : 0)
        let parts = textPieces(of: decoded.text, limit: limits.documentBytes)
        guard parts.count > 1 else { return .documents([document], notes) }
        notes.note("cut_in_pieces", parts.count)
        let documents = parts.enumerated().map { index, text in
            var part = document
            part.text = text
            part.source += "#\(index + 1)"
            return part
        }
        return .documents(documents, notes)
    }
}

/// Markdown without the parts that its readers do not see: the block of settings at its top, and comments.
func readableMarkdown(_ text: String) -> String {
    var title: String?
    var body = text[...]
    if text.hasPrefix("---\n"), let end = text.firstRange(ofASCII: "\n---\n"),
        end.lowerBound > text.startIndex
    {
        let settings = text[..<end.lowerBound]
        title = settings.split(separator: "\n").first { $0.hasPrefix("title:") }
            .map { $0.dropFirst(6).filter { $0 != "\"" }.trimmed }
        body = text[end.upperBound...]
    }
    if body.contains(ascii: "<!--") { body = withoutComments(body)[...] }
    let opens = body.drop { $0.isWhitespace }.first == "#"
    guard let title, !title.isEmpty, !opens else { return String(body) }
    return "# " + title + "\n\n" + body
}

private func withoutComments(_ text: Substring) -> String {
    var out = ""
    var isInComment = false
    var fence: Substring?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
        let bare = line.drop { $0 == " " }
        if !isInComment, bare.hasPrefix("```") || bare.hasPrefix("~~~") {
            let mark = bare.prefix(3)
            if fence == nil { fence = mark } else if fence == mark { fence = nil }
        }
        guard fence == nil || isInComment else {
            out += line + "\n"
            continue
        }
        let before = out.utf8.count
        var rest = line
        var hadComment = isInComment
        while true {
            if isInComment {
                guard let end = rest.firstRange(ofASCII: "-->") else { break }
                rest = rest[end.upperBound...]
                isInComment = false
            } else {
                guard let start = rest.firstRange(ofASCII: "<!--") else {
                    out += rest
                    break
                }
                hadComment = true
                out += rest[..<start.lowerBound]
                rest = rest[start.upperBound...]
                isInComment = true
            }
        }
        // A line that was nothing but comment leaves no empty line behind.
        let left = out.utf8.count - before
        if !hadComment || left > 0 && out.utf8.suffix(left).contains(where: { !isSpace($0) }) {
            out += "\n"
        } else {
            out.removeLast(left)
        }
    }
    // The last line, too, was given an end.
    if !out.isEmpty { out.removeLast() }
    return out
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
