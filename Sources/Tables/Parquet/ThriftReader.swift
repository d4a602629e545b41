/// Reads a structure in Thrift's compact protocol from front to back, building only the values that the caller asks for.
///
///     try thrift.forEachField { thrift, field throws(TableError) in
///         if field == 3 { rows = try thrift.integer() }
///     }
///
/// A value that is not read is passed over. Depth is limited, so that no input exhausts the stack.
///
/// - SeeAlso: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
struct ThriftReader {
    private enum Kind: UInt8 {
        case isTrue = 1
        case isFalse, byte, int16, int32, int64, double, binary, list, set, map, structure, uuid
    }

    private var reader: ByteReader
    private var depth = 0
    /// The kind of the value that comes next, until it is read.
    private var due: Kind?

    private static let greatestDepth = 32

    init(_ bytes: Bytes) { reader = ByteReader(bytes) }

    /// The position of the next byte.
    var position: Int { reader.position }

    /// Reads the fields of a structure; `body` reads the value of each, or leaves it.
    mutating func forEachField(
        _ body: (inout ThriftReader, _ field: Int) throws(TableError) -> Void
    ) throws(TableError) {
        if due != nil { try expect([.structure], "a structure") }
        try descend()
        defer { depth -= 1 }
        var field = 0
        while true {
            let head = try reader.byte()
            if head == 0 { return }
            let step = Int(head >> 4)
            if step == 0 {
                field = Int(truncatingIfNeeded: try reader.signed())
            } else {
                field &+= step
            }
            due = try kind(head & 15)
            try body(&self, field)
            if due != nil { try skip() }
        }
    }

    /// Reads the elements of a list; `body` reads each, or leaves it.
    mutating func forEachElement(
        _ body: (inout ThriftReader) throws(TableError) -> Void
    ) throws(TableError) {
        try expect([.list, .set], "a list")
        let (count, kind) = try listHead()
        try descend()
        defer { depth -= 1 }
        for _ in 0..<count {
            due = kind
            try body(&self)
            if due != nil { try skip(inList: true) }
        }
    }

    mutating func integer() throws(TableError) -> Int {
        switch due {
        case .byte:
            due = nil
            return Int(Int8(bitPattern: try reader.byte()))
        default:
            try expect([.int16, .int32, .int64], "a whole number")
            return Int(try reader.signed())
        }
    }

    mutating func bool() throws(TableError) -> Bool {
        let isTrue = due == .isTrue
        try expect([.isTrue, .isFalse], "true or false")
        return isTrue
    }

    mutating func text() throws(TableError) -> String {
        try expect([.binary], "text")
        let bytes = try reader.take(try reader.count())
        return String(decoding: bytes.memory, as: UTF8.self)
    }

    // MARK: Details

    private mutating func expect(_ kinds: [Kind], _ expected: String) throws(TableError) {
        guard let found = due, kinds.contains(found) else {
            throw TableError(found: due.map { "Thrift's kind \($0)" } ?? "nothing", expected: expected)
        }
        due = nil
    }

    private func kind(_ code: UInt8) throws(TableError) -> Kind {
        guard let kind = Kind(rawValue: code) else {
            throw TableError(found: "kind \(code) in Thrift's protocol", expected: "1 to 13")
        }
        return kind
    }

    private mutating func descend() throws(TableError) {
        guard depth < Self.greatestDepth else {
            throw TableError(found: "nesting over \(Self.greatestDepth) deep", expected: "less")
        }
        depth += 1
    }

    private mutating func listHead() throws(TableError) -> (count: Int, kind: Kind) {
        let head = try reader.byte()
        let count = head >> 4 == 15 ? try reader.count() : Int(head >> 4)
        // Every element takes a byte at least.
        guard count <= reader.left else {
            throw TableError(found: "a list of \(count)", expected: "at most \(reader.left) in what follows")
        }
        // For empty lists, some writers give no kind.
        return (count, count == 0 ? .structure : try kind(head & 15))
    }

    /// Passes over the value that is due; a truth takes a byte of its own in lists alone.
    private mutating func skip(inList: Bool = false) throws(TableError) {
        guard let kind = due else { return }
        due = nil
        switch kind {
        case .isTrue, .isFalse: if inList { try reader.skip(1) }
        case .byte: try reader.skip(1)
        case .int16, .int32, .int64: _ = try reader.variable()
        case .double: try reader.skip(8)
        case .uuid: try reader.skip(16)
        case .binary: try reader.skip(try reader.count())
        case .structure:
            due = .structure
            try forEachField { _, _ throws(TableError) in }
        case .list, .set:
            due = kind
            try forEachElement { _ throws(TableError) in }
        case .map:
            let count = try reader.count()
            guard count <= reader.left else {
                throw TableError(
                    found: "a map of \(count)", expected: "at most \(reader.left) in what follows")
            }
            if count == 0 { return }
            let kinds = try reader.byte()
            try descend()
            defer { depth -= 1 }
            for _ in 0..<count {
                for code in [kinds >> 4, kinds & 15] {
                    due = try self.kind(code)
                    try skip(inList: true)
                }
            }
        }
    }
}
