/// A page's bytes as UTF-8, by the encoding that the page or its server declares.
///
/// - Parameter declared: What the server declared, if anything; it goes before the page's own declaration.
/// - Returns: nil when the encoding is one that cannot be read here.
func decodedPage(_ bytes: [UInt8], declared: String?) -> DecodedText? {
    guard let name = declared ?? declaredEncoding(bytes) else { return decodedText(bytes) }
    if let encoding = TextEncoding(named: name) { return decodedText(bytes, declared: encoding) }
    // A wrong declaration of a page that is UTF-8 does no harm.
    let text = decodedText(bytes, declared: .utf8)
    return text.replacements == 0 ? text : nil
}

/// The encoding named in the first kilobyte of a page, by `<meta charset=…>`, `<meta … content="…;
/// charset=…">`, or `<?xml … encoding=…?>`.
private func declaredEncoding(_ bytes: [UInt8]) -> String? {
    let head = String(decoding: bytes.prefix(1 << 10).map { $0 < 0x80 ? $0 : 0x3f }, as: UTF8.self)
        .lowercased()
    if head.hasPrefix("<?xml"), let end = head.firstIndex(of: ">"),
        let name = encodingName(after: "encoding", in: head[..<end])
    {
        return name
    }
    var rest = head[...]
    while let tag = rest.firstRange(ofASCII: "<meta") {
        rest = rest[tag.upperBound...]
        let end = rest.firstIndex(of: ">") ?? rest.endIndex
        if let name = encodingName(after: "charset", in: rest[..<end]) { return name }
    }
    return nil
}

/// The value in `key = value`, with or without quotes.
func encodingName(after key: String, in text: Substring) -> String? {
    guard let range = text.firstRange(ofASCII: key) else { return nil }
    let rest = text[range.upperBound...].drop { $0.isWhitespace }
    guard rest.first == "=" else { return nil }
    let value = rest.dropFirst().drop { $0.isWhitespace || $0 == "\"" || $0 == "'" }
    let name = value.prefix { $0.isLetter || $0.isNumber || "-_.:".contains($0) }
    return name.isEmpty ? nil : String(name)
}
