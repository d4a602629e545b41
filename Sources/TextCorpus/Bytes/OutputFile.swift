import CZlib

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A file being written, which must not have been there before.
final class OutputFile {
    let path: String
    private(set) var count = 0
    /// The CRC-32 of what was written.
    private(set) var checksum: UInt32 = 0
    private var descriptor: Int32

    init(_ path: String) throws(CorpusError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .unwritable(file: path, reason: systemError()) }
        self.path = path
        self.descriptor = descriptor
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func write(_ bytes: [UInt8]) throws(CorpusError) {
        try bytes.withUnsafeBufferPointer { buffer throws(CorpusError) in
            try write(UnsafeRawBufferPointer(buffer))
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(CorpusError) {
        try put(bytes, at: count)
        checksum = crc(checksum, bytes)
        count += bytes.count
    }

    /// Writes over bytes that were written before; the checksum does not follow.
    func overwrite(_ bytes: [UInt8], at offset: Int) throws(CorpusError) {
        try bytes.withUnsafeBufferPointer { buffer throws(CorpusError) in
            try put(UnsafeRawBufferPointer(buffer), at: offset)
        }
    }

    private func put(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(CorpusError) {
        var done = 0
        while done < bytes.count, let base = bytes.baseAddress {
            let written = pwrite(descriptor, base + done, bytes.count - done, off_t(offset + done))
            if written < 0 {
                if errno == EINTR { continue }
                throw .unwritable(file: path, reason: systemError())
            }
            done += written
        }
    }

    /// Makes sure that everything is on disk, and closes the file.
    func finish() throws(CorpusError) {
        let synced = fsync(descriptor)
        let code = errno
        let closed = close(descriptor)
        descriptor = -1
        if synced != 0 { throw .unwritable(file: path, reason: systemError(code)) }
        if closed != 0 { throw .unwritable(file: path, reason: systemError()) }
    }
}

/// Goes on with a CRC-32.
func crc(_ checksum: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
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

/// Some bytes as a gzip member of their own; the same bytes always give the same member.
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
