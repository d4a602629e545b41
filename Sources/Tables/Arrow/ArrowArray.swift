import JSON

/// The values of a column in one batch.
final class ArrowArray {
    private indirect enum Values {
        case null
        case bool(Bytes)
        case integer(Bytes, bytes: Int, isSigned: Bool, Meaning)
        case number(Bytes, bytes: Int)
        case fixed(Bytes, bytes: Int, Meaning)
        case bytes(offsets: Bytes, offsetBytes: Int, Bytes, Meaning)
        case list(offsets: Bytes, offsetBytes: Int, ArrowArray)
        case fixedList(ArrowArray, count: Int)
        case structure(JSONObject, [ArrowArray])
        case map(offsets: Bytes, keys: ArrowArray, values: ArrowArray)
        case dictionary(places: ArrowArray, values: ArrowDictionary)
    }

    let count: Int
    private let validity: Bytes
    private let values: Values

    /// Takes the parts of a column off a batch.
    init(
        _ kind: ArrowField.Kind, _ batch: inout ArrowBatch, dictionaries: [Int: ArrowDictionary]
    ) throws(TableError) {
        if case .dictionary(let id, let places, _) = kind {
            let places = try ArrowArray(places, &batch, dictionaries: dictionaries)
            guard let values = dictionaries[id] else {
                throw TableError(found: "no dictionary \(id)", expected: "one before the batch")
            }
            (count, validity) = (places.count, places.validity)
            self.values = .dictionary(places: places, values: values)
            return
        }
        let count = try batch.nextCount()
        self.count = count
        if case .null = kind {
            (validity, values) = (try batch.empty(), .null)
            return
        }
        validity = try batch.nextBuffer()
        guard validity.count == 0 || validity.count >= (count + 7) / 8 else {
            throw TableError(
                found: "\(validity.count) bytes of validity", expected: "a bit for each of \(count)")
        }
        func child(_ field: ArrowField) throws(TableError) -> ArrowArray {
            do throws(TableError) {
                return try ArrowArray(field.kind, &batch, dictionaries: dictionaries)
            } catch {
                throw error.within("column '\(field.name)'")
            }
        }
        switch kind {
        case .null, .dictionary: values = .null
        case .bool: values = .bool(try batch.nextBuffer(of: (count + 7) / 8))
        case .integer(let bytes, let isSigned, let meaning):
            guard [1, 2, 4, 8].contains(bytes) else {
                throw TableError(found: "integers of \(bytes) bytes", expected: "1, 2, 4 or 8")
            }
            values = .integer(
                try batch.nextBuffer(of: count * bytes), bytes: bytes, isSigned: isSigned, meaning)
        case .number(let bytes):
            guard bytes <= 8 else {
                throw TableError(found: "numbers of \(bytes) bytes", expected: "2, 4 or 8")
            }
            values = .number(try batch.nextBuffer(of: count * bytes), bytes: bytes)
        case .fixed(let bytes, let meaning):
            guard (0...1 << 24).contains(bytes) else {
                throw TableError(found: "values of \(bytes) bytes", expected: "0 to \(1 << 24)")
            }
            values = .fixed(try batch.nextBuffer(of: count * bytes), bytes: bytes, meaning)
        case .bytes(let size, let meaning):
            let offsets = try batch.nextOffsets(size, count: count)
            values = .bytes(offsets: offsets, offsetBytes: size, try batch.nextBuffer(), meaning)
        case .list(let element, let size):
            let offsets = try batch.nextOffsets(size, count: count)
            values = .list(offsets: offsets, offsetBytes: size, try child(element))
        case .fixedList(let element, let elements):
            let child = try child(element)
            let (needed, isTooMuch) = count.multipliedReportingOverflow(by: elements)
            guard elements >= 0, !isTooMuch, needed <= child.count else {
                throw TableError(
                    found: "\(child.count) elements", expected: "\(elements) for each of \(count)")
            }
            values = .fixedList(child, count: elements)
        case .structure(let names, let fields):
            var children: [ArrowArray] = []
            for field in fields { children.append(try child(field)) }
            guard children.allSatisfy({ $0.count >= count }) else {
                throw TableError(found: "columns of fewer values", expected: "\(count) each")
            }
            values = .structure(names, children)
        case .map(let entries):
            let offsets = try batch.nextOffsets(4, count: count)
            let child = try child(entries)
            guard case .structure(_, let parts) = child.values else {
                throw TableError(found: "a Map of something else", expected: "one of keys and values")
            }
            values = .map(offsets: offsets, keys: parts[0], values: parts[1])
        }
    }

