/// Reads a JSON file from front to back, without building what the caller does not ask for.
///
/// A vocabulary of 150,000 entries goes straight to its tables, and every error names the file, the key and the line.
/// Nesting is limited, so no input exhausts the stack.
struct JSONReader {
    /// The kinds of values, as their first character tells them.
    enum Kind: String {
        case object = "an object"
        case array = "an array"
        case string = "a string"
        case number = "a number"
        case boolean = "true or false"
        case null = "null"
        case other = "a value"
    }

    let file: String
    private let bytes: [UInt8]
    private var position = 0
    private var path: [Step] = []

    private enum Step {
        case key(String)
        case index(Int)
    }

    private static let deepest = 64

    /// - Throws: `TokenizerError.malformed` if the bytes are not UTF-8.
    init(_ bytes: [UInt8], file: String) throws(TokenizerError) {
        self.file = file
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw .malformed(file: file, place: "the file", expected: "UTF-8", found: "other bytes")
        }
    }

    // MARK: Values

    /// The kind of the next value.
    var kind: Kind {
        mutating get {
            skipSpace()
            return switch peek {
            case UInt8(ascii: "{"): .object
            case UInt8(ascii: "["): .array
            case UInt8(ascii: "\""): .string
            case UInt8(ascii: "t"), UInt8(ascii: "f"): .boolean
            case UInt8(ascii: "n"): .null
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): .number
            default: .other
            }
        }
    }

    /// Reads an object; `body` must read the value of each key.
    mutating func object(
        _ body: (_ key: String, inout JSONReader) throws(TokenizerError) -> Void
    ) throws(TokenizerError) {
        try object(keys: { (key, reader) throws(TokenizerError) in
            let key = String(decoding: key, as: UTF8.self)
            reader.path[reader.path.count - 1] = .key(key)
            try body(key, &reader)
        })
    }

    /// Reads an object with keys that may be many; `body` must read the value of each.
    mutating func object(
        keys body: (_ key: [UInt8], inout JSONReader) throws(TokenizerError) -> Void
    ) throws(TokenizerError) {
        try enter(UInt8(ascii: "{"), .object)
        path.append(.index(0))
        var index = 0
        while try !leave(UInt8(ascii: "}"), isFirst: index == 0) {
            path[path.count - 1] = .index(index)
            let key = try stringBytes()
            try expect(UInt8(ascii: ":"), "\":\"")
            try body(key, &self)
            index += 1
        }
        path.removeLast()
    }

    /// Reads an array; `body` must read each element.
    mutating func array(
        _ body: (_ index: Int, inout JSONReader) throws(TokenizerError) -> Void
    ) throws(TokenizerError) {
        try enter(UInt8(ascii: "["), .array)
        path.append(.index(0))
        var index = 0
        while try !leave(UInt8(ascii: "]"), isFirst: index == 0) {
            path[path.count - 1] = .index(index)
            try body(index, &self)
            index += 1
        }
        path.removeLast()
    }

    /// Reads a string.
    mutating func string() throws(TokenizerError) -> String {
        String(decoding: try stringBytes(), as: UTF8.self)
    }

    /// Reads true or false.
    mutating func boolean() throws(TokenizerError) -> Bool {
        if take("true") { return true }
        if take("false") { return false }
        throw mismatch(.boolean)
    }

    /// Reads null, if the next value is null.
    mutating func null() -> Bool { take("null") }

    /// Reads an integer from a range.
    mutating func integer(in range: ClosedRange<Int>) throws(TokenizerError) -> Int {
        let start = position
        let text = try numberText()
        guard let value = Int(text), range.contains(value) else {
            position = start
            throw malformed("an integer from \(range.lowerBound) to \(range.upperBound)", found: text)
        }
        return value
    }

    /// Reads a number.
    mutating func number() throws(TokenizerError) -> Double {
        let text = try numberText()
        guard let value = Double(text) else { throw malformed("a number", found: text) }
        return value
    }

    /// Reads any value, and gives it as the file spells it.
    mutating func source() throws(TokenizerError) -> [UInt8] {
        skipSpace()
        let start = position
        _ = try value()
        return Array(bytes[start..<position])
    }

    /// Nothing but white space may be left.
    mutating func end() throws(TokenizerError) {
        skipSpace()
        guard position == bytes.count else { throw malformed("the end of the file", found: upcoming) }
    }

    /// An error at the current place.
    func malformed(_ expected: String, found: String) -> TokenizerError {
        .malformed(file: file, place: place, expected: expected, found: found)
    }

    /// The key of the current value.
    var keyPath: String {
        var text = ""
        for step in path {
            switch step {
            case .key(let key): text += text.isEmpty ? key : ".\(key)"
            case .index(let index): text += "[\(index)]"
            }
        }
        return text
    }

    /// The key and line of the current value.
    var place: String {
        let line = bytes.prefix(position).count { $0 == UInt8(ascii: "\n") } + 1
        return keyPath.isEmpty ? "line \(line)" : "\(keyPath), line \(line)"
    }
}

