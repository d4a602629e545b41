extension JSONValue: Codable {
    /// Reads the document that JSON text in UTF-8 spells.
    ///
    /// - Parameters:
    ///   - bytes: The text.
    ///   - allowingNonFinite: Whether `NaN`, `Infinity` and `-Infinity` are numbers, as Python writes and reads them.
    public init(parsing bytes: [UInt8], allowingNonFinite: Bool = false) throws(JSONError) {
        try self.init(parsing: bytes, rules: JSONRules(allowsNonFinite: allowingNonFinite))
    }

    /// Reads the document that JSON text in UTF-8 spells, by rules.
    package init(parsing bytes: [UInt8], rules: JSONRules) throws(JSONError) {
        var scanner = JSONScanner(bytes, rules: rules)
        self = try scanner.value()
        try scanner.end()
    }

    /// Reads the document that JSON text spells.
    public init(parsing text: String) throws(JSONError) { try self.init(parsing: Array(text.utf8)) }

    /// Reads a document through a decoder, which may not keep the order of keys; ``decoded(as:)`` does.
    public init(from decoder: any Decoder) throws {
        if let decoding = decoder as? JSONDecoding {
            self = decoding.value
            return
        }
        if let keyed = try? decoder.container(keyedBy: JSONDecoding.Key.self) {
            var object = JSONObject()
            for key in keyed.allKeys {
                object[key.stringValue] = try keyed.decode(JSONValue.self, forKey: key)
            }
            self = .object(object)
            return
        }
        if var list = try? decoder.unkeyedContainer() {
            var elements: [JSONValue] = []
            while !list.isAtEnd { elements.append(try list.decode(JSONValue.self)) }
            self = .array(elements)
            return
        }
        let single = try decoder.singleValueContainer()
        if single.decodeNil() {
            self = .null
        } else if let flag = try? single.decode(Bool.self) {
            self = .bool(flag)
        } else if let value = try? single.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? single.decode(Double.self) {
            self = .number(value)
        } else {
            self = .string(try single.decode(String.self))
        }
    }

    /// Writes the document through an encoder.
    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .object(let object):
            var keyed = encoder.container(keyedBy: JSONDecoding.Key.self)
            for (key, value) in object.members { try keyed.encode(value, forKey: JSONDecoding.Key(key)) }
        case .array(let elements):
            var list = encoder.unkeyedContainer()
            for element in elements { try list.encode(element) }
        case .null:
            var single = encoder.singleValueContainer()
            try single.encodeNil()
        case .bool(let flag): try Self.encode(flag, to: encoder)
        case .integer(let value): try Self.encode(value, to: encoder)
        case .number(let value): try Self.encode(value, to: encoder)
        case .string(let text): try Self.encode(text, to: encoder)
        }
    }

    private static func encode(_ value: some Encodable, to encoder: any Encoder) throws {
        var single = encoder.singleValueContainer()
        try single.encode(value)
    }
}
