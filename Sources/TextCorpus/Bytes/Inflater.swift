import CZlib

/// Inflates DEFLATE data piece by piece, in constant memory.
final class Inflater {
    /// How the compressed data is wrapped.
    enum Wrapping: Int32 {
        /// gzip (RFC 1952).
        case gzip = 31
        /// zlib (RFC 1950).
        case zlib = 15
        /// No wrapping (RFC 1951).
        case raw = -15
    }

    /// What one call did.
    struct Progress {
        var consumed: Int
        var produced: Int
        /// The end of a member was reached.
        var ended: Bool
    }

    /// What was wrong with the data, in zlib's words, and how much of the output was made before it.
    struct Fault: Error {
        let reason: String
        let produced: Int
    }

    // zlib keeps a pointer back to the stream, so it needs an address of its own.
    private let stream: UnsafeMutablePointer<z_stream>

    init(_ wrapping: Wrapping) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let status = inflateInit2_(
            stream, wrapping.rawValue, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { fatalError("zlib cannot be started: status \(status)") }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Makes ready for a new member.
    func reset() { inflateReset(stream) }

    /// Inflates from `input` to `output` until one of them is used up or the member ends.
    func inflate(
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
