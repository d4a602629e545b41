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
