/// Reads the JSON of a checkpoint's header or index piece by piece, so that nothing is stored but what is asked for.
///
/// Stricter than JSON where another reader might see another document: a name may stand in an object only once, and
/// text is well-formed UTF-8. Values that nobody asks for are passed over, to a depth of `deepest`.
struct JSONScanner {
    /// What was found at a byte where something else was expected.
    struct Mismatch: Error {
        var offset: Int
        var found: String
        var expected: String
    }

    private static let deepest = 32

    private let bytes: UnsafeRawBufferPointer
    private(set) var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Reads an object; `member` reads the value that follows each name.
    mutating func object(
        _ member: (_ name: String, _ scanner: inout JSONScanner) throws(Mismatch) -> Void
    ) throws(Mismatch) {
        try expect("{", "an object")
        if skip("}") { return }
        var names: Set<String> = []
        repeat {
            skipSpace()
            let start = offset
            let name = try string()
            guard names.insert(name).inserted else {
                throw Mismatch(offset: start, found: "\(name) twice", expected: "each name once")
            }
            try expect(":", "\":\"")
            try member(name, &self)
        } while skip(",")
        try expect("}", "\",\" or \"}\"")
    }

    /// Reads an array of at most `limit` elements that are integers, zero or more.
    mutating func counts(limit: Int) throws(Mismatch) -> [Int] {
        try expect("[", "an array")
        if skip("]") { return [] }
        var counts: [Int] = []
        repeat {
            guard counts.count < limit else {
                throw Mismatch(offset: offset, found: "more than \(limit) integers", expected: "at most that")
            }
            counts.append(try count())
        } while skip(",")
        try expect("]", "\",\" or \"]\"")
        return counts
    }

    /// Reads an integer of zero or more, in digits alone.
    private mutating func count() throws(Mismatch) -> Int {
        skipSpace()
        let start = offset
        var value = 0
        while let byte = peek(), let digit = Self.digits.contains(byte) ? Int(byte - UInt8(ascii: "0")) : nil
        {
            let (product, isTooGreat) = value.multipliedReportingOverflow(by: 10)
            let (sum, isTooGreatToo) = product.addingReportingOverflow(digit)
            guard !isTooGreat, !isTooGreatToo, offset == start || value > 0 else {
                throw Mismatch(
                    offset: start, found: value == 0 ? "a leading zero" : "an integer of more than 63 bits",
                    expected: "an integer from 0 to \(Int.max)")
            }
            value = sum
            offset += 1
        }
        guard offset > start, peek() != UInt8(ascii: "."), peek().map({ $0 | 0x20 }) != UInt8(ascii: "e")
        else {
            throw Mismatch(offset: start, found: seen(at: start), expected: "an integer from 0 to \(Int.max)")
        }
        return value
    }

    /// Reads a string.
    mutating func string() throws(Mismatch) -> String {
        try expect("\"", "a string")
        let start = offset
        var isPlain = true
        while let byte = peek(), byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else {
                throw Mismatch(
                    offset: offset, found: "a control character", expected: "it to be escaped in a string")
            }
            if byte == UInt8(ascii: "\\") {
                isPlain = false
                offset += 1
            }
            offset += 1
        }
        guard offset < bytes.count else {
            throw Mismatch(offset: start, found: "a string without an end", expected: "a quotation mark")
        }
        let contents = UnsafeRawBufferPointer(rebasing: bytes[start..<offset])
        offset += 1
        guard let string = isPlain ? String(validating: contents, as: UTF8.self) : Self.unescaped(contents)
        else {
            throw Mismatch(offset: start, found: "ill-formed text", expected: "a string in UTF-8")
        }
        return string
    }

    /// Passes over a value.
    mutating func skipValue(depth: Int = 0) throws(Mismatch) {
        guard depth < Self.deepest else {
            throw Mismatch(offset: offset, found: "nesting over \(Self.deepest) deep", expected: "less")
        }
        skipSpace()
        switch peek() {
        case UInt8(ascii: "{"):
            try object { (_, scanner) throws(Mismatch) in try scanner.skipValue(depth: depth + 1) }
        case UInt8(ascii: "["):
            offset += 1
            if skip("]") { return }
            repeat { try skipValue(depth: depth + 1) } while skip(",")
            try expect("]", "\",\" or \"]\"")
        case UInt8(ascii: "\""):
            _ = try string()
        default:
            let start = offset
            while let byte = peek(), Self.wordBytes.contains(byte) { offset += 1 }
            let word = String(decoding: bytes[start..<min(offset, start + 64)], as: UTF8.self)
            guard ["true", "false", "null"].contains(word) || Double(word) != nil else {
                throw Mismatch(offset: start, found: seen(at: start), expected: "a value")
            }
        }
    }

    /// Makes sure that nothing but white space is left.
    mutating func end() throws(Mismatch) {
        skipSpace()
        guard offset == bytes.count else {
            throw Mismatch(offset: offset, found: seen(at: offset), expected: "the end")
        }
    }
}

// MARK: - Bytes

extension JSONScanner {
    private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    private static let wordBytes = Set("+-.0123456789abcdefghijklmnopqrstuvwxyzE".utf8)

    private func peek() -> UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
    }

    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard peek() == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar, _ expected: String) throws(Mismatch) {
        guard skip(character) else {
            throw Mismatch(offset: offset, found: seen(at: offset), expected: expected)
        }
    }

    /// A few bytes for a message.
    private func seen(at offset: Int) -> String {
        guard offset < bytes.count else { return "the end" }
        return "\"" + String(decoding: bytes[offset..<min(offset + 16, bytes.count)], as: UTF8.self) + "\""
    }

    /// The text of a string with escape sequences, if they and its UTF-8 are well-formed.
    private static func unescaped(_ contents: UnsafeRawBufferPointer) -> String? {
        var text: [UInt8] = []
        var rest = contents[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                continue
            }
            switch rest.popFirst() {
            case UInt8(ascii: "\""): text.append(UInt8(ascii: "\""))
            case UInt8(ascii: "\\"): text.append(UInt8(ascii: "\\"))
            case UInt8(ascii: "/"): text.append(UInt8(ascii: "/"))
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0C)
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "r"): text.append(0x0D)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "u"):
                guard let scalar = escapedScalar(&rest) else { return nil }
                text.append(contentsOf: String(Character(scalar)).utf8)
            default: return nil
            }
        }
        return String(validating: text, as: UTF8.self)
    }

    /// The scalar after `\u`, from one group of four hexadecimal digits or from a surrogate pair.
    private static func escapedScalar(_ rest: inout Slice<UnsafeRawBufferPointer>) -> Unicode.Scalar? {
        func group() -> UInt32? {
            guard rest.count >= 4 else { return nil }
            let digits = rest.prefix(4)
            rest = rest.dropFirst(4)
            guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
            return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        }
        guard let high = group() else { return nil }
        guard 0xD800..<0xDC00 ~= high else { return Unicode.Scalar(high) }
        guard rest.popFirst() == UInt8(ascii: "\\"), rest.popFirst() == UInt8(ascii: "u"), let low = group(),
            0xDC00..<0xE000 ~= low
        else { return nil }
        return Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
    }
}
