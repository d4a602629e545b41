/// Values under names, in the order they were written: the members of a JSON object.
///
/// - Complexity: Reading by key and appending take constant time; removing takes time in the number of
///   members.
public struct OrderedMembers<Value> {
    /// The keys, in order, each once.
    public private(set) var keys: [String] = []
    /// The values, in the order of the keys.
    public private(set) var values: [Value] = []
    /// The position of each key; kept only once there are too many to search.
    private var positions: [String: Int] = [:]

    /// No members.
    public init() {}

    /// The given members; of two with one key, the later value stays in the earlier place.
    public init(_ members: some Sequence<(String, Value)>) {
        for (key, value) in members { self[key] = value }
    }

    /// As many values under the keys of another, in its order.
    package init(keysOf other: OrderedMembers, values: [Value]) {
        precondition(values.count == other.count)
        self = other
        self.values = values
    }

    /// The number of members.
    public var count: Int { keys.count }

    /// Whether there are no members.
    public var isEmpty: Bool { keys.isEmpty }

    /// The members as pairs, in order.
    public var members: some Sequence<(key: String, value: Value)> {
        zip(keys, values).lazy.map { (key: $0, value: $1) }
    }

    /// The value of a key; setting a new key appends it, setting nil removes it.
    public subscript(key: String) -> Value? {
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

    /// Takes over the members of another; its values win.
    package mutating func merge(_ other: OrderedMembers) {
        for (key, value) in other.members { self[key] = value }
    }

    private func position(of key: String) -> Int? {
        positions.isEmpty ? keys.firstIndex(of: key) : positions[key]
    }

    private mutating func indexKeys() {
        let fewKeys = 12
        positions = keys.count <= fewKeys ? [:] : Dictionary(uniqueKeysWithValues: zip(keys, keys.indices))
    }
}

extension OrderedMembers: Sendable where Value: Sendable {}

extension OrderedMembers: Equatable where Value: Equatable {
    /// Equal when the members are, in whatever order.
    public static func == (a: Self, b: Self) -> Bool {
        a.count == b.count && a.members.allSatisfy { b[$0.key] == $0.value }
    }
}

extension OrderedMembers: Hashable where Value: Hashable {
    /// Mixes the members in, in no order.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(Dictionary(uniqueKeysWithValues: zip(keys, values)))
    }
}

extension OrderedMembers: ExpressibleByDictionaryLiteral {
    /// The given members, in the order written.
    public init(dictionaryLiteral elements: (String, Value)...) { self.init(elements) }
}

/// The members of a JSON object.
public typealias JSONObject = OrderedMembers<JSONValue>
