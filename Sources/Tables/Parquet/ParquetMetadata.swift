/// The footer of a Parquet file: its columns, and where their values lie.
///
/// - SeeAlso: https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
struct ParquetMetadata {
    /// A node of the tree of columns, in the order of the file: a parent comes before its children.
    struct Element {
        var name = ""
        var type: Int?
        var length = 0
        var repetition = 0
        var children: Int?
        var annotation = ParquetAnnotation()
    }

    /// The values of a column in a group of rows.
    struct Chunk {
        var codec = 0
        var values = 0
        var compressedSize = 0
        var dataOffset = 0
        var dictionaryOffset: Int?
        var file: String?
        var isEncrypted = false
    }

    struct RowGroup {
        var chunks: [Chunk] = []
        var rows = 0
    }

    var elements: [Element] = []
    var groups: [RowGroup] = []

    private static let magic = Array("PAR1".utf8)
    private static let greatestSize = 1 << 26

    /// Reads the footer at the end of a file.
    init(_ file: Bytes) throws(TableError) {
        guard file.count >= 12, file.memory.starts(with: Self.magic) else {
            throw TableError(found: "no \"PAR1\" at the start", expected: "a Parquet file")
        }
        guard file.memory.suffix(4).elementsEqual(Self.magic) else {
            throw TableError(
                found: "no \"PAR1\" at the end", expected: "a whole Parquet file, its footer not encrypted")
        }
        let size = Int(file.load(file.count - 8, as: UInt32.self))
        guard size <= min(file.count - 12, Self.greatestSize) else {
            throw TableError(
                found: "a footer of \(size) bytes",
                expected: "at most \(min(file.count - 12, Self.greatestSize))")
        }
        var thrift = ThriftReader(try file.slice(file.count - 8 - size, count: size))
        do throws(TableError) {
            try read(&thrift)
        } catch {
            throw error.within("the footer")
        }
    }

    private mutating func read(_ thrift: inout ThriftReader) throws(TableError) {
        try thrift.forEachField { thrift, field throws(TableError) in
            switch field {
            case 2:
                try thrift.forEachElement { thrift throws(TableError) in elements.append(try Element(&thrift))
                }
            case 4:
                try thrift.forEachElement { thrift throws(TableError) in groups.append(try RowGroup(&thrift))
                }
            default: break
            }
        }
    }
}

extension ParquetMetadata.Element {
    fileprivate init(_ thrift: inout ThriftReader) throws(TableError) {
        try thrift.forEachField { thrift, field throws(TableError) in
            switch field {
            case 1: type = try thrift.integer()
            case 2: length = try thrift.integer()
            case 3: repetition = try thrift.integer()
            case 4: name = try thrift.text()
            case 5: children = try thrift.integer()
            case 6: annotation.converted = try thrift.integer()
            case 7: annotation.scale = try thrift.integer()
            case 10: try annotation.readLogicalType(&thrift)
            default: break
            }
        }
    }
}

extension ParquetMetadata.RowGroup {
    fileprivate init(_ thrift: inout ThriftReader) throws(TableError) {
        try thrift.forEachField { thrift, field throws(TableError) in
            switch field {
            case 1:
                try thrift.forEachElement { thrift throws(TableError) in
                    chunks.append(try ParquetMetadata.Chunk(&thrift))
                }
            case 3: rows = try thrift.integer()
            default: break
            }
        }
    }
}

extension ParquetMetadata.Chunk {
    fileprivate init(_ thrift: inout ThriftReader) throws(TableError) {
        try thrift.forEachField { thrift, field throws(TableError) in
            switch field {
            case 1: file = try thrift.text()
            case 3: try readValues(&thrift)
            case 8: isEncrypted = true
            default: break
            }
        }
    }

    private mutating func readValues(_ thrift: inout ThriftReader) throws(TableError) {
        try thrift.forEachField { thrift, field throws(TableError) in
            switch field {
            case 4: codec = try thrift.integer()
            case 5: values = try thrift.integer()
            case 7: compressedSize = try thrift.integer()
            case 9: dataOffset = try thrift.integer()
            case 11: dictionaryOffset = try thrift.integer()
            default: break
            }
        }
    }
}

/// A file's annotation of a column's values, in both of its forms.
struct ParquetAnnotation {
    /// The older way: a number.
    var converted: Int?
    var scale = 0
    /// The newer way: which member of a union is there, and what that says.
    private var logical: Int?
    private var unit: Int?
    private var isUTC = false

    fileprivate mutating func readLogicalType(_ thrift: inout ThriftReader) throws(TableError) {
        try thrift.forEachField { thrift, field throws(TableError) in
            logical = field
            try thrift.forEachField { thrift, part throws(TableError) in
                switch (field, part) {
                case (5, 1): scale = try thrift.integer()
                case (7, 1), (8, 1): isUTC = try thrift.bool()
                case (7, 2), (8, 2):
                    try thrift.forEachField { _, member throws(TableError) in unit = member }
                default: break
                }
            }
        }
    }

    var isList: Bool { logical == 3 || converted == 3 }
    var isMap: Bool { logical == 2 || converted == 1 || converted == 2 }

    /// Returns the meaning of the values; `isBytes` distinguishes bytes from numbers.
    func meaning(isBytes: Bool) -> Meaning {
        let ticks: [Int64] = [1000, 1_000_000, 1_000_000_000]
        let unit = unit.flatMap { (1...3).contains($0) ? ticks[$0 - 1] : nil }
        switch (logical, converted) {
        case (1, _), (4, _), (12, _), (nil, 0), (nil, 4), (nil, 19): return isBytes ? .text : .signed
        case (5, _), (nil, 5): return .decimal(scale: max(0, min(scale, 76)))
        case (6, _) where !isBytes, (nil, 6) where !isBytes: return .date
        case (7, _) where !isBytes: return .time(ticks: unit ?? 1000)
        case (8, _) where !isBytes: return .timestamp(ticks: unit ?? 1000, isUTC: isUTC)
        case (nil, 7) where !isBytes: return .time(ticks: 1000)
        case (nil, 8) where !isBytes: return .time(ticks: 1_000_000)
        case (nil, 9) where !isBytes: return .timestamp(ticks: 1000, isUTC: true)
        case (nil, 10) where !isBytes: return .timestamp(ticks: 1_000_000, isUTC: true)
        case (_, let code?) where (11...14).contains(code) && !isBytes: return .unsigned
        case (14, _): return .uuid
        case (15, _): return .half
        default: return isBytes ? .binary : .signed
        }
    }
}
