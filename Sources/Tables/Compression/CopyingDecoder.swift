import Foundation

/// Undoes compression that consists of literal bytes and of copies of what came before.
struct CopyingDecoder {
    private var input: ByteReader
    private let output: UnsafeMutableRawBufferPointer
    private var count = 0

    private init(_ input: Bytes, into output: UnsafeMutableRawBufferPointer) {
        (self.input, self.output) = (ByteReader(input), output)
    }

    private mutating func literal(_ length: Int) throws(TableError) {
        guard length <= output.count - count else { throw tooMuch() }
        let bytes = try input.take(length)
        UnsafeMutableRawBufferPointer(rebasing: output[count...]).copyMemory(from: bytes.memory)
        count += length
    }

    /// Repeats `length` bytes from `distance` bytes ago, perhaps some that are only being written.
    private mutating func copy(_ length: Int, distance: Int) throws(TableError) {
        guard length <= output.count - count else { throw tooMuch() }
        guard distance > 0, distance <= count else {
            throw TableError(found: "a copy from \(distance) bytes ago", expected: "1 to \(count)")
        }
        let base = output.baseAddress!
        let start = base + (count - distance)
        let end = count + length
        while count < end {
            // All bytes from `start` on exist and repeat themselves, so each copy doubles the length of the next.
            let step = min(end - count, base + count - start)
            memcpy(base + count, start, step)
            count += step
        }
    }

    private func tooMuch() -> TableError {
        TableError(found: "more compressed data", expected: "\(output.count) bytes of it")
    }

    private func checkEnd() throws(TableError) {
        guard count == output.count else {
            throw TableError(found: "\(count) bytes of compressed data", expected: "\(output.count)")
        }
    }

    /// Snappy's raw format.
    ///
    /// - SeeAlso: https://github.com/google/snappy/blob/main/format_description.txt
    static func snappy(_ bytes: Bytes, into output: UnsafeMutableRawBufferPointer) throws(TableError) {
        var decoder = CopyingDecoder(bytes, into: output)
        let size = try decoder.input.variable()
        guard size == UInt64(output.count) else {
            throw TableError(found: "snappy data of \(size) bytes", expected: "\(output.count)")
        }
        while decoder.input.left > 0 {
            let tag = Int(try decoder.input.byte())
            switch tag & 3 {
            case 0:
                var length = tag >> 2
                if length >= 60 {
                    let bytes = try decoder.input.take(length - 59)
                    length = Int(bytes.bits(at: 0, width: 32))
                }
                try decoder.literal(length + 1)
            case 1:
                let low = Int(try decoder.input.byte())
                try decoder.copy(4 + (tag >> 2) & 7, distance: (tag >> 5) << 8 | low)
            case 2: try decoder.copy(1 + tag >> 2, distance: Int(try decoder.input.number(UInt16.self)))
            default: try decoder.copy(1 + tag >> 2, distance: Int(try decoder.input.number(UInt32.self)))
            }
        }
        try decoder.checkEnd()
    }

    /// A block of LZ4, without a frame around it.
    ///
    /// - SeeAlso: https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md
    static func lz4(_ bytes: Bytes, into output: UnsafeMutableRawBufferPointer) throws(TableError) {
        var decoder = CopyingDecoder(bytes, into: output)
        while decoder.input.left > 0 {
            let token = Int(try decoder.input.byte())
            try decoder.literal(try decoder.length(token >> 4))
            // The last sequence is literals alone.
            if decoder.input.left == 0 { break }
            let distance = Int(try decoder.input.number(UInt16.self))
            try decoder.copy(try decoder.length(token & 15) + 4, distance: distance)
        }
        try decoder.checkEnd()
    }

    /// A length of LZ4: 15 means that bytes follow, which are added up to the first that is not 255.
    private mutating func length(_ start: Int) throws(TableError) -> Int {
        var length = start
        while length >= 15 {
            let byte = try input.byte()
            length += Int(byte)
            if byte < 255 { break }
        }
        return length
    }
}
