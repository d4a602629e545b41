// MARK: - Numbers

extension JSONScanner {
    /// Reads a number.
    package mutating func number() throws(JSONError) -> Double {
        let start = offset
        return try double(try numeral().text, at: start)
    }

    /// Reads a whole number, in digits alone, from a range.
    package mutating func integer(in range: ClosedRange<Int>) throws(JSONError) -> Int {
        skipSpace()
        let start = offset
        let expected = "an integer from \(range.lowerBound) to \(range.upperBound)"
        let (text, isWhole) = try numeral(expected: expected)
        guard isWhole, let value = Int(text), range.contains(value) else {
            let isTooLong = isWhole && Int(text) == nil
            throw error(
                at: start, found: isTooLong ? "an integer of more than 63 bits" : nil, expected: expected)
        }
        return value
    }

    /// The text of a number, and whether it has neither fraction nor exponent.
    mutating func numeral(
        expected: String = Kind.number.rawValue
    ) throws(JSONError) -> (text: String, isWhole: Bool) {
        guard kind == .number else { throw error(expected: expected) }
        let start = offset
        for word: StaticString in ["NaN", "Infinity", "-Infinity"] where rules.allowsNonFinite && take(word) {
            return (word.description, false)
        }
        var isWhole = true
        if peek == UInt8(ascii: "-") { offset += 1 }
        let first = peek
        let length = try digits()
        guard first != UInt8(ascii: "0") || length == 1 else {
            throw error(at: start, found: "a leading zero", expected: expected)
        }
        if peek == UInt8(ascii: ".") {
            isWhole = false
            offset += 1
            _ = try digits()
        }
        if peek | 0x20 == UInt8(ascii: "e") {
            isWhole = false
            offset += 1
            if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { offset += 1 }
            _ = try digits()
        }
        isValueDue = false
        return (String(decoding: bytes[start..<offset], as: UTF8.self), isWhole)
    }

    private mutating func digits() throws(JSONError) -> Int {
        let start = offset
        while UInt8(ascii: "0")...UInt8(ascii: "9") ~= peek { offset += 1 }
        guard offset > start else { throw error(expected: "a digit") }
        return offset - start
    }

    func double(_ text: String, at start: Int) throws(JSONError) -> Double {
        guard let value = Double(text), value.isFinite || rules.allowsNonFinite else {
            throw error(at: start, expected: "a number within the range of Double")
        }
        return value
    }
}

// MARK: - Strings

extension JSONScanner {
    /// A string between its quotes, as it is spelled.
    struct Literal {
        var range: Range<Int>
        var isEscaped: Bool
    }

    /// Reads a string without looking into it.
    mutating func literal() throws(JSONError) -> Literal {
        skipSpace()
        guard peek == UInt8(ascii: "\"") else { throw error(expected: Kind.string.rawValue) }
        let start = offset + 1
        var isEscaped = false
        let end = bytes.withUnsafeBufferPointer { bytes in
            var index = start
            while index < bytes.count {
                let byte = bytes[index]
                if byte < 0x20 || byte == UInt8(ascii: "\"") { break }
                if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                    index += 1
                }
                index += 1
            }
            return index
        }
        guard end < bytes.count else {
            throw error(at: start, found: "a string without an end", expected: "a quotation mark")
        }
        guard bytes[end] == UInt8(ascii: "\"") else {
            throw error(at: end, found: "a control character", expected: "it to be escaped in a string")
        }
        offset = end + 1
        return Literal(range: start..<end, isEscaped: isEscaped)
    }

    /// The contents of a string.
    mutating func text(of literal: Literal) throws(JSONError) -> String {
        literal.isEscaped
            ? try text(unescaped(literal.range), at: literal.range.lowerBound)
            : try text(bytes[literal.range], at: literal.range.lowerBound)
    }

    /// The contents of a string, in UTF-8.
    mutating func contents(of literal: Literal) throws(JSONError) -> [UInt8] {
        let contents = literal.isEscaped ? try unescaped(literal.range) : Array(bytes[literal.range])
        if contents.allSatisfy({ $0 < 0x80 }) { return contents }
        return Array(try text(contents, at: literal.range.lowerBound).utf8)
    }

    /// Makes sure that a string could be read.
    mutating func check(_ literal: Literal) throws(JSONError) {
        if literal.isEscaped || !rules.repairsText { _ = try contents(of: literal) }
    }

    private mutating func text(_ utf8: some Collection<UInt8>, at start: Int) throws(JSONError) -> String {
        if let text = String(validating: utf8, as: UTF8.self) { return text }
        guard rules.repairsText else {
            throw error(at: start, found: "ill-formed text", expected: "a string in UTF-8")
        }
        let text = String(decoding: utf8, as: UTF8.self)
        let replacement: Unicode.Scalar = "\u{FFFD}"
        replacements += text.unicodeScalars.count { $0 == replacement }
        // Those that were there already are no repairs.
        var window: (UInt8, UInt8) = (0, 0)
        for byte in utf8 {
            if window == (0xEF, 0xBF), byte == 0xBD { replacements -= 1 }
            window = (window.1, byte)
        }
        return text
    }

    /// A string without its escapes, which are checked.
    private mutating func unescaped(_ range: Range<Int>) throws(JSONError) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(range.count)
        var start = range.lowerBound
        while let backslash = bytes[start..<range.upperBound].firstIndex(of: UInt8(ascii: "\\")) {
            result += bytes[start..<backslash]
            start = backslash + 2
            switch bytes[backslash + 1] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
                result.append(bytes[backslash + 1])
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "f"): result.append(0x0C)
            case UInt8(ascii: "n"): result.append(0x0A)
            case UInt8(ascii: "r"): result.append(0x0D)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "u"): result += String(try scalar(at: &start, before: range.upperBound)).utf8
            default: throw error(at: backslash, expected: "an escape sequence")
            }
        }
        result += bytes[start..<range.upperBound]
        return result
    }

    /// The character of `\u` and four digits, or of two such that are a surrogate pair; `start` is behind the `u`.
    private mutating func scalar(at start: inout Int, before end: Int) throws(JSONError) -> Character {
        let first = try codeUnit(at: start, before: end)
        let escape = start - 2
        start += 4
        if let scalar = Unicode.Scalar(first) { return Character(scalar) }
        if UTF16.isLeadSurrogate(first), bytes[start..<end].starts(with: "\\u".utf8) {
            let second = try codeUnit(at: start + 2, before: end)
            if UTF16.isTrailSurrogate(second) {
                start += 6
                let pair = 0x1_0000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00)
                if let scalar = Unicode.Scalar(pair) { return Character(scalar) }
            }
        }
        guard rules.repairsText else {
            throw error(at: escape, found: "half of a surrogate pair", expected: "a character")
        }
        replacements += 1
        return "\u{FFFD}"
    }

    private func codeUnit(at start: Int, before end: Int) throws(JSONError) -> UInt16 {
        var unit: UInt16 = 0
        for index in start..<start + 4 {
            guard index < end, let digit = Character(Unicode.Scalar(bytes[index])).hexDigitValue else {
                throw error(at: start, expected: "four hexadecimal digits")
            }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }
}
