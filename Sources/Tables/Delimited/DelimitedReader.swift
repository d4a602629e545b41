import JSON

/// Reads rows of text with a separator between their fields: CSV and TSV, as Python's `csv` reads them.
///
/// The first row names the columns; every value is text. A field in quotes may hold separators, line breaks and, doubled,
/// quotes. A byte order mark, blank lines, and carriage returns before line breaks are passed over. Memory is bounded by the
/// longest row, and that by the limit.
///
/// - SeeAlso: RFC 4180. Departures: a quote inside of a field without quotes stands for itself, and what follows a closing
///   quote belongs to the field.
package struct DelimitedReader: TableReader {
    /// The next bytes; nil at the end.
    package typealias Source = () throws(TableError) -> [UInt8]?

    private let separator: UInt8
    private let limit: Int
    private let source: Source
    private var piece: [UInt8] = []
    private var index = 0
    private var line = 1
    private var names: JSONObject?

    /// The row that is being read: the bytes of its fields, and where each of them ends.
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    private var isTooLong = false

    /// - Parameters:
    ///   - separator: A comma, a tab.
    ///   - rowLimit: The most bytes of a row that is held in memory.
    package init(separator: UInt8, rowLimit: Int, _ source: @escaping Source) {
        (self.separator, limit, self.source) = (separator, rowLimit, source)
    }

    package mutating func next() throws(TableError) -> TableRow? {
        if names == nil { try readNames() }
        guard let names, let begin = try readFields() else { return nil }
        if isTooLong { return TableRow(line: begin, contents: .tooLong(limit: limit)) }
        guard ends.count == names.count else {
            return TableRow(
                line: begin,
                contents: .malformed(
                    found: Self.fields(ends.count), expected: "\(names.count), as the header has"))
        }
        var values: [JSONValue] = []
        values.reserveCapacity(ends.count)
        var start = 0
        for (end, name) in zip(ends, names.keys) {
            guard let text = Self.text(bytes[start..<end]) else {
                return TableRow(
                    line: begin,
                    contents: .malformed(
                        found: "bytes in '\(name)' that are no UTF-8", expected: "text in UTF-8"))
            }
            values.append(.string(text))
            start = end
        }
        return TableRow(line: begin, contents: .object(JSONObject(keysOf: names, values: values)))
    }

    private mutating func readNames() throws(TableError) {
        while piece.count < 3, let more = try source() { piece += more }
        if piece.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
        guard try readFields() != nil else { return }
        guard !isTooLong, ends.count <= Self.mostColumns else {
            throw TableError(
                place: "the header", found: "\(ends.count) columns", expected: "up to \(Self.mostColumns)")
        }
        var names = JSONObject()
        var start = 0
        for (number, end) in ends.enumerated() {
            guard let name = Self.text(bytes[start..<end]) else {
                throw TableError(
                    place: "the header", found: "bytes in the name of column \(number + 1) that are no UTF-8",
                    expected: "text in UTF-8")
            }
            guard names[name] == nil else {
                throw TableError(
                    place: "the header",
                    found: "'\(name.prefix(40))' twice, the second time for column \(number + 1)",
                    expected: "a name of its own for each column")
            }
            names[name] = .null
            start = end
        }
        self.names = names
    }

    private static let mostColumns = 1 << 14

    private static func fields(_ count: Int) -> String { count == 1 ? "1 field" : "\(count) fields" }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String? {
        String(validating: bytes, as: UTF8.self)
    }

    // MARK: Fields

    private enum State { case atStart, plain, quoted, afterQuote }

    private static let quote = UInt8(ascii: "\""), feed = UInt8(ascii: "\n"),
        carriageReturn = UInt8(ascii: "\r")

    /// Reads the fields of the next row that is not blank.
    ///
    /// - Returns: The line on which it begins; nil at the end.
    private mutating func readFields() throws(TableError) -> Int? {
        while true {
            let begin = line
            bytes.removeAll(keepingCapacity: true)
            ends.removeAll(keepingCapacity: true)
            isTooLong = false
            guard let isBlank = try readRow() else { return nil }
            if !isBlank { return begin }
        }
    }

    /// Reads a row, and returns whether its line is empty; nil at the end.
    private mutating func readRow() throws(TableError) -> Bool? {
        var state = State.atStart
        var isBlank = true
        let begin = line
        while true {
            if index == piece.count {
                guard let more = try source() else {
                    guard state != .quoted else {
                        throw TableError(
                            place: "line \(begin)", found: "a quote that nothing closes up to the end",
                            expected: "a closing quote, and quotes inside of a field doubled")
                    }
                    if isBlank, state == .atStart { return nil }
                    endField()
                    return false
                }
                (piece, index) = (more, 0)
                continue
            }
            let byte = piece[index]
            switch (state, byte) {
            case (.quoted, Self.quote): state = .afterQuote
            case (.quoted, _):
                takeRun { $0 != Self.quote }
                continue
            case (_, separator):
                endField()
                state = .atStart
            case (_, Self.feed), (_, Self.carriageReturn):
                index += 1
                try passLineBreak(after: byte)
                if isBlank { return true }
                endField()
                return false
            case (.atStart, Self.quote): state = .quoted
            case (.afterQuote, Self.quote):
                take(byte)
                state = .quoted
            default:
                takeRun { [separator] in $0 != separator && $0 != Self.feed && $0 != Self.carriageReturn }
                state = .plain
                isBlank = false
                continue
            }
            isBlank = false
            index += 1
        }
    }

    /// Counts a line, whose carriage return may be one half of its break.
    private mutating func passLineBreak(after byte: UInt8) throws(TableError) {
        line += 1
        guard byte == Self.carriageReturn else { return }
        if index == piece.count, let more = try source() { (piece, index) = (more, 0) }
        if index < piece.count, piece[index] == Self.feed { index += 1 }
    }

    private mutating func endField() {
        if ends.count <= Self.mostColumns { ends.append(bytes.count) } else { isTooLong = true }
    }

    private mutating func take(_ byte: UInt8) {
        if bytes.count < limit { bytes.append(byte) } else { isTooLong = true }
    }

    /// Takes the bytes up to the first that does not belong to them.
    private mutating func takeRun(_ belongs: (UInt8) -> Bool) {
        var end = index
        piece.withUnsafeBufferPointer { piece in
            while end < piece.count, belongs(piece[end]) {
                if piece[end] == Self.feed { line += 1 }
                end += 1
            }
        }
        if end - index <= limit - bytes.count { bytes += piece[index..<end] } else { isTooLong = true }
        index = end
    }
}
