/// The text of a JSON string from the bytes between its quotes.
///
/// - Returns: The text, and in how many places malformed UTF-8 or half a surrogate pair became U+FFFD.
/// - Throws: The fault, at its byte, when an escape is none of JSON's.
package func unescapedJSONString(
    _ bytes: [UInt8], _ range: Range<Int>, escaped: Bool
) throws(JSONScanner.Fault) -> (text: String, replacements: Int) {
    guard escaped else { return validated(Array(bytes[range])) }
    var out: [UInt8] = []
    out.reserveCapacity(range.count)
    var replacements = 0
    var index = range.lowerBound
    while index < range.upperBound {
        let byte = bytes[index]
        guard byte == UInt8(ascii: "\\") else {
            out.append(byte)
            index += 1
            continue
        }
        let kind = index + 1 < range.upperBound ? bytes[index + 1] : 0
        index += 2
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(kind)
        case UInt8(ascii: "n"): out.append(0x0a)
        case UInt8(ascii: "t"): out.append(0x09)
        case UInt8(ascii: "r"): out.append(0x0d)
        case UInt8(ascii: "b"): out.append(0x08)
        case UInt8(ascii: "f"): out.append(0x0c)
        case UInt8(ascii: "u"):
            let unit = try hexadecimal(bytes, index, range.upperBound)
            index += 4
            var scalar = unit
            if 0xd800..<0xdc00 ~= unit, index + 1 < range.upperBound, bytes[index] == UInt8(ascii: "\\"),
                bytes[index + 1] == UInt8(ascii: "u")
            {
                let low = try hexadecimal(bytes, index + 2, range.upperBound)
                if 0xdc00..<0xe000 ~= low {
                    scalar = 0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00)
                    index += 6
                }
            }
            if Unicode.Scalar(scalar) == nil { replacements += 1 }
            out.append(contentsOf: String(Character(Unicode.Scalar(scalar) ?? "\u{fffd}")).utf8)
        default: throw JSONScanner.Fault(byte: index, found: visible(kind), expected: "an escape of JSON")
        }
    }
    let (text, more) = validated(out)
    return (text, replacements + more)
}

private func validated(_ bytes: [UInt8]) -> (String, Int) {
    if let text = String(validating: bytes, as: UTF8.self) { return (text, 0) }
    return (String(decoding: bytes, as: UTF8.self), UTF8Scan(bytes).faults)
}

private func hexadecimal(_ bytes: [UInt8], _ start: Int, _ end: Int) throws(JSONScanner.Fault) -> UInt32 {
    var value: UInt32 = 0
    for index in start..<start + 4 {
        guard index < end, let digit = Character(Unicode.Scalar(bytes[index])).hexDigitValue else {
            throw JSONScanner.Fault(
                byte: index + 1, found: "another character", expected: "a hexadecimal digit")
        }
        value = value << 4 | UInt32(digit)
    }
    return value
}

extension [UInt8] {
    /// Appends text as a JSON string.
    package mutating func appendJSONString(_ text: String) {
        append(UInt8(ascii: "\""))
        text.withUTF8Bytes { bytes in
            reserveCapacity(count + bytes.count + bytes.count / 16)
            var copied = 0
            for index in bytes.indices {
                let byte = bytes[index]
                guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else {
                    continue
                }
                append(contentsOf: UnsafeBufferPointer(rebasing: bytes[copied..<index]))
                copied = index + 1
                append(UInt8(ascii: "\\"))
                switch byte {
                case 0x0a: append(UInt8(ascii: "n"))
                case 0x0d: append(UInt8(ascii: "r"))
                case 0x09: append(UInt8(ascii: "t"))
                case 0..<0x20:
                    append(contentsOf: "u00".utf8)
                    append(contentsOf: (byte < 16 ? "0" : "").utf8)
                    append(contentsOf: String(byte, radix: 16).utf8)
                default: append(byte)
                }
            }
            append(contentsOf: UnsafeBufferPointer(rebasing: bytes[copied...]))
        }
        append(UInt8(ascii: "\""))
    }
}
