/// Reads one JSON document, strictly (RFC 8259) and within a bounded depth.
///
/// Departures: a key given twice keeps its last value, as Python does; whole numbers outside `Int` become
/// `Double`.
struct JSONParser {
    /// Arrays and objects within one another that are followed before a document is called hostile.
    static let greatestDepth = 256

    private let bytes: [UInt8]
    private let allowsNonFinite: Bool
    private var index = 0

    private init(_ bytes: [UInt8], allowsNonFinite: Bool) {
        self.bytes = bytes
        self.allowsNonFinite = allowsNonFinite
    }

    /// The document that the bytes spell; `NaN` and `Infinity` are numbers where that is allowed.
    static func value(of bytes: [UInt8], allowingNonFinite: Bool = false) throws(JSONError) -> JSONValue {
        var parser = JSONParser(bytes, allowsNonFinite: allowingNonFinite)
        parser.skipBlanks()
        let value = try parser.value(depth: 0)
        parser.skipBlanks()
        guard parser.index == bytes.count else { throw parser.failure("text after the document") }
        return value
    }

    private func failure(_ reason: String) -> JSONError { JSONError(reason: reason, offset: index) }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skipBlanks() {
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): index += 1
            default: return
            }
        }
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        guard depth < Self.greatestDepth else { throw failure("nested more than \(Self.greatestDepth) deep") }
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", meaning: .bool(true))
        case UInt8(ascii: "f"): return try word("false", meaning: .bool(false))
        case UInt8(ascii: "n"): return try word("null", meaning: .null)
        case UInt8(ascii: "N") where allowsNonFinite: return try word("NaN", meaning: .number(.nan))
        case UInt8(ascii: "I") where allowsNonFinite: return try word("Infinity", meaning: .number(.infinity))
        case UInt8(ascii: "-") where allowsNonFinite && bytes[index...].starts(with: "-I".utf8):
            return try word("-Infinity", meaning: .number(-.infinity))
        case .some(UInt8(ascii: "-")), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return try number()
        case nil: throw failure("the text ends where a value should stand")
        default: throw failure("no value starts so")
        }
    }

    private mutating func word(_ word: StaticString, meaning: JSONValue) throws(JSONError) -> JSONValue {
        let letters = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        guard bytes[index...].starts(with: letters) else { throw failure("no value starts so") }
        index += letters.count
        return meaning
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
        var members = JSONObject()
        index += 1
        skipBlanks()
        if next == UInt8(ascii: "}") {
            index += 1
            return .object(members)
        }
        while true {
            guard next == UInt8(ascii: "\"") else { throw failure("a key was expected") }
            let key = try string()
            skipBlanks()
            guard next == UInt8(ascii: ":") else { throw failure("a colon was expected") }
            index += 1
            skipBlanks()
            members[key] = try value(depth: depth + 1)
            if try endsList(with: UInt8(ascii: "}")) { return .object(members) }
        }
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
        var elements: [JSONValue] = []
        index += 1
        skipBlanks()
        if next == UInt8(ascii: "]") {
            index += 1
            return .array(elements)
        }
        while true {
            elements.append(try value(depth: depth + 1))
            if try endsList(with: UInt8(ascii: "]")) { return .array(elements) }
        }
    }

    /// Steps over a comma (false) or the closing bracket (true).
    private mutating func endsList(with bracket: UInt8) throws(JSONError) -> Bool {
        skipBlanks()
        switch next {
        case bracket:
            index += 1
            return true
        case UInt8(ascii: ","):
            index += 1
            skipBlanks()
            return false
        default: throw failure("a comma or a closing bracket was expected")
        }
    }
}

// MARK: - Numbers and strings

extension JSONParser {
    private mutating func number() throws(JSONError) -> JSONValue {
        let start = index
        var isWhole = true
        if next == UInt8(ascii: "-") { index += 1 }
        if next == UInt8(ascii: "0") { index += 1 } else { try digits() }
        if next == UInt8(ascii: ".") {
            isWhole = false
            index += 1
            try digits()
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            isWhole = false
            index += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { index += 1 }
            try digits()
        }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        if isWhole, let whole = Int(text) { return .integer(whole) }
        guard let value = Double(text), value.isFinite else { throw failure("a number beyond Double") }
        return .number(value)
    }

    private mutating func digits() throws(JSONError) {
        let start = index
        while let digit = next, digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") { index += 1 }
        guard index > start else { throw failure("a digit was expected") }
    }

    private mutating func string() throws(JSONError) -> String {
        index += 1
        var start = index
        var unescaped: [UInt8] = []
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                let rest = bytes[start..<index]
                guard
                    let text = String(
                        validating: unescaped.isEmpty ? rest : (unescaped + rest)[...], as: UTF8.self)
                else { throw failure("text that is not UTF-8") }
                index += 1
                return text
            case UInt8(ascii: "\\"):
                unescaped += bytes[start..<index]
                index += 1
                try escape(into: &unescaped)
                start = index
            case 0..<0x20: throw failure("a control character within a string")
            default: index += 1
            }
        }
        throw failure("the text ends within a string")
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        let letter = next
        index += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter!)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var code = try fourHexDigits()
            if (0xD800..<0xDC00).contains(code), bytes[index...].starts(with: [0x5C, 0x75]) {
                index += 2
                let low = try fourHexDigits()
                guard (0xDC00..<0xE000).contains(low) else { throw failure("half of a surrogate pair") }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw failure("half of a surrogate pair") }
            text += UTF8.encode(scalar)!
        default: throw failure("no escape sequence starts so")
        }
    }

    private mutating func fourHexDigits() throws(JSONError) -> UInt32 {
        guard index + 4 <= bytes.count else { throw failure("four hexadecimal digits were expected") }
        var code: UInt32 = 0
        for digit in bytes[index..<index + 4] {
            guard let value = Character(Unicode.Scalar(digit)).hexDigitValue else {
                throw failure("four hexadecimal digits were expected")
            }
            code = code << 4 | UInt32(value)
        }
        index += 4
        return code
    }
}
