package import Files

/// A run of bytes in memory, with what keeps them there.
package struct Bytes {
    /// Memory that is given back when nobody looks at it any more.
    private final class Allocation {
        let memory: UnsafeMutableRawBufferPointer

        init(_ count: Int) { memory = .allocate(byteCount: max(1, count), alignment: 16) }

        deinit { memory.deallocate() }
    }

    private let owner: AnyObject
    let memory: UnsafeRawBufferPointer

    /// The bytes of a file.
    package init(_ file: MappedFile) { (owner, memory) = (file, file.bytes) }

    /// New bytes, all of which `fill` sets.
    init(count: Int, fill: (UnsafeMutableRawBufferPointer) throws(TableError) -> Void) throws(TableError) {
        let allocation = Allocation(count)
        let memory = UnsafeMutableRawBufferPointer(rebasing: allocation.memory[0..<count])
        try fill(memory)
        (owner, self.memory) = (allocation, UnsafeRawBufferPointer(memory))
    }

    private init(_ owner: AnyObject, _ memory: UnsafeRawBufferPointer) {
        (self.owner, self.memory) = (owner, memory)
    }

    var count: Int { memory.count }

    /// The bytes of a range, which must be inside.
    func slice(_ start: Int, count: Int) throws(TableError) -> Bytes {
        guard start >= 0, count >= 0, start <= self.count, count <= self.count - start else {
            throw TableError(
                found: "bytes \(start) to \(start.addingReportingOverflow(count).partialValue)",
                expected: "a range within \(self.count) bytes")
        }
        return Bytes(owner, .init(rebasing: memory[start..<start + count]))
    }

    /// A number in little-endian order, at a place that was checked.
    func load<Number: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, as: Number.Type) -> Number {
        Number(littleEndian: memory.loadUnaligned(fromByteOffset: offset, as: Number.self))
    }

    /// Up to 64 bits, the first the lowest, as both formats pack them; those past the end are zero.
    func bits(at bit: Int, width: Int) -> UInt64 {
        let (byte, shift) = (bit >> 3, UInt64(bit & 7))
        var word: UInt64 = 0
        if byte + 8 <= count {
            word = load(byte, as: UInt64.self)
        } else {
            for index in byte..<max(byte, count) {
                word |= UInt64(memory[index]) << UInt64(8 * (index - byte))
            }
        }
        word >>= shift
        if Int(shift) + width > 64, byte + 8 < count { word |= UInt64(memory[byte + 8]) << (64 - shift) }
        return width == 64 ? word : word & ((1 << UInt64(width)) - 1)
    }
}

/// Reads bytes from front to back, never past their end.
struct ByteReader {
    let bytes: Bytes
    private(set) var position = 0

    init(_ bytes: Bytes) { self.bytes = bytes }

    var left: Int { bytes.count - position }

    private func missing(_ count: Int) -> TableError {
        TableError(found: "the end after \(left) bytes", expected: "\(count) more")
    }

    mutating func byte() throws(TableError) -> UInt8 {
        guard left > 0 else { throw missing(1) }
        defer { position += 1 }
        return bytes.memory[position]
    }

    mutating func number<Number: FixedWidthInteger & BitwiseCopyable>(
        _: Number.Type = Number.self
    ) throws(TableError) -> Number {
        let size = MemoryLayout<Number>.size
        guard left >= size else { throw missing(size) }
        defer { position += size }
        return bytes.load(position, as: Number.self)
    }

    mutating func take(_ count: Int) throws(TableError) -> Bytes {
        guard count >= 0, count <= left else { throw missing(count) }
        defer { position += count }
        return try bytes.slice(position, count: count)
    }

    mutating func skip(_ count: Int) throws(TableError) {
        guard count >= 0, count <= left else { throw missing(count) }
        position += count
    }

    /// A number of seven bits a byte, the lowest first (ULEB128).
    mutating func variable() throws(TableError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try byte()
            guard shift < 63 || byte < 2 else {
                throw TableError(found: "a number of more than 64 bits", expected: "at most 64")
            }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }

    /// A number whose sign is the lowest bit (zigzag).
    mutating func signed() throws(TableError) -> Int64 {
        let value = try variable()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// A count or a length, up to 2³¹ − 1 as both formats have it.
    mutating func count() throws(TableError) -> Int {
        let value = try variable()
        guard value <= UInt64(Int32.max) else {
            throw TableError(found: "\(value)", expected: "less than 2³¹")
        }
        return Int(value)
    }
}
