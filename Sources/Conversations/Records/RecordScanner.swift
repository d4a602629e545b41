/// Cuts a stream of bytes into records: the lines of JSON Lines, or the elements of one JSON array.
///
/// At most one record and one piece of the stream are in memory. What is cut is not parsed: a record that is
/// no JSON costs its own place only, except that an array whose brackets do not match runs to the end of the
/// file.
package struct RecordScanner {
    /// A record's bytes and the line on which it starts, from one.
    package struct Record {
        package var line: Int
        /// Nil when the record is longer than the limit.
        package var bytes: [UInt8]?
    }

    private enum Form { case undecided, lines, array, ended }

    private let limit: Int
    private let source: () throws(RecordFileError) -> [UInt8]?
    private var piece: [UInt8] = []
    private var index = 0
    private var line = 1
    private var form = Form.undecided

    /// A scanner of the pieces that the source hands out until it returns nil.
    package init(limit: Int, source: @escaping () throws(RecordFileError) -> [UInt8]?) {
        self.limit = limit
        self.source = source
    }

    /// The next record, nil at the end; blank lines are none.
    package mutating func next() throws(RecordFileError) -> Record? {
        if form == .undecided { form = try startsWithBracket() ? .array : .lines }
        switch form {
        case .lines: return try nextLine()
        case .array: return try nextElement()
        case .undecided, .ended: return nil
        }
    }

    /// True if there is another byte, which then stands at `index` of `piece`.
    private mutating func refill() throws(RecordFileError) -> Bool {
        while index == piece.count {
            guard let more = try source() else { return false }
            piece = more
            index = 0
        }
        return true
    }

    /// Steps over white space and a byte order mark, and over the bracket that opens an array.
    private mutating func startsWithBracket() throws(RecordFileError) -> Bool {
        while try refill() {
            switch piece[index] {
            case UInt8(ascii: "\n"): line += 1
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), 0xEF, 0xBB, 0xBF: break
            case UInt8(ascii: "["):
                index += 1
                return true
            default: return false
            }
            index += 1
        }
        return false
    }

    private mutating func nextLine() throws(RecordFileError) -> Record? {
        while try refill() {
            var bytes: [UInt8] = []
            var isTooLong = false
            while try refill() {
                let end = piece[index...].firstIndex(of: UInt8(ascii: "\n"))
                let part = piece[index..<(end ?? piece.count)]
                isTooLong = isTooLong || bytes.count + part.count > limit
                if isTooLong { bytes = [] } else { bytes += part }
                index = end ?? piece.count
                if end != nil { break }
            }
            if index < piece.count { index += 1 }
            line += 1
            if isTooLong { return Record(line: line - 1, bytes: nil) }
            if bytes.contains(where: { $0 > UInt8(ascii: " ") }) {
                return Record(line: line - 1, bytes: bytes)
            }
        }
        return nil
    }

    /// The bytes up to the comma or bracket that ends the element.
    private mutating func nextElement() throws(RecordFileError) -> Record? {
        var bytes: [UInt8] = []
        var start: Int?
        var depth = 0
        var isString = false
        var isEscaped = false
        var isTooLong = false
        while try refill() {
            let byte = piece[index]
            index += 1
            if byte == UInt8(ascii: "\n") { line += 1 }
            if isString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isString = false
                }
            } else {
                switch byte {
                case UInt8(ascii: "\""): isString = true
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    depth -= 1
                    if depth < 0 {
                        form = .ended
                        return start.map { Record(line: $0, bytes: isTooLong ? nil : bytes) }
                    }
                case UInt8(ascii: ",") where depth == 0:
                    return Record(line: start ?? line, bytes: isTooLong ? nil : bytes)
                case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\t"), UInt8(ascii: "\r"):
                    if depth == 0 { continue }
                default: break
                }
            }
            if start == nil { start = line }
            if bytes.count == limit { isTooLong = true }
            if isTooLong { bytes = [] } else { bytes.append(byte) }
        }
        // The array never closed: what is left is a record if it happens to be whole, and else is named as
        // broken.
        form = .ended
        return Record(line: start ?? line, bytes: isTooLong ? nil : bytes)
    }
}
