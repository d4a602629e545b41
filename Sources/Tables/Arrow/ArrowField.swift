import JSON

/// A column of an Arrow file, or a part of one: its name and type.
struct ArrowField {
    indirect enum Kind {
        case null
        case bool
        /// Numbers of one, two, four or eight bytes.
        case integer(bytes: Int, isSigned: Bool, Meaning)
        /// Numbers of two, four or eight bytes.
        case number(bytes: Int)
        /// As many bytes for each value.
        case fixed(bytes: Int, Meaning)
        /// Bytes, between offsets of four or eight bytes.
        case bytes(offsetBytes: Int, Meaning)
        case list(ArrowField, offsetBytes: Int)
        case fixedList(ArrowField, count: Int)
        case structure(JSONObject, [ArrowField])
        case map(ArrowField)
        /// Places in a dictionary.
        case dictionary(id: Int, places: Kind, values: Kind)
    }

    let name: String
    let kind: Kind

    private static let greatestDepth = 64

    /// - Parameter left: How many fields the file may still have.
    init(_ table: FlatTable, depth: Int = 0, left: inout Int) throws(TableError) {
        left -= 1
        guard depth < Self.greatestDepth, left >= 0 else {
            throw TableError(found: "columns nested \(depth) deep", expected: "fewer")
        }
        let name = try table.text(0) ?? ""
        self.name = name
        do throws(TableError) {
            var children: [ArrowField] = []
            for child in try table.tables(5) {
                children.append(try ArrowField(child, depth: depth + 1, left: &left))
            }
            let values = try Self.kind(table, children)
            guard let encoding = try table.table(4) else {
                kind = values
                return
            }
            let places = try encoding.table(1).map { type throws(TableError) in try Self.integer(type) }
            kind = .dictionary(
                id: try encoding.integer(0, Int64.self),
                places: places ?? .integer(bytes: 4, isSigned: true, .signed), values: values)
        } catch {
            throw error.within("column '\(name)'")
        }
    }

    private static func integer(_ type: FlatTable) throws(TableError) -> Kind {
        let isSigned = try type.integer(1, UInt8.self) != 0
        return .integer(
            bytes: try type.integer(0, Int32.self) / 8, isSigned: isSigned, isSigned ? .signed : .unsigned)
    }

    private static func ticks(_ unit: Int) -> Int64 {
        [1, 1000, 1_000_000, 1_000_000_000][max(0, min(unit, 3))]
    }

    private static let names = [
        "none", "Null", "Int", "FloatingPoint", "Binary", "Utf8", "Bool", "Decimal", "Date", "Time",
        "Timestamp",
        "Interval", "List", "Struct", "Union", "FixedSizeBinary", "FixedSizeList", "Map", "Duration",
        "LargeBinary", "LargeUtf8", "LargeList", "RunEndEncoded", "BinaryView", "Utf8View", "ListView",
        "LargeListView",
    ]

    private static func kind(_ table: FlatTable, _ children: [ArrowField]) throws(TableError) -> Kind {
        let code = try table.integer(2, UInt8.self)
        let name = names.indices.contains(code) ? names[code] : "\(code)"
        guard let type = try table.table(3) else {
            throw TableError(found: "no details of the type \(name)", expected: "those of each column")
        }
        func onlyChild() throws(TableError) -> ArrowField {
            guard children.count == 1 else {
                throw TableError(found: "\(children.count) columns in a \(name)", expected: "1")
            }
            return children[0]
        }
        switch name {
        case "Null": return .null
        case "Bool": return .bool
        case "Int": return try integer(type)
        case "FloatingPoint": return .number(bytes: 2 << (try type.integer(0, Int16.self) & 3))
        case "Utf8", "LargeUtf8": return .bytes(offsetBytes: name == "Utf8" ? 4 : 8, .text)
        case "Binary", "LargeBinary": return .bytes(offsetBytes: name == "Binary" ? 4 : 8, .binary)
        case "FixedSizeBinary": return .fixed(bytes: try type.integer(0, Int32.self), .binary)
        case "Date":
            if try type.integer(0, Int16.self, default: 1) == 0 {
                return .integer(bytes: 4, isSigned: true, .date)
            }
            return .integer(bytes: 8, isSigned: true, .timestamp(ticks: 1000, isUTC: false))
        case "Time":
            return .integer(
                bytes: try type.integer(1, Int32.self, default: 32) / 8, isSigned: true,
                .time(ticks: ticks(try type.integer(0, Int16.self, default: 1))))
        case "Timestamp":
            let isUTC = try type.text(1)?.isEmpty == false
            return .integer(
                bytes: 8, isSigned: true,
                .timestamp(ticks: ticks(try type.integer(0, Int16.self)), isUTC: isUTC))
        case "Duration": return .integer(bytes: 8, isSigned: true, .signed)
        case "List", "LargeList": return .list(try onlyChild(), offsetBytes: name == "List" ? 4 : 8)
        case "FixedSizeList":
            return .fixedList(try onlyChild(), count: try type.integer(0, Int32.self))
        case "Map":
            let entries = try onlyChild()
            guard case .structure(_, let parts) = entries.kind, parts.count == 2 else {
                throw TableError(found: "a Map of something else", expected: "one of keys and values")
            }
            return .map(entries)
        case "Struct":
            var names = JSONObject()
            for child in children {
                guard names[child.name] == nil else {
                    throw TableError(found: "'\(child.name)' twice", expected: "each name once")
                }
                names[child.name] = .null
            }
            return .structure(names, children)
        default:
            throw TableError(
                found: "the type \(name)",
                expected: "numbers, text, bytes, times, lists, structures, maps or a dictionary of them")
        }
    }
}
