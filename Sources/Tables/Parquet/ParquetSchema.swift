import JSON

/// The columns of a Parquet file as a tree of values, and the leaves of it that are stored.
struct ParquetSchema {
    /// A value of a row, or a part of one.
    struct Node {
        indirect enum Kind {
            /// A stored value.
            case leaf
            /// Values under names; the object has the names, in order.
            case structure(JSONObject, [Node])
            /// Values in a row, which begin again at a repetition level.
            case list(Node, repetitionLevel: Int)
            /// Values under keys.
            case map(key: Node, value: Node, repetitionLevel: Int)
        }

        var kind: Kind
        /// The definition level from which on this value is there; one less means that it is null.
        var definitionLevel: Int
        var isOptional: Bool
        /// The stored columns in it.
        var leaves: Range<Int>
    }

    /// A stored column.
    struct Leaf {
        /// Its place in the tree, with dots.
        var path: String
        var type: ParquetType
        var definitionLevel: Int
        var repetitionLevel: Int
    }

    private(set) var root = Node(kind: .leaf, definitionLevel: 0, isOptional: false, leaves: 0..<0)
    private(set) var leaves: [Leaf] = []

    private static let greatestDepth = 64

    init(_ elements: [ParquetMetadata.Element]) throws(TableError) {
        var next = 0
        do throws(TableError) {
            root = try node(elements, &next, path: "", parent: (0, 0), depth: 0)
        } catch {
            throw error.within("the schema")
        }
        guard case .structure = root.kind, !leaves.isEmpty, next == elements.count else {
            throw TableError(
                place: "the schema", found: "no tree of columns", expected: "at least one column")
        }
    }

    /// Reads a node and those under it.
    ///
    /// - Parameter parent: The levels of the parent: from which on it is there, and where its values begin again.
    private mutating func node(
        _ elements: [ParquetMetadata.Element], _ next: inout Int, path: String,
        parent: (definition: Int, repetition: Int), depth: Int, isListed: Bool = false
    ) throws(TableError) -> Node {
        guard next < elements.count, depth < Self.greatestDepth else {
            throw TableError(
                found: next < elements.count ? "nesting over \(depth) deep" : "the end",
                expected: "a column under '\(path)'")
        }
        let element = elements[next]
        let isRoot = next == 0
        next += 1
        let outer = path
        let path = isRoot ? "" : outer.isEmpty ? element.name : "\(outer).\(element.name)"
        // A repeated value that no list is written around is a list by itself.
        if element.repetition == 2, !isListed, !isRoot {
            next -= 1
            let level = (definition: parent.definition + 1, repetition: parent.repetition + 1)
            let first = leaves.count
            let values = try node(
                elements, &next, path: outer, parent: level, depth: depth + 1, isListed: true)
            return Node(
                kind: .list(values, repetitionLevel: level.repetition), definitionLevel: parent.definition,
                isOptional: false, leaves: first..<leaves.count)
        }
        let isOptional = element.repetition == 1 && !isRoot
        let level = (parent.definition + (isOptional ? 1 : 0), parent.repetition)
        let first = leaves.count
        let kind: Node.Kind
        if element.children ?? 0 == 0, element.type != nil {
            leaves.append(
                Leaf(
                    path: path, type: try ParquetType(element, path: path), definitionLevel: level.0,
                    repetitionLevel: level.1))
            kind = .leaf
        } else {
            kind = try group(
                element, of: element.children ?? 0, elements, &next, path: path, level: level,
                depth: depth + 1)
        }
        return Node(
            kind: kind, definitionLevel: level.0, isOptional: isOptional, leaves: first..<leaves.count)
    }

