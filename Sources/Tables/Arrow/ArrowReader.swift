import JSON

/// Reads the rows of an Arrow file: a stream of batches, as `datasets` keeps its data, or one with a footer.
///
/// Data is read from the mapped file; only the row that is handed out is copied.
///
/// - SeeAlso: https://arrow.apache.org/docs/format/Columnar.html#serialization-and-interprocess-communication-ipc
package struct ArrowReader: TableReader {
    private let file: Bytes
    private var position = 0
    private var names = JSONObject()
    private var fields: [ArrowField] = []
    /// The fields that have each dictionary, and the values of those read so far.
    private var encoded: [Int: ArrowField.Kind] = [:]
    private var dictionaries: [Int: ArrowArray] = [:]

    private var columns: [ArrowArray] = []
    private var batch = -1
    private var rows = 0
    private var rowInBatch = 0
    private var row = 0
    private var budget: RowBudget

    private static let mostFields = 1 << 16
    private static let schema = 1, dictionaryBatch = 2, recordBatch = 3

    /// - Parameters:
    ///   - file: The file's bytes.
    ///   - rowLimit: The most bytes of a row that is held in memory.
    package init(_ file: Bytes, rowLimit: Int) throws(TableError) {
        self.file = file
        budget = RowBudget(limit: rowLimit)
        if file.memory.starts(with: "ARROW1".utf8) { position = 8 }
        guard let (kind, table, _) = try nextMessage(), kind == Self.schema else {
            throw TableError(found: "no schema at the start", expected: "an Arrow file or stream")
        }
        try readSchema(table)
    }

    package mutating func next() throws(TableError) -> TableRow? {
        while rowInBatch == rows {
            guard try beginBatch() else { return nil }
        }
        defer { rowInBatch += 1 }
        row += 1
        budget.begin()
        var values: [JSONValue] = []
        values.reserveCapacity(columns.count)
        for (field, column) in zip(fields, columns) {
            do throws(TableError) {
                budget.hold(try column.value(at: rowInBatch, &budget), in: &values)
            } catch {
                throw error.within("batch \(batch), column '\(field.name)', row \(row)")
            }
        }
        return budget.row(budget.isSpent ? [:] : JSONObject(keysOf: names, values: values), line: row)
    }

    /// The kind of the next message, its contents, and its body; nil at the end.
    private mutating func nextMessage() throws(TableError) -> (kind: Int, table: FlatTable, body: Bytes)? {
        var reader = ByteReader(try file.slice(position, count: file.count - position))
        guard reader.left > 0 else { return nil }
        var size: UInt32 = try reader.number()
        // Streams of before 2019 have no mark before the size.
        if size == .max { size = try reader.number() }
        guard size > 0 else { return nil }
        do throws(TableError) {
            let message = try FlatTable(reader.take(Int(size)))
            let body = try reader.take(message.integer(3, Int64.self))
            position += reader.position
            guard let table = try message.table(2) else {
                throw TableError(found: "a message without contents", expected: "a schema or a batch")
            }
            return (try message.integer(1, UInt8.self), table, body)
        } catch {
            throw error.within("the message at byte \(position)")
        }
    }

    private mutating func readSchema(_ table: FlatTable) throws(TableError) {
        guard try table.integer(0, Int16.self) == 0 else {
            throw TableError(found: "numbers in big-endian order", expected: "little-endian")
        }
        var left = Self.mostFields
        for field in try table.tables(1) {
            let field = try ArrowField(field, left: &left)
            guard names[field.name] == nil else {
                throw TableError(found: "column '\(field.name)' twice", expected: "each name once")
            }
            names[field.name] = .null
            fields.append(field)
            noteDictionaries(field.kind)
        }
        guard !fields.isEmpty else { throw TableError(found: "no columns", expected: "at least one") }
    }

    private mutating func noteDictionaries(_ kind: ArrowField.Kind) {
        switch kind {
        case .dictionary(let id, _, let values):
            encoded[id] = values
            noteDictionaries(values)
        case .list(let field, _), .fixedList(let field, _), .map(let field): noteDictionaries(field.kind)
        case .structure(_, let fields): for field in fields { noteDictionaries(field.kind) }
        default: break
        }
    }

    /// Steps to the next batch of rows; false at the end.
    private mutating func beginBatch() throws(TableError) -> Bool {
        while let (kind, table, body) = try nextMessage() {
            switch kind {
            case Self.dictionaryBatch: try readDictionary(table, body)
            case Self.recordBatch:
                batch += 1
                try readBatch(table, body)
                return true
            default: break
            }
        }
        return false
    }

    private mutating func readDictionary(_ table: FlatTable, _ body: Bytes) throws(TableError) {
        let id = try table.integer(0, Int64.self)
        do throws(TableError) {
            guard let kind = encoded[id], let data = try table.table(1), try table.integer(2, UInt8.self) == 0
            else {
                throw TableError(found: "more of it, or no column that uses it", expected: "a whole one")
            }
            var parts = try ArrowBatch(data, body: body)
            dictionaries[id] = try ArrowArray(kind, &parts, dictionaries: dictionaries)
        } catch {
            throw error.within("dictionary \(id)")
        }
    }

    private mutating func readBatch(_ table: FlatTable, _ body: Bytes) throws(TableError) {
        columns = []
        do throws(TableError) {
            var parts = try ArrowBatch(table, body: body)
            (rows, rowInBatch) = (parts.rows, 0)
            for field in fields {
                let column = try ArrowArray(field.kind, &parts, dictionaries: dictionaries)
                guard column.count == rows else {
                    throw TableError(
                        place: "column '\(field.name)'", found: "\(column.count) values", expected: "\(rows)")
                }
                columns.append(column)
            }
        } catch {
            throw error.within("batch \(batch)")
        }
    }
}
