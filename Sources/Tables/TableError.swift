package import JSON

/// An error in a file of rows: its place, the contents found there, and those expected.
///
/// The reader that opens the file adds its name.
package struct TableError: Error, Hashable, Sendable {
    /// Such as `row group 0, column 'messages.list.element.content', row 12`; empty for the file as a whole.
    package var place: String
    package var found: String
    package var expected: String

    package init(place: String = "", found: String, expected: String) {
        (self.place, self.found, self.expected) = (place, found, expected)
    }

    /// The same, inside of a larger place.
    func within(_ outer: String) -> TableError {
        TableError(place: place.isEmpty ? outer : "\(outer), \(place)", found: found, expected: expected)
    }
}

/// One row of a table.
package struct TableRow {
    /// The contents of a row.
    package enum Contents {
        /// The values of its columns, in their order.
        case object(JSONObject)
        /// It holds more bytes than the limit.
        case tooLong(limit: Int)
        /// It has another shape than the table.
        case malformed(found: String, expected: String)
    }

    /// The number of the row, or in text of the line on which it begins; from one.
    package var line: Int
    package var contents: Contents
}

/// Reads the rows of a table one after another.
package protocol TableReader {
    /// The next row; nil at the end.
    mutating func next() throws(TableError) -> TableRow?
}
