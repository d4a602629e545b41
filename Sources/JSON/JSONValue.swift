/// A JSON document, with the order of its keys kept.
///
/// Chat templates print tool schemas key by key, so the order in which a file wrote them is part of what a
/// model is trained on; Foundation's decoder forgets it.
public enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// The text of a JSON string, nil of anything else.
    public var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The truth of a JSON boolean, nil of anything else.
    public var bool: Bool? {
        if case .bool(let flag) = self { flag } else { nil }
    }

    /// The value of a JSON number, nil of anything else.
    public var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// The value of a JSON number that is whole, nil of anything else.
    public var integer: Int? {
        switch self {
        case .integer(let value): value
        case .number(let value): Int(exactly: value)
        default: nil
        }
    }

    /// The value of a JSON boolean, or of the numbers 1 and 0; nil for anything else.
    package var flag: Bool? {
        switch (self, integer) {
        case (.bool(let flag), _): flag
        case (_, 0): false
        case (_, 1): true
        default: nil
        }
    }

    /// The elements of a JSON array, nil of anything else.
    public var array: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The members of a JSON object, nil of anything else.
    public var object: JSONObject? {
        if case .object(let members) = self { members } else { nil }
    }

    /// The member of an object, nil when there is none or this is no object.
    public subscript(key: String) -> JSONValue? { object?[key] }

    /// The word for this kind of value in messages: `a string`, `null`, ….
    public var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .integer, .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }

    /// The shortest decimal that reads back as the same 32-bit float, so that 1e-6 is written without a tail.
    package static func decimal(_ value: Float) -> JSONValue { .number(Double("\(value)") ?? Double(value)) }

    /// The value of a number, the words of a short string, and else the kind of value, for messages.
    package var shown: String {
        switch self {
        case .integer, .number: text()
        case .string(let words) where words.utf8.count <= 40: text()
        default: kind
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
    ExpressibleByNilLiteral
{
    /// A JSON string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A whole JSON number.
    public init(integerLiteral value: Int) { self = .integer(value) }
    /// A JSON number.
    public init(floatLiteral value: Double) { self = .number(value) }
    /// A JSON boolean.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// A JSON array.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// A JSON object, its keys in the order written.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(JSONObject(elements))
    }
    /// JSON's `null`.
    public init(nilLiteral: ()) { self = .null }
}