    private mutating func group(
        _ element: ParquetMetadata.Element, of count: Int, _ elements: [ParquetMetadata.Element],
        _ next: inout Int, path: String, level: (definition: Int, repetition: Int), depth: Int
    ) throws(TableError) -> Node.Kind {
        guard count > 0, count <= elements.count - next else {
            throw TableError(
                found: "\(count) columns under '\(path)'", expected: "1 to \(elements.count - next)")
        }
        let inner = elements[next]
        let isWrapper = count == 1 && inner.repetition == 2 && next > 1
        let below = (definition: level.definition + 1, repetition: level.repetition + 1)
        if element.annotation.isList, isWrapper {
            // Some writers repeat the values themselves, some a group around each.
            let isGroupOfOne = inner.children == 1 && !Self.isValueItself(inner.name, of: element.name)
            if isGroupOfOne { next += 1 }
            let values = try node(
                elements, &next, path: isGroupOfOne ? "\(path).\(inner.name)" : path, parent: below,
                depth: depth, isListed: !isGroupOfOne)
            return .list(values, repetitionLevel: below.repetition)
        }
        if element.annotation.isMap, isWrapper, inner.children == 2 {
            next += 1
            let path = "\(path).\(inner.name)"
            let key = try node(elements, &next, path: path, parent: below, depth: depth)
            let value = try node(elements, &next, path: path, parent: below, depth: depth)
            return .map(key: key, value: value, repetitionLevel: below.repetition)
        }
        var names = JSONObject()
        var nodes: [Node] = []
        for _ in 0..<count {
            guard next < elements.count else { break }
            let name = elements[next].name
            guard names[name] == nil else {
                throw TableError(found: "'\(name)' twice under '\(path)'", expected: "each name once")
            }
            names[name] = .null
            nodes.append(try node(elements, &next, path: path, parent: level, depth: depth))
        }
        return .structure(names, nodes)
    }

    /// Returns whether a repeated group of one column is a value of a list, as older writers have it.
    ///
    /// - SeeAlso: https://github.com/apache/parquet-format/blob/master/LogicalTypes.md, backward-compatibility rules
    private static func isValueItself(_ name: String, of list: String) -> Bool {
        name == "array" || name == "\(list)_tuple"
    }
}

/// The storage of a column's values, and their meaning.
struct ParquetType {
    enum Storage: Int {
        case boolean = 0
        case int32, int64, int96, float, double, bytes, fixedBytes
    }

    var storage: Storage
    /// Bytes of each value, where that is fixed.
    var length: Int
    var meaning: Meaning

    fileprivate init(_ element: ParquetMetadata.Element, path: String) throws(TableError) {
        guard let storage = element.type.flatMap({ Storage(rawValue: $0) }) else {
            throw TableError(
                found: "a column '\(path)' of type \(element.type.map(String.init) ?? "none")",
                expected: "a type from 0 to 7")
        }
        guard storage != .fixedBytes || (0...1 << 24).contains(element.length) else {
            throw TableError(
                found: "a column '\(path)' of \(element.length) bytes a value", expected: "0 to \(1 << 24)")
        }
        self.storage = storage
        length =
            switch storage {
            case .boolean, .bytes: 0
            case .int32, .float: 4
            case .int64, .double: 8
            case .int96: 12
            case .fixedBytes: element.length
            }
        meaning = element.annotation.meaning(isBytes: storage == .bytes || storage == .fixedBytes)
    }

    /// The value of a whole number.
    func value(of number: Int64) -> JSONValue {
        let isUnsigned32 = storage == .int32 && meaning == .unsigned
        return meaning.value(of: isUnsigned32 ? Int64(UInt32(truncatingIfNeeded: number)) : number)
    }

    /// The value of bytes, as many as each value has.
    func value(of bytes: Bytes) throws(TableError) -> JSONValue {
        switch storage {
        case .int32: return value(of: Int64(bytes.load(0, as: Int32.self)))
        case .int64: return value(of: bytes.load(0, as: Int64.self))
        case .float: return .number(Double(Float(bitPattern: bytes.load(0, as: UInt32.self))))
        case .double: return .number(Double(bitPattern: bytes.load(0, as: UInt64.self)))
        case .int96:
            // Nanoseconds of the day, and the Julian day: how times were written before there was a type for them.
            let days = Int64(bytes.load(8, as: Int32.self)) - 2_440_588
            let nanoseconds = bytes.load(0, as: Int64.self)
            let ticks: Int64 = 1_000_000_000
            let (sum, hasOverflown) = (days &* (86_400 * ticks)).addingReportingOverflow(nanoseconds)
            guard !hasOverflown, abs(days) < 100_000 else {
                throw TableError(found: "a time \(days) days from 1970", expected: "one of 64 bits")
            }
            return Meaning.timestamp(ticks: ticks, isUTC: false).value(of: sum)
        case .boolean, .bytes, .fixedBytes: return try meaning.value(of: bytes)
        }
    }
}
