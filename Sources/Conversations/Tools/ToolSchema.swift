/// The JSON schema of a type, found by decoding a value of it from nothing.
///
/// | Swift | schema |
/// |---|---|
/// | `String`, `Bool`, numbers | `string`, `boolean`, `integer`, `number`; those without a sign from 0 |
/// | an enum of raw values that is `CaseIterable` | `enum` of them |
/// | `[Element]` | `array` |
/// | `[String: Value]` | `object` with `additionalProperties` |
/// | a type with keys | `object` with `properties`; the keys that are not optional are `required` |
/// | `JSONValue` | any value |
///
/// - Throws: ``ToolSchemaError`` where the type reads itself in another way, or contains itself.
func schema<Value: Decodable>(
    of type: Value.Type, describing descriptions: [String: String]
) throws(ToolSchemaError) -> JSONValue {
    do {
        var found = try SchemaProbe(path: [], within: []).value(type).schema
        guard let object = found.object, object["properties"] != nil || object["additionalProperties"] != nil
        else { throw ToolSchemaError(type: "\(type)", path: "", reason: "is not an object with keys") }
        var properties = object["properties"]?.object ?? [:]
        for (key, text) in descriptions.sorted(by: { $0.key < $1.key }) {
            guard var property = properties[key]?.object else {
                throw ToolSchemaError(
                    type: "\(type)", path: key, reason: "is described, and there is no such key")
            }
            property["description"] = .string(text)
            properties[key] = .object(property)
        }
        if case .object(var whole) = found, whole["properties"] != nil {
            whole["properties"] = .object(properties)
            found = .object(whole)
        }
        return found
    } catch let error as ToolSchemaError {
        throw error
    } catch {
        throw ToolSchemaError(
            type: "\(type)", path: "", reason: "cannot be read from example values: \(error)")
    }
}

/// The reason why no schema is found for a type; a schema may then be declared.
public struct ToolSchemaError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The type of the arguments.
    public var type: String
    /// The key within it; empty for the type itself.
    public var path: String
    /// A clause that says what is wrong.
    public var reason: String

    /// One line for people.
    public var description: String {
        "\(path.isEmpty ? type : "\(type).\(path)") \(reason); a schema can be declared with parameters"
    }
}

/// Decodes example values, and notes what is asked for.
private struct SchemaProbe: Decoder {
    /// What a type asked its decoder for.
    final class Notes {
        var properties: JSONObject?
        var optional: Set<String> = []
        var single: JSONValue?
        var isList = false
    }

    let path: [String]
    /// The types around this place.
    let within: [Any.Type]
    let notes = Notes()
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(path: [String], within: [Any.Type]) { (self.path, self.within) = (path, within) }

    func problem(_ reason: String) -> ToolSchemaError {
        ToolSchemaError(
            type: "\(within.first ?? Never.self)", path: path.joined(separator: "."), reason: reason)
    }

    func at(_ key: String, in type: Any.Type) -> SchemaProbe {
        SchemaProbe(path: path + [key], within: within + [type])
    }

    /// The schema of a type, with an example.
    func value<Value: Decodable>(_ type: Value.Type) throws -> (schema: JSONValue, example: Value) {
        if let known = type as? any KnownSchema.Type {
            let (schema, example) = try known.known(by: self)
            return (schema, example as! Value)
        }
        if let choice = type as? any CaseIterable.Type {
            let values = Self.cases(choice)
            if let values, let first = values.first {
                return (["enum": .array(values.map(\.raw))], first.value as! Value)
            }
        }
        guard !within.contains(where: { $0 == type }) else { throw problem("contains itself") }
        let probe = SchemaProbe(path: path, within: within + [type])
        let example = try Value(from: probe)
        if let properties = probe.notes.properties {
            var object: JSONObject = ["type": "object", "properties": .object(properties)]
            let required = properties.keys.filter { !probe.notes.optional.contains($0) }
            if !required.isEmpty { object["required"] = .array(required.map { .string($0) }) }
            object["additionalProperties"] = false
            return (.object(object), example)
        }
        guard let single = probe.notes.single, !probe.notes.isList else {
            throw probe.problem("reads a list in a way of its own")
        }
        return (single, example)
    }

    /// The cases of an enum with their raw values; nil where there are none of JSON's kinds.
    private static func cases<Choice: CaseIterable>(_ type: Choice.Type) -> [(raw: JSONValue, value: Any)]? {
        var cases: [(JSONValue, Any)] = []
        for choice in type.allCases {
            switch (choice as? any RawRepresentable)?.rawValue {
            case let text as String: cases.append((.string(text), choice))
            case let number as Int: cases.append((.integer(number), choice))
            default: return nil
            }
        }
        return cases
    }

