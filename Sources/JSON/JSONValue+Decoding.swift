/// A mismatch between a value of a document and the type to decode.
public struct JSONMismatch: Error, Hashable, Sendable, CustomStringConvertible {
    /// The key, such as `model.merges[3]`; empty for the document itself.
    public var path: String
    /// The value there, or its kind; `nothing` where the key is missing.
    public var found: String
    /// A description of the value that the type expects.
    public var expected: String

    /// One line for people.
    public var description: String {
        (path.isEmpty ? "" : "\"\(path)\": ") + "found \(found), expected \(expected)"
    }
}

extension JSONValue {
    /// Makes a value of this document.
    ///
    ///     let facts = try JSONValue(parsing: bytes).decoded(as: FactTable.self)
    ///
    /// Keys that the type does not ask for are passed over; `null` is as good as no value. Whole numbers are exact up to
    /// 63 bits.
    public func decoded<Value: Decodable>(as type: Value.Type = Value.self) throws(JSONMismatch) -> Value {
        try decoded(as: type, noting: nil)
    }

    /// Makes a value of this document, every key of which the type must ask for: a key that is not known may change what the
    /// others mean.
    package func decodedWhole<Value: Decodable>(
        as type: Value.Type = Value.self
    ) throws(JSONMismatch) -> Value {
        let keys = AskedKeys()
        let value = try decoded(as: type, noting: keys)
        if let unasked = keys.firstUnasked(in: self) {
            throw JSONMismatch(
                path: unasked.place, found: "a key that is not known",
                expected: unasked.asked.isEmpty ? "none" : "one of \(unasked.asked.joined(separator: ", "))")
        }
        return value
    }

    private func decoded<Value: Decodable>(
        as type: Value.Type, noting keys: AskedKeys?
    ) throws(JSONMismatch) -> Value {
        do {
            return try JSONDecoding(value: self, codingPath: [], askedKeys: keys).decode(type)
        } catch let error as JSONMismatch {
            throw error
        } catch {
            throw JSONMismatch(path: "", found: shown, expected: "\(error)")
        }
    }
}

/// A place in a document, as Swift's `Decodable` looks at it.
struct JSONDecoding: Decoder, SingleValueDecodingContainer {
    let value: JSONValue
    let codingPath: [any CodingKey]
    /// Notes the keys that are asked for; nil where those that are not do not matter.
    var askedKeys: AskedKeys?
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    /// A key of an object, or the number of an element.
    struct Key: CodingKey {
        var stringValue: String
        var intValue: Int?

        init(_ name: String) { stringValue = name }
        init(_ number: Int) { (stringValue, intValue) = ("\(number)", number) }
        init?(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { self.init(intValue) }
    }

    func container<Key>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard let object = value.object else { throw mismatch("an object") }
        askedKeys?.open(codingPath)
        return KeyedDecodingContainer(Members<Key>(decoding: self, object: object))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard let elements = value.array else { throw mismatch("a list") }
        return Elements(decoding: self, elements: elements)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    func decodeNil() -> Bool { value == .null }

    /// Decodes a value: scalars come from the document, all else through the type's own decoding.
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        if let document = value as? Value { return document }
        if let scalar = type as? any JSONScalar.Type {
            guard let found = scalar.init(value) as? Value else { throw mismatch(scalar.expected) }
            return found
        }
        do {
            return try Value(from: self)
        } catch is DecodingError {
            // Such as a word that is none of an enum's.
            throw mismatch((type as? any CaseIterable.Type).map(Self.choices) ?? "a \(type)")
        }
    }

    func mismatch(_ expected: String, found: String? = nil) -> JSONMismatch {
        let path = codingPath.reduce(into: "") { path, key in
            if let number = key.intValue {
                path += "[\(number)]"
            } else {
                path += path.isEmpty ? key.stringValue : ".\(key.stringValue)"
            }
        }
        return JSONMismatch(path: path, found: found ?? value.shown, expected: expected)
    }

    private static func choices(_ type: any CaseIterable.Type) -> String {
        func names<Choice: CaseIterable>(_ type: Choice.Type) -> String {
            type.allCases.map { choice in
                (choice as? any RawRepresentable).map { "\($0.rawValue)" } ?? "\(choice)"
            }.joined(separator: ", ")
        }
        return "one of \(names(type))"
    }
}

extension JSONDecoding {
    /// The members of an object.
    fileprivate struct Members<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let decoding: JSONDecoding
        let object: JSONObject
        var codingPath: [any CodingKey] { decoding.codingPath }
        var allKeys: [Key] { object.keys.compactMap { Key(stringValue: $0) } }

