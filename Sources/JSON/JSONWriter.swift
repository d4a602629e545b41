/// How a document is laid out as text; the default is that of Python's `json.dumps`.
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

extension JSONValue {
    /// This document as text.
    public func text(_ style: JSONStyle = .spaced) -> String {
        var text = ""
        write(to: &text, style, depth: 0)
        return text
    }

    private func write(to text: inout String, _ style: JSONStyle, depth: Int) {
        switch self {
        case .null: text += "null"
        case .bool(let flag): text += flag ? "true" : "false"
        case .integer(let value): text += String(value)
        case .number(let value): text += Self.spelling(of: value)
        case .string(let value): Self.write(value, to: &text, escapesNonASCII: style.escapesNonASCII)
        case .array(let elements):
            Self.writeList(elements, in: ("[", "]"), to: &text, style, depth) { element, text in
                element.write(to: &text, style, depth: depth + 1)
            }
        case .object(let object):
            var members = Array(object.members)
            if style.sortsKeys {
                members.sort { $0.key.unicodeScalars.lexicographicallyPrecedes($1.key.unicodeScalars) }
            }
            Self.writeList(members, in: ("{", "}"), to: &text, style, depth) { member, text in
                Self.write(member.key, to: &text, escapesNonASCII: style.escapesNonASCII)
                text += style.keySeparator
                member.value.write(to: &text, style, depth: depth + 1)
            }
        }
    }

    private static func writeList<Element>(
        _ list: [Element], in brackets: (String, String), to text: inout String, _ style: JSONStyle,
        _ depth: Int, _ writeElement: (Element, inout String) -> Void
    ) {
        text += brackets.0
        for (position, element) in list.enumerated() {
            if position > 0 { text += style.elementSeparator }
            if let indentation = style.indentation {
                text += "\n" + String(repeating: indentation, count: depth + 1)
            }
            writeElement(element, &text)
        }
        if let indentation = style.indentation, !list.isEmpty {
            text += "\n" + String(repeating: indentation, count: depth)
        }
        text += brackets.1
    }

    /// The shortest decimal that reads back as the value, as Python spells it.
    static func spelling(of value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        return value.description
    }

    /// Writes a string between quotes, with the escapes that JSON asks for and no others.
    static func write(_ string: String, to text: inout String, escapesNonASCII: Bool = false) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{08}": text += "\\b"
            case "\u{0C}": text += "\\f"
            case _ where scalar.value < 0x20: text += escape(UInt16(scalar.value))
            case _ where escapesNonASCII && scalar.value > 0x7E:
                for unit in UTF16.encode(scalar)! { text += escape(unit) }
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }

    private static func escape(_ unit: UInt16) -> String {
        let digits = String(unit, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
}