    /// The value at a place below `count`.
    func value(at index: Int, _ budget: inout RowBudget) throws(TableError) -> JSONValue {
        if validity.count > 0, validity.bits(at: index, width: 1) == 0 { return .null }
        switch values {
        case .null: return .null
        case .bool(let bits): return .bool(bits.bits(at: index, width: 1) == 1)
        case .integer(let bytes, let size, let isSigned, let meaning):
            return meaning.value(of: Self.integer(bytes, index, size: size, isSigned: isSigned))
        case .number(let bytes, let size):
            switch size {
            case 2: return .number(Meaning.number(half: bytes.load(2 * index, as: UInt16.self)))
            case 4: return .number(Double(Float(bitPattern: bytes.load(4 * index, as: UInt32.self))))
            default: return .number(Double(bitPattern: bytes.load(8 * index, as: UInt64.self)))
            }
        case .fixed(let bytes, let size, let meaning):
            return try meaning.value(of: bytes.slice(index * size, count: size))
        case .bytes(let offsets, let size, let bytes, let meaning):
            let range = try Self.range(offsets, index, size: size, within: bytes.count)
            return try meaning.value(of: bytes.slice(range.lowerBound, count: range.count))
        case .list(let offsets, let size, let elements):
            return .array(
                try elements.values(Self.range(offsets, index, size: size, within: elements.count), &budget))
        case .fixedList(let elements, let count):
            return .array(try elements.values(index * count..<(index + 1) * count, &budget))
        case .structure(let names, let children):
            var values: [JSONValue] = []
            values.reserveCapacity(children.count)
            for child in children { budget.hold(try child.value(at: index, &budget), in: &values) }
            return budget.isSpent ? .null : .object(JSONObject(keysOf: names, values: values))
        case .map(let offsets, let keys, let values):
            let range = try Self.range(offsets, index, size: 4, within: min(keys.count, values.count))
            return JSONValue(keys: try keys.values(range, &budget), values: try values.values(range, &budget))
        case .dictionary(let places, let values):
            guard let place = try places.value(at: index, &budget).integer, (0..<values.count).contains(place)
            else {
                throw TableError(found: "no place of the dictionary", expected: "0 to \(values.count - 1)")
            }
            return try values.value(at: place, &budget)
        }
    }

    private func values(
        _ range: Range<Int>, _ budget: inout RowBudget
    ) throws(TableError) -> [JSONValue] {
        var values: [JSONValue] = []
        for index in range where !budget.isSpent {
            budget.hold(try value(at: index, &budget), in: &values)
        }
        return values
    }

    private static func integer(_ bytes: Bytes, _ index: Int, size: Int, isSigned: Bool) -> Int64 {
        switch (size, isSigned) {
        case (1, true): Int64(bytes.load(index, as: Int8.self))
        case (1, false): Int64(bytes.load(index, as: UInt8.self))
        case (2, true): Int64(bytes.load(2 * index, as: Int16.self))
        case (2, false): Int64(bytes.load(2 * index, as: UInt16.self))
        case (4, true): Int64(bytes.load(4 * index, as: Int32.self))
        case (4, false): Int64(bytes.load(4 * index, as: UInt32.self))
        default: bytes.load(8 * index, as: Int64.self)
        }
    }