        func contains(_ key: Key) -> Bool {
            decoding.askedKeys?.ask(for: key, at: codingPath)
            return object[key.stringValue] != nil
        }

        func decodeNil(forKey key: Key) -> Bool { (object[key.stringValue] ?? .null) == .null }

        func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
            try member(key, expected: (type as? any JSONScalar.Type)?.expected ?? "a value").decode(type)
        }

        func nestedContainer<Nested>(
            keyedBy type: Nested.Type, forKey key: Key
        ) throws -> KeyedDecodingContainer<Nested> {
            try member(key, expected: "an object").container(keyedBy: type)
        }

        func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
            try member(key, expected: "a list").unkeyedContainer()
        }

        func superDecoder() -> any Decoder { decoding }
        func superDecoder(forKey key: Key) throws -> any Decoder { try member(key, expected: "a value") }

        private func member(_ key: Key, expected: String) throws -> JSONDecoding {
            let place = JSONDecoding(
                value: object[key.stringValue] ?? .null, codingPath: codingPath + [key],
                askedKeys: decoding.askedKeys)
            guard contains(key) else { throw place.mismatch(expected, found: "nothing") }
            return place
        }
    }

    /// The elements of a list, one after another.
    fileprivate struct Elements: UnkeyedDecodingContainer {
        let decoding: JSONDecoding
        let elements: [JSONValue]
        var codingPath: [any CodingKey] { decoding.codingPath }
        var count: Int? { elements.count }
        private(set) var currentIndex = 0
        var isAtEnd: Bool { currentIndex == elements.count }

        init(decoding: JSONDecoding, elements: [JSONValue]) {
            self.decoding = decoding
            self.elements = elements
        }

        mutating func decodeNil() -> Bool {
            guard !isAtEnd, elements[currentIndex] == .null else { return false }
            currentIndex += 1
            return true
        }

        mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try next().decode(type) }

        mutating func nestedContainer<Nested>(
            keyedBy type: Nested.Type
        ) throws -> KeyedDecodingContainer<Nested> {
            try next().container(keyedBy: type)
        }

        mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
            try next().unkeyedContainer()
        }

        mutating func superDecoder() throws -> any Decoder { try next() }

        private mutating func next() throws -> JSONDecoding {
            guard !isAtEnd else { throw decoding.mismatch("more than \(elements.count) elements") }
            defer { currentIndex += 1 }
            return JSONDecoding(
                value: elements[currentIndex], codingPath: codingPath + [Key(currentIndex)],
                askedKeys: decoding.askedKeys)
        }
    }
}

// MARK: - Scalars

/// A type that is read from one value of a document, without a container.
private protocol JSONScalar {
    /// A description of the value that the document must have.
    static var expected: String { get }
    init?(_ value: JSONValue)
}

extension Bool: JSONScalar {
    fileprivate static var expected: String { "true or false" }
    fileprivate init?(_ value: JSONValue) {
        guard let flag = value.bool else { return nil }
        self = flag
    }
}

extension String: JSONScalar {
    fileprivate static var expected: String { "a string" }
    fileprivate init?(_ value: JSONValue) {
        guard let text = value.string else { return nil }
        self = text
    }
}

extension JSONScalar where Self: BinaryFloatingPoint {
    fileprivate static var expected: String { "a number" }
    fileprivate init?(_ value: JSONValue) {
        guard let number = value.number else { return nil }
        self.init(number)
        // Too large for 32 bits.
        if isInfinite, number.isFinite { return nil }
    }
}

extension JSONScalar where Self: FixedWidthInteger {
    fileprivate static var expected: String {
        bitWidth < 64
            ? "an integer from \(Self.min) to \(Self.max)" : isSigned ? "an integer" : "an integer from 0"
    }
    fileprivate init?(_ value: JSONValue) {
        guard let number = value.integer else { return nil }
        self.init(exactly: number)
    }
}

extension Double: JSONScalar {}
extension Float: JSONScalar {}
extension Int: JSONScalar {}
extension Int8: JSONScalar {}
extension Int16: JSONScalar {}
extension Int32: JSONScalar {}
extension Int64: JSONScalar {}
extension UInt: JSONScalar {}
extension UInt8: JSONScalar {}
extension UInt16: JSONScalar {}
extension UInt32: JSONScalar {}
extension UInt64: JSONScalar {}
