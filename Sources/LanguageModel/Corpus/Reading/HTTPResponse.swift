/// The answer of a web server, its content unpacked.
struct HTTPResponse {
    let status: Int
    /// The media type without parameters, lowered.
    let type: String
    /// The `charset` parameter.
    let encoding: String?
    let content: [UInt8]

    /// Why an answer cannot be read.
    enum Fault: Error { case malformed, unknownEncoding, tooLarge }

    /// Reads an answer whose content may be chunked and compressed.
    ///
    /// - SeeAlso: RFC 9112, §6 and §7. Departures: many archives keep the headers of packed content that they
    ///   have already unpacked, so both are looked at before they are believed.
    init(_ bytes: [UInt8], limit: Int) throws(Fault) {
        guard let end = bytes.withUnsafeBufferPointer({ endOfHeader($0, limit: 1 << 17) }) else {
            throw .malformed
        }
        let header = String(decoding: bytes[..<end], as: UTF8.self)
        let words = header.prefix { !$0.isNewline }.split(separator: " ")
        guard words.count >= 2, words[0].hasPrefix("HTTP/"), let status = Int(words[1]) else {
            throw .malformed
        }
        let fields = headerFields(header)
        self.status = status
        let contentType = (fields["content-type"] ?? "").lowercased()
        type = String(contentType.prefix { $0 != ";" && !$0.isWhitespace })
        encoding = encodingName(after: "charset", in: contentType[...])
        var content = bytes[end...]
        if fields["transfer-encoding"]?.lowercased().contains("chunked") == true,
            let joined = Self.unchunked(content)
        {
            content = joined[...]
        }
        switch fields["content-encoding"]?.lowercased() ?? "identity" {
        case "identity", "": break
        case "gzip", "x-gzip":
            if content.starts(with: [0x1f, 0x8b]) { content = try Self.inflated(content, .gzip, limit)[...] }
        case "deflate":
            let isWrapped = content.first.map { $0 & 0x0f == 8 } ?? false
            content = try Self.inflated(content, isWrapped ? .zlib : .raw, limit)[...]
        default:
            // Brotli and others; text passes if the archive has unpacked it.
            if content.prefix(64).contains(where: { $0 < 0x09 || $0 == 0x7f }) { throw .unknownEncoding }
        }
        self.content = Array(content)
    }

    /// The content without the marks of chunks; nil when there are none.
    private static func unchunked(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while true {
            guard let newline = bytes[index...].prefix(256).firstIndex(of: 0x0a) else { return nil }
            let digits = bytes[index..<newline].prefix { Character(Unicode.Scalar($0)).isHexDigit }
            guard !digits.isEmpty, digits.count <= 8,
                let length = Int(String(decoding: digits, as: UTF8.self), radix: 16)
            else { return nil }
            if length == 0 { return out }
            let start = newline + 1
            guard length <= bytes.endIndex - start else { return nil }
            out.append(contentsOf: bytes[start..<start + length])
            index = start + length
            if index < bytes.endIndex, bytes[index] == 0x0d { index += 1 }
            if index < bytes.endIndex, bytes[index] == 0x0a { index += 1 }
            // An archive may have cut the answer short.
            if index == bytes.endIndex { return out }
        }
    }

    private static func inflated(
        _ bytes: ArraySlice<UInt8>, _ wrapping: Inflater.Wrapping, _ limit: Int
    ) throws(Fault) -> [UInt8] {
        let inflater = Inflater(wrapping)
        var out: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        var index = bytes.startIndex
        while true {
            guard
                let progress = try? bytes[index...].withUnsafeBytes({ input in
                    try chunk.withUnsafeMutableBytes { try inflater.inflate(input, into: $0) }
                })
            else { throw .malformed }
            index += progress.consumed
            out.append(contentsOf: chunk[..<progress.produced])
            if out.count > limit { throw .tooLarge }
            if progress.ended || progress.consumed == 0 && progress.produced == 0 { break }
        }
        return out
    }
}
