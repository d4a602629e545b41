import JSON

/// The limit on the memory of one row.
///
/// Values beyond the limit are still read past, one by one, so that the rows after them can be read.
struct RowBudget {
    let limit: Int
    private var left: Int

    init(limit: Int) { (self.limit, left) = (limit, limit) }

    /// The cost of a value in addition to its bytes: a list of numbers is no smaller in memory than this.
    private static let overhead = 8

    mutating func begin() { left = limit }

    var isSpent: Bool { left < 0 }

    /// Adds a value, unless the limit is passed.
    mutating func hold(_ value: JSONValue, in values: inout [JSONValue]) {
        spend(on: value)
        if !isSpent { values.append(value) }
    }

    private mutating func spend(on value: JSONValue) {
        guard left >= 0 else { return }
        left -= Self.overhead
        if case .string(let text) = value { left -= text.utf8.count }
    }

    /// A row that was read.
    func row(_ object: JSONObject, line: Int) -> TableRow {
        TableRow(line: line, contents: isSpent ? .tooLong(limit: limit) : .object(object))
    }
}
