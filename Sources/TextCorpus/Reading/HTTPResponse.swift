import Tables

/// The answer of a web server, its content unpacked.
struct HTTPResponse {
    let status: Int
    /// The media type without parameters, lowered.
    let type: String
    /// The `charset` parameter.
    let encoding: String?
    let content: [UInt8]

    /// The reason why a response cannot be read.
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
        // The encoding applied last stands last.
        let encodings = (fields["content-encoding"] ?? "").lowercased().split(separator: ",").map(\.trimmed)
        for encoding in encodings.reversed() { content = try Self.unpacked(content, encoding, limit)[...] }
        self.content = Array(content)
    }

    // MARK: Chunks

    /// The content without the marks of chunks; nil when there are none.
    ///
    /// Of content that was cut, or that continues as something else, all complete chunks are kept, and the beginning of
    /// the incomplete one, as browsers show it.
    private static func unchunked(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            guard let chunk = chunkHeader(bytes[index...]) else {
                return index > bytes.startIndex ? out : nil
            }
            if chunk.length == 0 { return out }
            let end = min(chunk.start + min(chunk.length, bytes.count), bytes.endIndex)
            let rest = bytes[end...]
            let isFramed =
                rest.isEmpty || rest.starts(with: [0x0d, 0x0a]) || rest.first == 0x0a || rest == [0x0d]
            // Text that only looks like the length of a chunk is not followed by its end.
            if index == bytes.startIndex, !isFramed { return nil }
            out.append(contentsOf: bytes[chunk.start..<end])
            guard isFramed else { return out }
            index = end + (rest.first == 0x0d ? 2 : 1)
        }
        return out
    }

    /// The length of the chunk that begins here, and where its bytes do: `1f;name=value` and the end of the line.
    private static func chunkHeader(_ bytes: ArraySlice<UInt8>) -> (length: Int, start: Int)? {
        guard let newline = bytes.prefix(256).firstIndex(of: 0x0a) else { return nil }
        let line = bytes[bytes.startIndex..<newline]
        let digits = line.prefix { Character(Unicode.Scalar($0)).isHexDigit }
        guard let length = Int(String(decoding: digits.prefix(9), as: UTF8.self), radix: 16),
            digits.count <= 8
        else { return nil }
        let extra = line[digits.endIndex...].drop { $0 == 0x20 || $0 == 0x09 }
        guard line.last == 0x0d, extra.first == 0x0d || extra.first == UInt8(ascii: ";") else { return nil }
        return (length, newline + 1)
    }

    // MARK: Compression

    private static func unpacked(_ bytes: ArraySlice<UInt8>, _ encoding: String, _ limit: Int) throws(Fault)
        -> [UInt8]
    {
        switch encoding {
        case "identity", "": return Array(bytes)
        case "gzip", "x-gzip":
            return bytes.starts(with: [0x1f, 0x8b]) ? try inflated(bytes, .gzip, limit).bytes : Array(bytes)
        case "deflate":
            // Some servers leave the wrapping of zlib out (RFC 9110, §8.4.1.2).
            let head = bytes.prefix(2).reduce(0) { $0 << 8 | Int($1) }
            let isWrapped = bytes.count > 2 && head >> 8 & 0x0f == 8 && head % 31 == 0
            guard looksUnpacked(bytes) else {
                return try inflated(bytes, isWrapped ? .zlib : .raw, limit).bytes
            }
            // Text may look like the beginning of deflated data; only data leads to its own end.
            let result = try? inflated(bytes, isWrapped ? .zlib : .raw, limit)
            return result?.isWhole == true ? result?.bytes ?? [] : Array(bytes)
        default:
            // Brotli and others; text passes if the archive has unpacked it.
            guard looksUnpacked(bytes) else { throw .unknownEncoding }
            return Array(bytes)
        }
    }

    /// True if bytes begin like text: packed data has control characters among its first ones.
    private static func looksUnpacked(_ bytes: ArraySlice<UInt8>) -> Bool {
        !bytes.prefix(512).contains { $0 < 0x09 || 0x0e..<0x1b ~= $0 || 0x1c..<0x20 ~= $0 || $0 == 0x7f }
    }

    /// The bytes that packed ones stand for, all members of gzip, and whether they end where the data does.
    ///
    /// An archive may have cut the data short; then what there is of it is given.
    private static func inflated(
        _ bytes: ArraySlice<UInt8>, _ wrapping: Inflater.Wrapping, _ limit: Int
    ) throws(Fault) -> (bytes: [UInt8], isWhole: Bool) {
        guard let inflater = Inflater(wrapping) else { throw .malformed }
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
            if progress.ended {
                guard wrapping == .gzip, bytes[index...].starts(with: [0x1f, 0x8b]) else {
                    return (out, index == bytes.endIndex)
                }
                inflater.reset()
            } else if progress.consumed == 0, progress.produced == 0 {
                return (out, false)
            }
        }
    }
}