    func container<Key>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        if notes.properties == nil { notes.properties = [:] }
        return KeyedDecodingContainer(Members<Key>(probe: self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw problem("reads a list in a way of its own")
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { Single(probe: self) }

    private struct Members<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let probe: SchemaProbe
        var codingPath: [any CodingKey] { [] }
        var allKeys: [Key] { [] }

        /// Asked only of keys that may be missing.
        func contains(_ key: Key) -> Bool {
            probe.notes.optional.insert(key.stringValue)
            return true
        }

        func decodeNil(forKey key: Key) -> Bool { false }

        func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
            let place = SchemaProbe(path: probe.path + [key.stringValue], within: probe.within)
            let (schema, example) = try place.value(type)
            if type is any OptionalSchema.Type { probe.notes.optional.insert(key.stringValue) }
            probe.notes.properties?[key.stringValue] = schema
            return example
        }

        func nestedContainer<Nested>(
            keyedBy type: Nested.Type, forKey key: Key
        ) throws -> KeyedDecodingContainer<Nested> {
            throw probe.problem("reads \(key.stringValue) in a way of its own")
        }
        func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
            throw probe.problem("reads \(key.stringValue) in a way of its own")
        }
        func superDecoder() -> any Decoder { probe }
        func superDecoder(forKey key: Key) throws -> any Decoder {
            throw probe.problem("reads \(key.stringValue) in a way of its own")
        }
    }

    private struct Single: SingleValueDecodingContainer {
        let probe: SchemaProbe
        var codingPath: [any CodingKey] { [] }
        func decodeNil() -> Bool { false }
        func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
            let (schema, example) = try probe.value(type)
            probe.notes.single = schema
            return example
        }
    }
}

// MARK: - Types that are known

private protocol KnownSchema {
    /// The schema of the type, with an example of it.
    static func known(by probe: SchemaProbe) throws -> (JSONValue, Any)
}

private protocol OptionalSchema {}

extension String: KnownSchema {
    fileprivate static func known(by probe: SchemaProbe) -> (JSONValue, Any) { (["type": "string"], "") }
}

extension Bool: KnownSchema {
    fileprivate static func known(by probe: SchemaProbe) -> (JSONValue, Any) { (["type": "boolean"], false) }
}

extension JSONValue: KnownSchema {
    fileprivate static func known(by probe: SchemaProbe) -> (JSONValue, Any) { ([:], JSONValue.null) }
}

extension KnownSchema where Self: BinaryFloatingPoint {
    fileprivate static func known(by probe: SchemaProbe) -> (JSONValue, Any) { (["type": "number"], Self(0)) }
}

extension KnownSchema where Self: FixedWidthInteger {
    fileprivate static func known(by probe: SchemaProbe) -> (JSONValue, Any) {
        var schema: JSONObject = ["type": "integer"]
        if !isSigned { schema["minimum"] = 0 }
        if bitWidth < 64 {
            schema["minimum"] = .integer(Int(Self.min))
            schema["maximum"] = .integer(Int(Self.max))
        }
        return (.object(schema), Self(0))
    }
}

extension Double: KnownSchema {}
extension Float: KnownSchema {}
extension Int: KnownSchema {}
extension Int8: KnownSchema {}
extension Int16: KnownSchema {}
extension Int32: KnownSchema {}
extension Int64: KnownSchema {}
extension UInt: KnownSchema {}
extension UInt8: KnownSchema {}
extension UInt16: KnownSchema {}
extension UInt32: KnownSchema {}
extension UInt64: KnownSchema {}

extension Optional: KnownSchema, OptionalSchema where Wrapped: Decodable {
    fileprivate static func known(by probe: SchemaProbe) throws -> (JSONValue, Any) {
        (try probe.value(Wrapped.self).schema, Wrapped?.none as Any)
    }
}

extension Array: KnownSchema where Element: Decodable {
    fileprivate static func known(by probe: SchemaProbe) throws -> (JSONValue, Any) {
        (["type": "array", "items": try probe.value(Element.self).schema], [Element]())
    }
}

extension Dictionary: KnownSchema where Key == String, Value: Decodable {
    fileprivate static func known(by probe: SchemaProbe) throws -> (JSONValue, Any) {
        (
            ["type": "object", "additionalProperties": try probe.value(Value.self).schema],
            [String: Value]()
        )
    }
}
