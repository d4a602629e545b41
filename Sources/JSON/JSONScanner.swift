/// Reads JSON from front to back, building only the values that the caller asks for.
///
/// ```swift
/// var json = JSONScanner(bytes)
/// try json.enterObject()
/// while let key = try json.nextKey() {
///     if key == "id" { id = try json.integer(in: 0...9) }
/// }
/// try json.end()
/// ```
///
/// A value that is not read is passed over, and checked as any other. A container must be read to its end. Depth is
/// limited, so no input exhausts the stack.
///
/// - SeeAlso: RFC 8259. Departures: a byte order mark is passed over; those of ``JSONRules``.
package struct JSONScanner {
    /// The kinds of values, by their first byte.
    package enum Kind: String {
        case object = "an object"
        case array = "an array"
        case string = "a string"
        case number = "a number"
        case boolean = "true or false"
        case null = "null"
        case other = "a value"
    }

    private struct Container {
        let isObject: Bool
        /// The parts begun.
        var count = 0
        /// The key of the part being read, for messages.
        var key: String?
        /// The keys so far, if none may be repeated.
        var keys: Set<String> = []
    }

    let bytes: [UInt8]
    let rules: JSONRules
    /// The byte that is read next, from zero.
    package internal(set) var offset = 0
    /// Places of text that could not be read and became U+FFFD.
    package internal(set) var replacements = 0
    private var containers: [Container] = []
    /// Whether a value comes next, and not the end of a part or of the document.
    var isValueDue = true

    package init(_ bytes: [UInt8], rules: JSONRules = JSONRules()) {
        self.bytes = bytes
        self.rules = rules
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
    }

    // MARK: Containers

    /// Steps into an object.
    package mutating func enterObject() throws(JSONError) { try enter(.object) }

    /// Steps into an array.
    package mutating func enterArray() throws(JSONError) { try enter(.array) }

    private mutating func enter(_ kind: Kind) throws(JSONError) {
        guard self.kind == kind else { throw error(expected: kind.rawValue) }
        guard containers.count < rules.depth else {
            throw error(found: "nesting over \(rules.depth) deep", expected: "less")
        }
        offset += 1
        isValueDue = false
        containers.append(Container(isObject: kind == .object))
    }

    /// Steps to the next key of the object entered last; nil at its end, where the object is left.
    package mutating func nextKey() throws(JSONError) -> String? {
        guard let literal = try nextKeyLiteral() else { return nil }
        let key = try text(of: literal)
        containers[containers.count - 1].key = key
        try passColon()
        return key
    }

    /// As `nextKey`, for objects with many keys: messages number them.
    package mutating func nextKeyBytes() throws(JSONError) -> [UInt8]? {
        guard let literal = try nextKeyLiteral() else { return nil }
        let key = try contents(of: literal)
        try passColon()
        return key
    }

    /// Steps to the next element of the array entered last; false at its end, where the array is left.
    package mutating func nextElement() throws(JSONError) -> Bool {
        isValueDue = try nextPart(until: UInt8(ascii: "]"))
        return isValueDue
    }

    /// The number of the element or key being read, from zero.
    package var index: Int { (containers.last?.count ?? 1) - 1 }

    private mutating func nextPart(until bracket: UInt8) throws(JSONError) -> Bool {
        if isValueDue { try skip() }
        skipSpace()
        let last = containers.count - 1
        precondition(last >= 0 && containers[last].isObject == (bracket == UInt8(ascii: "}")))
        containers[last].key = nil
        if peek == bracket {
            offset += 1
            containers.removeLast()
            return false
        }
        if containers[last].count > 0 {
            guard peek == UInt8(ascii: ",") else {
                throw error(expected: "\",\" or \"\(Character(Unicode.Scalar(bracket)))\"")
            }
            offset += 1
            skipSpace()
        }
        containers[last].count += 1
        return true
    }

    private mutating func nextKeyLiteral() throws(JSONError) -> Literal? {
        guard try nextPart(until: UInt8(ascii: "}")) else { return nil }
        let start = offset
        let literal = try literal()
        if rules.repeatedKeys == .refused {
            let key = try text(of: literal)
            guard containers[containers.count - 1].keys.insert(key).inserted else {
                throw error(at: start, found: "\(key) twice", expected: "each name once")
            }
        }
        return literal
    }

    private mutating func passColon() throws(JSONError) {
        skipSpace()
        guard peek == UInt8(ascii: ":") else { throw error(expected: "\":\"") }
        offset += 1
        isValueDue = true
    }

    // MARK: Values

    /// The kind of the next value.
    package var kind: Kind {
        mutating get {
            skipSpace()
            return switch peek {
            case UInt8(ascii: "{"): .object
            case UInt8(ascii: "["): .array
            case UInt8(ascii: "\""): .string
            case UInt8(ascii: "t"), UInt8(ascii: "f"): .boolean
            case UInt8(ascii: "n"): .null
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): .number
            case UInt8(ascii: "N") where rules.allowsNonFinite: .number
            case UInt8(ascii: "I") where rules.allowsNonFinite: .number
            default: .other
            }
        }
    }

    /// Reads a string.
    package mutating func string() throws(JSONError) -> String {
        defer { isValueDue = false }
        return try text(of: try literal())
    }

    /// Reads a string as UTF-8.
    package mutating func stringBytes() throws(JSONError) -> [UInt8] {
        defer { isValueDue = false }
        return try contents(of: try literal())
    }

    /// Reads true or false.
    package mutating func bool() throws(JSONError) -> Bool {
        if take("true") { return true }
        if take("false") { return false }
        throw error(expected: Kind.boolean.rawValue)
    }

    /// Reads null, if the next value is null.
    package mutating func null() -> Bool { take("null") }

    /// Reads any value.
    package mutating func value() throws(JSONError) -> JSONValue {
        switch kind {
        case .object:
            var members = JSONObject()
            try enterObject()
            while let key = try nextKey() { members[key] = try value() }
            return .object(members)
        case .array:
            var elements: [JSONValue] = []
            try enterArray()
            while try nextElement() { elements.append(try value()) }
            return .array(elements)
        case .string: return .string(try string())
        case .boolean: return .bool(try bool())
        case .number:
            let start = offset
            let (text, isWhole) = try numeral()
            if isWhole, let value = Int(text) { return .integer(value) }
            return .number(try double(text, at: start))
        case .null where null(): return .null
        case .null, .other: throw error(expected: Kind.other.rawValue)
        }
    }

    /// Passes over any value.
    package mutating func skip() throws(JSONError) {
        switch kind {
        case .object:
            try enterObject()
            while let key = try nextKeyLiteral() {
                try check(key)
                try passColon()
            }
        case .array:
            try enterArray()
            while try nextElement() {}
        case .string:
            try check(try literal())
            isValueDue = false
        case .number: _ = try numeral()
        case .boolean: _ = try bool()
        case .null where null(): break
        case .null, .other: throw error(expected: Kind.other.rawValue)
        }
    }

    /// Passes over any value, and gives it as it is spelled.
    package mutating func source() throws(JSONError) -> [UInt8] {
        skipSpace()
        let start = offset
        try skip()
        return Array(bytes[start..<offset])
    }

    /// Makes sure that nothing but white space is left.
    package mutating func end() throws(JSONError) {
        if isValueDue { try skip() }
        skipSpace()
        guard offset == bytes.count else { throw error(expected: "the end") }
    }

    // MARK: Errors

    /// Returns an error here or at another byte; by default it shows the text found there.
    package func error(at offset: Int? = nil, found: String? = nil, expected: String) -> JSONError {
        let offset = offset ?? self.offset
        return JSONError(
            found: found ?? seen(at: offset), expected: expected, offset: offset,
            line: bytes.prefix(offset).count { $0 == UInt8(ascii: "\n") } + 1, path: path)
    }

    /// The key of the value being read, such as `model.merges[3]`.
    package var path: String {
        containers.reduce(into: "") { path, container in
            guard container.count > 0 else { return }
            if let key = container.key {
                path += path.isEmpty ? key : ".\(key)"
            } else {
                path += "[\(container.count - 1)]"
            }
        }
    }

    /// A few bytes for a message.
    private func seen(at offset: Int) -> String {
        guard offset < bytes.count else { return "the end" }
        let text = String(decoding: bytes[offset..<min(offset + 16, bytes.count)], as: UTF8.self)
        return "\"\(text.prefix { !$0.isNewline })\""
    }

    // MARK: Bytes

    /// The next byte, zero at the end; a byte that is zero is no JSON either.
    var peek: UInt8 { offset < bytes.count ? bytes[offset] : 0 }

    mutating func skipSpace() {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0A, 0x0D: offset += 1
            default: return
            }
        }
    }

    mutating func take(_ word: StaticString) -> Bool {
        skipSpace()
        let letters = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        guard bytes[offset...].starts(with: letters) else { return false }
        offset += letters.count
        isValueDue = false
        return true
    }
}
