import CZlib

/// Inflates DEFLATE data piece by piece, in constant memory.
package final class Inflater {
    /// The format around the compressed data.
    package enum Wrapping: Int32 {
        /// gzip (RFC 1952).
        case gzip = 31
        /// zlib (RFC 1950).
        case zlib = 15
        /// gzip or zlib, whichever the data begins with.
        case gzipOrZlib = 47
        /// No wrapping (RFC 1951).
        case raw = -15
    }

    /// The bytes consumed and produced by one call.
    package struct Progress {
        package var consumed: Int
        package var produced: Int
        /// The end of a member was reached.
        package var ended: Bool
    }

    /// A fault in the data, in zlib's words, with the bytes of output made before it.
    package struct Fault: Error {
        package let reason: String
        package let produced: Int
    }

    // zlib keeps a pointer back to the stream, so it needs an address of its own.
    private let stream: UnsafeMutablePointer<z_stream>

    /// Creates an inflater; nil if there is no memory for it.
    package init?(_ wrapping: Wrapping) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let status = inflateInit2_(
            stream, wrapping.rawValue, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { return nil }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Prepares for a new member.
    package func reset() { inflateReset(stream) }

    /// Inflates from `input` to `output` until one of them is used up or the member ends.
    package func inflate(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(Fault) -> Progress {
        let offered = min(input.count, Int(UInt32.max))
        let room = min(output.count, Int(UInt32.max))
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = UInt32(offered)
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(room)
        let status = CZlib.inflate(stream, Z_NO_FLUSH)
        guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
            throw Fault(
                reason: stream.pointee.msg.map { String(cString: $0) } ?? "zlib status \(status)",
                produced: room - Int(stream.pointee.avail_out))
        }
        return Progress(
            consumed: offered - Int(stream.pointee.avail_in),
            produced: room - Int(stream.pointee.avail_out), ended: status == Z_STREAM_END)
    }
}

/// Returns the CRC-32 of the bytes of `checksum` followed by more.
package func crc(_ checksum: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var value = UInt(checksum)
    var offset = 0
    while offset < bytes.count {
        let count = min(bytes.count - offset, 1 << 30)
        value = crc32(
            value, bytes.baseAddress?.advanced(by: offset).assumingMemoryBound(to: UInt8.self), UInt32(count))
        offset += count
    }
    return UInt32(truncatingIfNeeded: value)
}

/// Returns bytes as a gzip member of their own; the same bytes always give the same member.
package func gzipped(_ bytes: [UInt8], level: Int32) -> [UInt8] {
    var stream = z_stream()
    let status = deflateInit2_(
        &stream, level, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
        Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { fatalError("zlib cannot be started: status \(status)") }
    defer { deflateEnd(&stream) }
    var out = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))))
    let size = out.count
    var input = bytes
    let produced = input.withUnsafeMutableBufferPointer { source in
        out.withUnsafeMutableBufferPointer { target in
            stream.next_in = source.baseAddress
            stream.avail_in = UInt32(source.count)
            stream.next_out = target.baseAddress
            stream.avail_out = UInt32(size)
            let status = deflate(&stream, Z_FINISH)
            guard status == Z_STREAM_END else { fatalError("zlib cannot compress: status \(status)") }
            return size - Int(stream.avail_out)
        }
    }
    out.removeLast(size - produced)
    return out
}