// MARK: - Bytes

extension JSONReader {
    private var peek: UInt8 { position < bytes.count ? bytes[position] : 0 }

    private mutating func skipSpace() {
        while position < bytes.count, bytes[position] <= 0x20,
            [0x20, 0x0A, 0x0D, 0x09].contains(bytes[position])
        {
            position += 1
        }
    }

    /// What comes next, for a message.
    private var upcoming: String {
        guard position < bytes.count else { return "the end of the file" }
        let text = String(decoding: bytes[position..<min(position + 20, bytes.count)], as: UTF8.self)
        return "\"\(text.prefix { !$0.isNewline })\""
    }

    private mutating func mismatch(_ expected: Kind) -> TokenizerError {
        let found = kind
        return malformed(expected.rawValue, found: found == .other ? upcoming : found.rawValue)
    }

    private mutating func expect(_ byte: UInt8, _ name: String) throws(TokenizerError) {
        skipSpace()
        guard peek == byte else { throw malformed(name, found: upcoming) }
        position += 1
    }

    private mutating func enter(_ byte: UInt8, _ kind: Kind) throws(TokenizerError) {
        skipSpace()
        guard peek == byte else { throw mismatch(kind) }
        guard path.count < Self.deepest else {
            throw malformed("nesting of at most \(Self.deepest)", found: "more")
        }
        position += 1
    }

    /// Whether the object or array ends here; otherwise passes the comma before its next part.
    private mutating func leave(_ byte: UInt8, isFirst: Bool) throws(TokenizerError) -> Bool {
        skipSpace()
        if peek == byte {
            position += 1
            return true
        }
        if !isFirst {
            try expect(UInt8(ascii: ","), "\",\" or \"\(Character(Unicode.Scalar(byte)))\"")
        }
        return false
    }

    private mutating func take(_ word: StaticString) -> Bool {
        skipSpace()
        return word.withUTF8Buffer { word in
            guard bytes[position...].starts(with: word) else { return false }
            position += word.count
            return true
        }
    }

    private mutating func numberText() throws(TokenizerError) -> String {
        guard kind == .number else { throw mismatch(.number) }
        let start = position
        let parts = Set("+-.eE0123456789".utf8)
        while position < bytes.count, parts.contains(bytes[position]) { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    /// Reads a string as UTF-8.
    mutating func stringBytes() throws(TokenizerError) -> [UInt8] {
        skipSpace()
        guard peek == UInt8(ascii: "\"") else { throw mismatch(.string) }
        position += 1
        var result: [UInt8] = []
        while true {
            let start = position
            while position < bytes.count, bytes[position] >= 0x20, bytes[position] != UInt8(ascii: "\""),
                bytes[position] != UInt8(ascii: "\\")
            {
                position += 1
            }
            result += bytes[start..<position]
            switch peek {
            case UInt8(ascii: "\""):
                position += 1
                return result
            case UInt8(ascii: "\\"):
                position += 1
                result += try escape()
            default: throw malformed("the end of a string", found: upcoming)
            }
        }
    }

    /// Reads what follows a backslash.
    private mutating func escape() throws(TokenizerError) -> [UInt8] {
        let character = peek
        position += 1
        switch character {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [character]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): break
        default:
            position -= 1
            throw malformed("an escape sequence", found: upcoming)
        }
        var value = try hexadecimal()
        if 0xD800..<0xDC00 ~= value, take("\\u") {
            let low = try hexadecimal()
            guard 0xDC00..<0xE000 ~= low else { throw malformed("a surrogate pair", found: upcoming) }
            value = 0x1_0000 + (value - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(value) else {
            throw malformed("a character", found: "a lone surrogate")
        }
        return Array(scalar.utf8)
    }

    private mutating func hexadecimal() throws(TokenizerError) -> UInt32 {
        let digits = bytes[position..<min(position + 4, bytes.count)]
        let text = String(decoding: digits, as: UTF8.self)
        guard digits.count == 4, text.allSatisfy(\.isHexDigit), let value = UInt32(text, radix: 16) else {
            throw malformed("four hexadecimal digits", found: upcoming)
        }
        position += 4
        return value
    }
}
