/// A table of a FlatBuffer, of which every place is checked when it is looked at.
///
/// - SeeAlso: https://flatbuffers.dev/internals/
struct FlatTable {
    private let bytes: Bytes
    private let position: Int

    /// The table at the root of a buffer.
    init(_ bytes: Bytes) throws(TableError) {
        try self.init(bytes, at: 0)
    }

    /// The table that the number at a place points to.
    private init(_ bytes: Bytes, at place: Int) throws(TableError) {
        self.bytes = bytes
        position = place + Int(try Self.number(bytes, at: place, UInt32.self))
    }

    private static func number<Number: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: Bytes, at place: Int, _: Number.Type
    ) throws(TableError) -> Number {
        guard place >= 0, place <= bytes.count - MemoryLayout<Number>.size else {
            throw TableError(
                found: "byte \(place) of a message",
                expected: "\(MemoryLayout<Number>.size) within \(bytes.count)")
        }
        return bytes.load(place, as: Number.self)
    }

    /// Returns the position of a field; nil if it has its default.
    private func place(_ field: Int) throws(TableError) -> Int? {
        let fields = position - Int(try Self.number(bytes, at: position, Int32.self))
        let size = Int(try Self.number(bytes, at: fields, UInt16.self))
        guard 4 + 2 * field + 2 <= size else { return nil }
        let offset = Int(try Self.number(bytes, at: fields + 4 + 2 * field, UInt16.self))
        return offset == 0 ? nil : position + offset
    }

    func integer<Number: FixedWidthInteger & BitwiseCopyable>(
        _ field: Int, _: Number.Type, default value: Number = 0
    ) throws(TableError) -> Int {
        guard let place = try place(field) else { return Int(value) }
        return Int(truncatingIfNeeded: try Self.number(bytes, at: place, Number.self))
    }

    func table(_ field: Int) throws(TableError) -> FlatTable? {
        guard let place = try place(field) else { return nil }
        return try FlatTable(bytes, at: place)
    }

    func tables(_ field: Int) throws(TableError) -> [FlatTable] {
        let (start, count) = try vector(field, elementSize: 4)
        var tables: [FlatTable] = []
        for index in 0..<count { tables.append(try FlatTable(bytes, at: start + 4 * index)) }
        return tables
    }

    /// Pairs of 64-bit numbers, as batches list their lengths and buffers.
    func pairs(_ field: Int) throws(TableError) -> [(Int, Int)] {
        let (start, count) = try vector(field, elementSize: 16)
        return (0..<count).map {
            (
                Int(bytes.load(start + 16 * $0, as: Int64.self)),
                Int(bytes.load(start + 16 * $0 + 8, as: Int64.self))
            )
        }
    }

    /// The places of messages in the file, as a footer lists them.
    func blocks(_ field: Int) throws(TableError) -> [Int] {
        // A place, the size of the message's head, and that of its body, which the head knows too.
        let size = 24
        let (start, count) = try vector(field, elementSize: size)
        return (0..<count).map { Int(bytes.load(start + size * $0, as: Int64.self)) }
    }

    func text(_ field: Int) throws(TableError) -> String? {
        guard try place(field) != nil else { return nil }
        let (start, count) = try vector(field, elementSize: 1)
        return String(decoding: try bytes.slice(start, count: count).memory, as: UTF8.self)
    }

    /// Returns the start of a vector's elements and their count, all within the buffer.
    private func vector(_ field: Int, elementSize: Int) throws(TableError) -> (start: Int, count: Int) {
        guard let place = try place(field) else { return (0, 0) }
        let start = place + Int(try Self.number(bytes, at: place, UInt32.self))
        let count = Int(try Self.number(bytes, at: start, UInt32.self))
        _ = try bytes.slice(start + 4, count: count * elementSize)
        return (start + 4, count)
    }
}
