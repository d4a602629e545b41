import JSON

/// Reads the rows of a Parquet file, of which a page of each column is in memory at a time.
///
/// - SeeAlso: Melnik et al. 2010, *Dremel*, section 4.3, for how rows are put together from columns.
package struct ParquetReader: TableReader {
    private let file: Bytes
    private let schema: ParquetSchema
    private let groups: [ParquetMetadata.RowGroup]
    private var columns: [ParquetColumn] = []
    private var group = -1
    private var rowsLeft = 0
    private var row = 0
    private var budget: RowBudget

    /// - Parameters:
    ///   - file: The file's bytes.
    ///   - rowLimit: The most bytes of a row that is held in memory.
    package init(_ file: Bytes, rowLimit: Int) throws(TableError) {
        let metadata = try ParquetMetadata(file)
        self.file = file
        schema = try ParquetSchema(metadata.elements)
        groups = metadata.groups
        budget = RowBudget(limit: rowLimit)
    }

    package mutating func next() throws(TableError) -> TableRow? {
        while rowsLeft == 0 {
            try endGroup()
            group += 1
            guard group < groups.count else { return nil }
            try beginGroup()
        }
        rowsLeft -= 1
        row += 1
        budget.begin()
        let value: JSONValue
        do throws(TableError) {
            value = try self.value(schema.root, at: 0)
        } catch {
            throw error.within("row \(row)").within("row group \(group)")
        }
        return budget.row(value.object ?? [:], line: row)
    }

    private mutating func beginGroup() throws(TableError) {
        let chunks = groups[group].chunks
        guard chunks.count == schema.leaves.count else {
            throw TableError(
                place: "row group \(group)", found: "\(chunks.count) columns",
                expected: "\(schema.leaves.count), as the schema has")
        }
        columns = []
        rowsLeft = groups[group].rows
        guard rowsLeft >= 0 else {
            throw TableError(place: "row group \(group)", found: "\(rowsLeft) rows", expected: "none or more")
        }
        guard rowsLeft > 0 else { return }
        for (leaf, chunk) in zip(schema.leaves, chunks) {
            do throws(TableError) {
                columns.append(try ParquetColumn(leaf, chunk, in: file))
            } catch {
                throw error.within("column '\(leaf.path)'").within("row group \(group)")
            }
        }
    }

    private func endGroup() throws(TableError) {
        if let column = columns.first(where: { !$0.isAtEnd }) {
            throw TableError(
                place: "row group \(group), column '\(column.leaf.path)'", found: "more values",
                expected: "those of \(groups[group].rows) rows")
        }
    }

    // MARK: Rows out of columns

    /// Reads a value, all of whose columns begin at a repetition level.
    private mutating func value(
        _ node: ParquetSchema.Node, at repetition: Int
    ) throws(TableError) -> JSONValue {
        let definition = columns[node.leaves.lowerBound].definition
        if node.isOptional, definition < node.definitionLevel {
            try passNull(node, definition: node.definitionLevel - 1, at: repetition)
            return .null
        }
        switch node.kind {
        case .leaf: return try stored(node.leaves.lowerBound, at: repetition)
        case .structure(let names, let nodes):
            var values: [JSONValue] = []
            values.reserveCapacity(nodes.count)
            for node in nodes { budget.hold(try value(node, at: repetition), in: &values) }
            return budget.isSpent ? .null : .object(JSONObject(keysOf: names, values: values))
        case .list(let element, let level):
            var values: [JSONValue] = []
            try forEachElement(of: node, at: repetition, level) { reader, level throws(TableError) in
                let value = try reader.value(element, at: level)
                reader.budget.hold(value, in: &values)
            }
            return .array(values)
        case .map(let key, let value, let level):
            var keys: [JSONValue] = []
            var values: [JSONValue] = []
            try forEachElement(of: node, at: repetition, level) { reader, level throws(TableError) in
                reader.budget.hold(try reader.value(key, at: level), in: &keys)
                reader.budget.hold(try reader.value(value, at: level), in: &values)
            }
            return JSONValue(keys: keys, values: values)
        }
    }

    /// Reads the elements of a list that is there, perhaps none.
    private mutating func forEachElement(
        of node: ParquetSchema.Node, at repetition: Int, _ level: Int,
        _ body: (inout ParquetReader, _ repetition: Int) throws(TableError) -> Void
    ) throws(TableError) {
        let first = columns[node.leaves.lowerBound]
        if first.definition <= node.definitionLevel {
            return try passNull(node, definition: node.definitionLevel, at: repetition)
        }
        try body(&self, repetition)
        while !first.isAtEnd, first.repetition == level { try body(&self, level) }
    }

    /// Reads the stored values of a column.
    private func stored(_ index: Int, at repetition: Int) throws(TableError) -> JSONValue {
        let column = columns[index]
        do throws(TableError) {
            try check(column, definition: column.leaf.definitionLevel, at: repetition)
            let value = try column.value()
            try column.advance()
            return value
        } catch {
            throw error.within("column '\(column.leaf.path)'")
        }
    }

    /// Skips the entries for null values and empty lists.
    private func passNull(
        _ node: ParquetSchema.Node, definition: Int, at repetition: Int
    ) throws(TableError) {
        for column in columns[node.leaves] {
            do throws(TableError) {
                try check(column, definition: definition, at: repetition)
                try column.advance()
            } catch {
                throw error.within("column '\(column.leaf.path)'")
            }
        }
    }

    private func check(
        _ column: ParquetColumn, definition: Int, at repetition: Int
    ) throws(TableError) {
        guard !column.isAtEnd else { throw TableError(found: "the end of its values", expected: "one more") }
        guard column.repetition == repetition, column.definition == definition else {
            throw TableError(
                found: "levels \(column.repetition) and \(column.definition)",
                expected: "\(repetition) and \(definition), as its neighbors have")
        }
    }
}

extension JSONValue {
    /// A map: an object, where the keys are text, and else a list of keys with their values.
    init(keys: [JSONValue], values: [JSONValue]) {
        let names = keys.compactMap(\.string)
        self =
            names.count == keys.count
            ? .object(JSONObject(zip(names, values)))
            : .array(zip(keys, values).map { ["key": $0, "value": $1] })
    }
}
