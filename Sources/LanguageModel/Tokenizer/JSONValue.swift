/// A JSON value as a whole, for the small parts of a file; objects keep the order of their keys.
enum JSONValue: Equatable, Sendable {
    case null
    case boolean(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([Member])

    struct Member: Equatable, Sendable {
        var key: String
        var value: JSONValue
    }

    /// The value of a key; null if there is none, or if this is no object.
    subscript(key: String) -> JSONValue {
        guard case .object(let members) = self else { return .null }
        return members.last { $0.key == key }?.value ?? .null
    }

    /// The string, if this is one.
    var string: String? { if case .string(let value) = self { value } else { nil } }

    /// The truth value, if this is one.
    var boolean: Bool? { if case .boolean(let value) = self { value } else { nil } }

    /// The integer, if this is one.
    var integer: Int? { if case .number(let value) = self { Int(exactly: value) } else { nil } }

    /// The elements, if this is an array.
    var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }

    /// An object with its keys in the given order.
    static func object(_ members: KeyValuePairs<String, JSONValue>) -> JSONValue {
        .object(members.map { Member(key: $0, value: $1) })
    }
}

extension JSONReader {
    /// Reads any value.
    mutating func value() throws(TokenizerError) -> JSONValue {
        switch kind {
        case .object:
            var members: [JSONValue.Member] = []
            try object { (key, reader) throws(TokenizerError) in
                members.append(JSONValue.Member(key: key, value: try reader.value()))
            }
            return .object(members)
        case .array:
            var elements: [JSONValue] = []
            try array { (_, reader) throws(TokenizerError) in elements.append(try reader.value()) }
            return .array(elements)
        case .string: return .string(try string())
        case .boolean: return .boolean(try boolean())
        case .number: return .number(try number())
        case .null where null(): return .null
        case .null, .other: throw malformed("a value", found: "something else")
        }
    }
}

/// Writes JSON with two spaces of indentation, as the field's files are.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    private var depth = 0

    /// Writes a value.
    mutating func write(_ value: JSONValue) {
        switch value {
        case .null: bytes += "null".utf8
        case .boolean(let value): bytes += (value ? "true" : "false").utf8
        case .number(let value): bytes += (Int(exactly: value).map { "\($0)" } ?? "\(value)").utf8
        case .string(let value): write(value)
        case .array(let elements): array(elements) { writer, element in writer.write(element) }
        case .object(let members):
            object(members) { writer, member in
                writer.key(member.key)
                writer.write(member.value)
            }
        }
    }

    /// Writes an object; `member` writes each member.
    mutating func object<Members: Collection>(
        _ members: Members, _ member: (inout JSONWriter, Members.Element) -> Void
    ) {
        list(members, UInt8(ascii: "{"), UInt8(ascii: "}"), member)
    }

    /// Writes an array; `element` writes each element.
    mutating func array<Elements: Collection>(
        _ elements: Elements, _ element: (inout JSONWriter, Elements.Element) -> Void
    ) {
        list(elements, UInt8(ascii: "["), UInt8(ascii: "]"), element)
    }

    private mutating func list<Parts: Collection>(
        _ parts: Parts, _ open: UInt8, _ close: UInt8, _ part: (inout JSONWriter, Parts.Element) -> Void
    ) {
        bytes.append(open)
        depth += 1
        for (index, value) in parts.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            newLine()
            part(&self, value)
        }
        depth -= 1
        if !parts.isEmpty { newLine() }
        bytes.append(close)
    }

    private mutating func newLine() {
        bytes.append(UInt8(ascii: "\n"))
        for _ in 0..<depth { bytes += "  ".utf8 }
    }

    /// Writes a key; its value must follow.
    mutating func key(_ key: String) {
        write(key)
        bytes += ": ".utf8
    }

    /// Writes a value that is JSON already.
    mutating func write(source: [UInt8]) { bytes += source }

    /// Writes a string.
    mutating func write(_ string: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0x0A: bytes += "\\n".utf8
            case 0x0D: bytes += "\\r".utf8
            case 0x09: bytes += "\\t".utf8
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                bytes += ("\\u00" + (digits.count == 1 ? "0" : "") + digits).utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
