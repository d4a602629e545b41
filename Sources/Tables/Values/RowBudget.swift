import JSON

/// How much of one row is held in memory.
///
/// What goes past the limit is still passed over, value by value, so that the rows behind it can be read.
struct RowBudget {
    let limit: Int
    private var left: Int

    init(limit: Int) { (self.limit, left) = (limit, limit) }

    /// What a value costs besides its bytes: a list of numbers is no smaller in memory than this.
    private static let overhead = 8

    mutating func begin() { left = limit }

    var isSpent: Bool { left < 0 }

    /// Adds a value to what is held, unless the limit is passed.
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