    private static func range(
        _ offsets: Bytes, _ index: Int, size: Int, within count: Int
    ) throws(TableError) -> Range<Int> {
        let start = Int(integer(offsets, index, size: size, isSigned: true))
        let end = Int(integer(offsets, index + 1, size: size, isSigned: true))
        guard start >= 0, start <= end, end <= count else {
            throw TableError(found: "elements \(start) to \(end)", expected: "a range within \(count)")
        }
        return start..<end
    }
}

/// The values of a dictionary, which later messages of a file may add to.
final class ArrowDictionary {
    private var parts: [(start: Int, values: ArrowArray)] = []
    private(set) var count = 0

    init(_ values: ArrowArray) { append(values) }

    func append(_ values: ArrowArray) {
        parts.append((count, values))
        count += values.count
    }

    /// The value at a place below `count`.
    func value(at index: Int, _ budget: inout RowBudget) throws(TableError) -> JSONValue {
        var (low, high) = (0, parts.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if parts[middle].start <= index { low = middle } else { high = middle }
        }
        return try parts[low].values.value(at: index - parts[low].start, &budget)
    }
}

/// The parts of a batch, as columns take them one after another.
struct ArrowBatch {
    private let body: Bytes
    private var counts: ArraySlice<(Int, Int)>
    private var buffers: ArraySlice<(Int, Int)>
    private let isCompressed: Bool
    /// Rows in it.
    let rows: Int

    /// The most rows that a batch may claim without having bytes for them.
    private static let plainRows = 1 << 20

    init(_ table: FlatTable, body: Bytes) throws(TableError) {
        self.body = body
        rows = try table.integer(0, Int64.self)
        guard rows >= 0, rows <= max(Self.plainRows, body.count * 8) else {
            throw TableError(found: "a batch of \(rows) rows in \(body.count) bytes", expected: "fewer")
        }
        counts = try table.pairs(1)[...]
        buffers = try table.pairs(2)[...]
        let compression = try table.table(3)
        isCompressed = compression != nil
        if let compression, try compression.integer(0, Int8.self) != 1 {
            throw TableError(found: "buffers compressed with LZ4", expected: "none, or Zstandard")
        }
    }

    func empty() throws(TableError) -> Bytes { try body.slice(0, count: 0) }

    mutating func nextCount() throws(TableError) -> Int {
        guard let (count, _) = counts.popFirst() else {
            throw TableError(found: "the end of the columns", expected: "one more")
        }
        // A bit is the least that a value takes where it takes anything.
        guard (0...max(Self.plainRows, body.count * 8)).contains(count) || count == rows else {
            throw TableError(found: "a column of \(count) values in \(body.count) bytes", expected: "fewer")
        }
        return count
    }

    mutating func nextBuffer() throws(TableError) -> Bytes {
        guard let (offset, count) = buffers.popFirst() else {
            throw TableError(found: "the end of the buffers", expected: "one more")
        }
        let bytes = try body.slice(offset, count: count)
        guard isCompressed, count > 0 else { return bytes }
        var reader = ByteReader(bytes)
        let size: Int64 = try reader.number()
        let rest = try reader.take(reader.left)
        return size == -1 ? rest : try Compression.zstandard.decompressed(rest, size: Int(size))
    }

    /// Returns a buffer of at least this many bytes.
    mutating func nextBuffer(of count: Int) throws(TableError) -> Bytes {
        let bytes = try nextBuffer()
        guard bytes.count >= count else {
            throw TableError(found: "a buffer of \(bytes.count) bytes", expected: "\(count)")
        }
        return bytes
    }

    /// Returns the offsets of this many values, one more than there are values; for none, there may be none.
    mutating func nextOffsets(_ size: Int, count: Int) throws(TableError) -> Bytes {
        try nextBuffer(of: count == 0 ? 0 : (count + 1) * size)
    }
}
