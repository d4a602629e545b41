/// The layout of a document as text; the default is that of Python's `json.dumps`.
public struct JSONStyle: Hashable, Sendable {
    /// Text put before each nested line, per level; nil keeps all on one line.
    public var indentation: String?
    /// Between two elements or members; a line break follows it when indented.
    public var elementSeparator: String
    /// Between a key and its value.
    public var keySeparator: String
    /// Whether keys are written in the order of their code points.
    public var sortsKeys: Bool
    /// Whether characters beyond ASCII are written as `\u` escapes.
    public var escapesNonASCII: Bool

    /// `{"a": 1, "b": [2, 3]}`.
    public static let spaced = JSONStyle()
    /// `{"a":1,"b":[2,3]}`.
    public static let compact = JSONStyle(elementSeparator: ",", keySeparator: ":")
    /// Two blanks for each level: `json.dumps(…, indent=2)`.
    public static let indented = JSONStyle(indentation: "  ")
    /// Two blanks for each level, keys sorted: `json.dumps(…, indent=2, sort_keys=True)`.
    public static let sorted = JSONStyle(indentation: "  ", sortsKeys: true)

    /// A layout; the separator between elements loses its blank when lines are indented.
    public init(
        indentation: String? = nil, elementSeparator: String? = nil, keySeparator: String = ": ",
        sortsKeys: Bool = false, escapesNonASCII: Bool = false
    ) {
        self.indentation = indentation
        self.elementSeparator = elementSeparator ?? (indentation == nil ? ", " : ",")
        self.keySeparator = keySeparator
        self.sortsKeys = sortsKeys
        self.escapesNonASCII = escapesNonASCII
    }
}

/// Writes JSON piece by piece.
package struct JSONWriter {
    /// The bytes written so far.
    package private(set) var bytes: [UInt8] = []
    private let style: JSONStyle
    private var depth = 0

    package init(_ style: JSONStyle = .spaced) { self.style = style }

    /// Writes a value.
    package mutating func write(_ value: JSONValue) {
        switch value {
        case .null: bytes += "null".utf8
        case .bool(let flag): bytes += (flag ? "true" : "false").utf8
        case .integer(let number): bytes += String(number).utf8
        case .number(let number): bytes += Self.spelling(of: number).utf8
        case .string(let text): write(text)
        case .array(let elements): array(elements) { writer, element in writer.write(element) }
        case .object(let object):
            var members = Array(object.members)
            if style.sortsKeys {
                members.sort { $0.key.unicodeScalars.lexicographicallyPrecedes($1.key.unicodeScalars) }
            }
            self.object(members) { writer, member in
                writer.key(member.key)
                writer.write(member.value)
            }
        }
    }

    /// Writes a string.
    package mutating func write(_ text: String) {
        guard style.escapesNonASCII else { return bytes.appendJSON(text) }
        var quoted: [UInt8] = []
        quoted.appendJSON(text)
        for scalar in String(decoding: quoted, as: UTF8.self).unicodeScalars {
            if scalar.value < 0x7F {
                bytes.append(UInt8(scalar.value))
            } else {
                for unit in String(scalar).utf16 { bytes.appendEscape(unit) }
            }
        }
    }

    /// Writes a value that is JSON already.
    package mutating func write(source: [UInt8]) { bytes += source }

    /// Writes an object; `member` writes each key and value.
    package mutating func object<Members: Collection>(
        _ members: Members, _ member: (inout JSONWriter, Members.Element) -> Void
    ) {
        list(members, UInt8(ascii: "{"), UInt8(ascii: "}"), member)
    }

    /// Writes an array; `element` writes each element.
    package mutating func array<Elements: Collection>(
        _ elements: Elements, _ element: (inout JSONWriter, Elements.Element) -> Void
    ) {
        list(elements, UInt8(ascii: "["), UInt8(ascii: "]"), element)
    }

    /// Writes a key; its value must follow.
    package mutating func key(_ key: String) {
        write(key)
        bytes += style.keySeparator.utf8
    }

    private mutating func list<Parts: Collection>(
        _ parts: Parts, _ open: UInt8, _ close: UInt8, _ part: (inout JSONWriter, Parts.Element) -> Void
    ) {
        bytes.append(open)
        depth += 1
        for (index, value) in parts.enumerated() {
            if index > 0 { bytes += style.elementSeparator.utf8 }
            breakLine()
            part(&self, value)
        }
        depth -= 1
        if !parts.isEmpty { breakLine() }
        bytes.append(close)
    }

    private mutating func breakLine() {
        guard let indentation = style.indentation else { return }
        bytes.append(UInt8(ascii: "\n"))
        for _ in 0..<depth { bytes += indentation.utf8 }
    }

    /// The shortest decimal that reads back as the value, as Python spells it.
    private static func spelling(of value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        return value.description
    }
}

extension JSONValue {
    /// This document as text.
    public func text(_ style: JSONStyle = .spaced) -> String {
        var writer = JSONWriter(style)
        writer.write(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

extension [UInt8] {
    /// Appends text as a JSON string, with the escapes that JSON asks for and no others.
    package mutating func appendJSON(_ text: String) {
        append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { bytes in
            var copied = 0
            for index in bytes.indices {
                let byte = bytes[index]
                guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
                else { continue }
                append(contentsOf: UnsafeBufferPointer(rebasing: bytes[copied..<index]))
                copied = index + 1
                switch byte {
                case 0x08: self += "\\b".utf8
                case 0x09: self += "\\t".utf8
                case 0x0A: self += "\\n".utf8
                case 0x0C: self += "\\f".utf8
                case 0x0D: self += "\\r".utf8
                case 0..<0x20: appendEscape(UInt16(byte))
                default: self += [UInt8(ascii: "\\"), byte]
                }
            }
            append(contentsOf: UnsafeBufferPointer(rebasing: bytes[copied...]))
        }
        append(UInt8(ascii: "\""))
    }

    fileprivate mutating func appendEscape(_ unit: UInt16) {
        let digits = String(unit, radix: 16)
        self += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8
    }
}
