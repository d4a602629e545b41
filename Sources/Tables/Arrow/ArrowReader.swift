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
    /// The kinds of the values of each dictionary, and the values read so far.
    private var encoded: [Int: ArrowField.Kind] = [:]
    private var dictionaries: [Int: ArrowDictionary] = [:]
    /// The places of the batches to come, as a footer lists them; nil in a stream.
    private var places: ArraySlice<Int>?

    private var columns: [ArrowArray] = []
    private var batch = -1
    private var rows = 0
    private var rowInBatch = 0
    private var row = 0
    private var budget: RowBudget

    private static let mostFields = 1 << 16
    private static let schema = 1, dictionaryBatch = 2, recordBatch = 3
    private static let mark = "ARROW1".utf8

    /// - Parameters:
    ///   - file: The file's bytes.
    ///   - rowLimit: The most bytes of a row that is held in memory.
    package init(_ file: Bytes, rowLimit: Int) throws(TableError) {
        self.file = file
        budget = RowBudget(limit: rowLimit)
        let hasFooter = file.memory.starts(with: Self.mark)
        if hasFooter { position = 8 }
        guard let (kind, table, _) = try nextMessage(), kind == Self.schema else {
            throw TableError(found: "no schema at the start", expected: "an Arrow file or stream")
        }
        try readSchema(table)
        if hasFooter { try readFooter() }
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

    /// Reads all dictionaries of a file with a footer, which may stand anywhere in it, and where its batches are.
    private mutating func readFooter() throws(TableError) {
        let (end, sizeBytes) = (file.count - Self.mark.count, 4)
        guard end >= position + sizeBytes, file.memory[end...].elementsEqual(Self.mark) else {
            throw TableError(
                place: "the end", found: "no mark ARROW1",
                expected: "one as at the start; the file was cut off")
        }
        let size = Int(file.load(end - sizeBytes, as: Int32.self))
        do throws(TableError) {
            let footer = try FlatTable(file.slice(end - sizeBytes - size, count: size))
            let (dictionaries, batches) = (try footer.blocks(2), try footer.blocks(3))
            let all = dictionaries + batches
            guard all.allSatisfy((0..<file.count).contains), Set(all).count == all.count else {
                throw TableError(found: "batches at \(all)", expected: "places in the file, each once")
            }
            for place in dictionaries {
                position = place
                guard let (kind, table, body) = try nextMessage(), kind == Self.dictionaryBatch else {
                    throw TableError(found: "no dictionary at byte \(place)", expected: "one")
                }
                try readDictionary(table, body, mayReplace: false)
            }
            places = batches[...]
        } catch {
            throw error.within("the footer")
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
        if places != nil {
            guard let place = places?.popFirst() else { return false }
            position = place
            batch += 1
            guard let (kind, table, body) = try nextMessage(), kind == Self.recordBatch else {
                throw TableError(place: "batch \(batch)", found: "no batch at byte \(place)", expected: "one")
            }
            try readBatch(table, body)
            return true
        }
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

    /// - Parameter mayReplace: Whether it may take the place of one that earlier batches used, as in a stream.
    private mutating func readDictionary(
        _ table: FlatTable, _ body: Bytes, mayReplace: Bool = true
    ) throws(TableError) {
        let id = try table.integer(0, Int64.self)
        do throws(TableError) {
            guard let kind = encoded[id], let data = try table.table(1) else {
                throw TableError(found: "no column that uses it", expected: "one")
            }
            var parts = try ArrowBatch(data, body: body)
            let values = try ArrowArray(kind, &parts, dictionaries: dictionaries)
            let isMore = try table.integer(2, UInt8.self) != 0
            guard isMore || mayReplace || dictionaries[id] == nil else {
                throw TableError(
                    found: "another one", expected: "more of the same, since batches are in any order")
            }
            if isMore, let dictionary = dictionaries[id] {
                dictionary.append(values)
            } else {
                dictionaries[id] = ArrowDictionary(values)
            }
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
