/// The members of a JSON object, in the order they were written.
///
/// - Complexity: Reading by key and appending take constant time; removing takes time in the number of members.
public struct JSONObject: Sendable {
    /// The keys, in order, each once.
    public private(set) var keys: [String] = []
    /// The values, in the order of the keys.
    public private(set) var values: [JSONValue] = []
    /// Where each key stands; kept only once there are too many to look through.
    private var positions: [String: Int] = [:]
    private static let fewKeys = 12

    /// An object without members.
    public init() {}

    /// An object of the given members; of two with one key, the later value stays in the earlier place.
    public init(_ members: some Sequence<(String, JSONValue)>) {
        for (key, value) in members { self[key] = value }
    }

    /// The number of members.
    public var count: Int { keys.count }

    /// Whether there are no members.
    public var isEmpty: Bool { keys.isEmpty }

    /// The members as pairs, in order.
    public var members: some Sequence<(key: String, value: JSONValue)> {
        zip(keys, values).lazy.map { (key: $0, value: $1) }
    }

    /// The value of a key; setting a new key appends it, setting nil removes it.
    public subscript(key: String) -> JSONValue? {
        get { position(of: key).map { values[$0] } }
        set {
            switch (position(of: key), newValue) {
            case (let position?, let value?): values[position] = value
            case (nil, let value?):
                keys.append(key)
                values.append(value)
                if positions.isEmpty { indexKeys() } else { positions[key] = keys.count - 1 }
            case (let position?, nil):
                keys.remove(at: position)
                values.remove(at: position)
                indexKeys()
            case (nil, nil): break
            }
        }
    }

    private func position(of key: String) -> Int? {
        positions.isEmpty ? keys.firstIndex(of: key) : positions[key]
    }

    private mutating func indexKeys() {
        positions =
            keys.count <= Self.fewKeys ? [:] : Dictionary(uniqueKeysWithValues: zip(keys, keys.indices))
    }
}

extension JSONObject: Hashable, ExpressibleByDictionaryLiteral {
    /// Equal when the members are, in whatever order.
    public static func == (a: JSONObject, b: JSONObject) -> Bool {
        a.count == b.count && a.members.allSatisfy { b[$0.key] == $0.value }
    }

    /// Mixes the members in, in no order.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(Dictionary(uniqueKeysWithValues: zip(keys, values)))
    }

    /// An object, its keys in the order written.
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}
