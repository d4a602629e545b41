import JSON

/// The members of a request, each of which is taken once; any left over at the end is refused by name.
///
/// A member that is null counts as one that is not there, as clients write it.
struct RequestFields {
    private var members: JSONObject
    /// The prefix of members' names in messages.
    private let path: String

    init(_ members: JSONObject, at path: String = "") {
        self.members = members
        self.path = path
    }

    /// The members of a body.
    init(body: [UInt8]) throws(APIError) {
        let value: JSONValue
        do throws(JSONError) { value = try JSONValue(parsing: body) } catch { throw APIError(error) }
        guard let members = value.object else {
            throw .invalid(nil, "the body is \(value.kind); expected an object")
        }
        self.init(members)
    }

    /// Takes a member as it is.
    mutating func take(_ key: String) -> JSONValue? {
        defer { members[key] = nil }
        guard let value = members[key], value != .null else { return nil }
        return value
    }

    mutating func string(_ key: String) throws(APIError) -> String? {
        guard let value = take(key) else { return nil }
        guard let text = value.string else { throw wrong(key, value, "a string") }
        return text
    }

    mutating func flag(_ key: String) throws(APIError) -> Bool? {
        guard let value = take(key) else { return nil }
        guard let flag = value.bool else { throw wrong(key, value, "true or false") }
        return flag
    }

    mutating func integer(_ key: String, in range: ClosedRange<Int>) throws(APIError) -> Int? {
        guard let value = take(key) else { return nil }
        guard let number = value.integer, range.contains(number) else {
            throw wrong(key, value, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    mutating func number(_ key: String, in range: ClosedRange<Double>) throws(APIError) -> Float? {
        guard let value = take(key) else { return nil }
        guard let number = value.number, range.contains(number) else {
            throw wrong(key, value, "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return Float(number)
    }

    mutating func fields(_ key: String) throws(APIError) -> RequestFields? {
        guard let value = take(key) else { return nil }
        guard let object = value.object else { throw wrong(key, value, "an object") }
        return RequestFields(object, at: path + key + ".")
    }

    /// A string or a list of some, as `stop` is.
    mutating func strings(_ key: String, atMost limit: Int) throws(APIError) -> [String] {
        guard let value = take(key) else { return [] }
        let texts = value.string.map { [$0] } ?? value.array?.compactMap(\.string) ?? []
        guard texts.count == value.array?.count ?? 1, texts.count <= limit, !texts.contains("") else {
            throw wrong(key, value, "a string, or at most \(limit), none of them empty")
        }
        return texts
    }

    /// Takes a member that is allowed only with the value of the default behavior.
    mutating func only(_ key: String, _ accepted: JSONValue...) throws(APIError) {
        guard let value = take(key) else { return }
        guard accepted.contains(where: { $0 == value || $0.number != nil && $0.number == value.number })
        else {
            throw wrong(
                key, value, "\(accepted.map(Self.shown).joined(separator: " or ")): nothing else is supported"
            )
        }
    }

    /// Takes members that change nothing.
    mutating func ignore(_ keys: String...) {
        for key in keys { members[key] = nil }
    }

    /// Refuses what was not taken.
    func finish() throws(APIError) {
        guard let key = members.keys.first else { return }
        throw .invalid(path + key, "\(path)\(key) is not supported")
    }

    func wrong(_ key: String, _ value: JSONValue, _ expected: String) -> APIError {
        .invalid(path + key, "\(path)\(key) is \(Self.shown(value)); expected \(expected)")
    }

    /// A value where another of its kind is expected, by more than its kind.
    private static func shown(_ value: JSONValue) -> String {
        if value.bool != nil { return value.text() }
        return value.array?.isEmpty == true ? "an empty array" : value.shown
    }
}
