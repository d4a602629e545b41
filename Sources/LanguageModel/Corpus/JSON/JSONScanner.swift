/// Reads JSON token by token, checking its grammar; depth and memory stay bounded whatever the input is.
///
/// - SeeAlso: RFC 8259. Departures: malformed UTF-8 inside strings is passed on for the reader to repair.
package struct JSONScanner {
    /// A piece of JSON. Keys and strings are the bytes between their quotes, escapes still in them.
    package enum Token {
        case beginObject, endObject, beginArray, endArray
        case key(Range<Int>, escaped: Bool)
        case string(Range<Int>, escaped: Bool)
        case number, literal
    }

    /// What was wrong, and at which byte, from one.
    package struct Fault: Error {
        package let byte: Int
        package let found: String
        package let expected: String
    }

    /// Objects and arrays inside one another.
    package static let maximumDepth = 256

    private enum Expected { case value, valueOrEnd, key, keyOrEnd, commaOrEnd, nothing }

    let bytes: [UInt8]
    private var index: Int
    private var expected = Expected.value
    /// Whether each open container is an object.
    private var containers: [Bool] = []

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        self.index = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
    }

    /// How many containers are open.
    var depth: Int { containers.count }
    /// How far reading has come.
    var position: Int { index }

    /// The next token; nil after a complete value.
    package mutating func next() throws(Fault) -> Token? {
        skipSpace()
        if expected == .commaOrEnd, index < bytes.count, bytes[index] == UInt8(ascii: ",") {
            index += 1
            skipSpace()
            expected = containers.last == true ? .key : .value
        }
        guard index < bytes.count else {
            if expected == .nothing { return nil }
            throw fault(expecting: "more JSON")
        }
        let byte = bytes[index]
        switch (byte, expected) {
        case (UInt8(ascii: "}"), .keyOrEnd), (UInt8(ascii: "}"), .commaOrEnd):
            guard containers.last == true else { throw fault(expecting: "a comma or ]") }
            close()
            return .endObject
        case (UInt8(ascii: "]"), .valueOrEnd), (UInt8(ascii: "]"), .commaOrEnd):
            guard containers.last == false else { throw fault(expecting: "a comma or }") }
            close()
            return .endArray
        case (UInt8(ascii: "\""), .key), (UInt8(ascii: "\""), .keyOrEnd):
            let (range, escaped) = try string()
            skipSpace()
            guard index < bytes.count, bytes[index] == UInt8(ascii: ":") else {
                throw fault(expecting: "a colon")
            }
            index += 1
            expected = .value
            return .key(range, escaped: escaped)
        case (_, .value), (_, .valueOrEnd): return try value(byte)
        case (_, .key), (_, .keyOrEnd): throw fault(expecting: "a key in quotes")
        case (_, .commaOrEnd):
            throw fault(expecting: containers.last == true ? "a comma or }" : "a comma or ]")
        case (_, .nothing): throw fault(expecting: "the end")
        }
    }

    private mutating func value(_ byte: UInt8) throws(Fault) -> Token {
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            guard containers.count < Self.maximumDepth else {
                throw Fault(
                    byte: index + 1, found: "containers inside one another",
                    expected: "at most \(Self.maximumDepth)")
            }
            index += 1
            let isObject = byte == UInt8(ascii: "{")
            containers.append(isObject)
            expected = isObject ? .keyOrEnd : .valueOrEnd
            return isObject ? .beginObject : .beginArray
        case UInt8(ascii: "\""):
            let (range, escaped) = try string()
            endValue()
            return .string(range, escaped: escaped)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            try number()
            endValue()
            return .number
        default:
            for word in ["true", "false", "null"] where bytes[index...].starts(with: word.utf8) {
                index += word.utf8.count
                endValue()
                return .literal
            }
            throw fault(expecting: "a value")
        }
    }

    private mutating func close() {
        index += 1
        containers.removeLast()
        endValue()
    }

    private mutating func endValue() { expected = containers.isEmpty ? .nothing : .commaOrEnd }

    private mutating func skipSpace() {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x09, 0x0a, 0x0d: index += 1
            default: return
            }
        }
    }

    private mutating func string() throws(Fault) -> (Range<Int>, Bool) {
        index += 1
        let start = index
        var escaped = false
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                index += 1
                return (start..<index - 1, escaped)
            case UInt8(ascii: "\\"):
                escaped = true
                index += 2
            case 0..<0x20:
                throw fault(expecting: "an escape, since control characters may not stand in a string")
            default: index += 1
            }
        }
        index = bytes.count
        throw fault(expecting: "the closing quote of a string")
    }

    private mutating func number() throws(Fault) {
        if bytes[index] == UInt8(ascii: "-") { index += 1 }
        try digits()
        if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            index += 1
            try digits()
        }
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            if index < bytes.count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") {
                index += 1
            }
            try digits()
        }
    }

    private mutating func digits() throws(Fault) {
        let start = index
        while index < bytes.count, UInt8(ascii: "0")...UInt8(ascii: "9") ~= bytes[index] { index += 1 }
        if index == start { throw fault(expecting: "a digit") }
    }

    private func fault(expecting expected: String) -> Fault {
        let found = index < bytes.count ? visible(bytes[index]) : "the end"
        return Fault(byte: index + 1, found: found, expected: expected)
    }
}

/// A byte as it is shown in a message.
func visible(_ byte: UInt8) -> String {
    0x21..<0x7f ~= byte
        ? "‘\(Character(Unicode.Scalar(byte)))’" : "byte 0x" + String(byte, radix: 16)
}
