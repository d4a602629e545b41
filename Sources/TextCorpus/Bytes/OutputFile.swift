import Files
import Foundation
import Tables

/// A file being written, which must not have been there before.
final class OutputFile {
    let path: String
    private(set) var count = 0
    /// The CRC-32 of what was written.
    private(set) var checksum: UInt32 = 0
    private var descriptor: Int32

    init(_ path: String) throws(CorpusError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .unwritable(file: path, reason: reasonOfLastFailure()) }
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
                throw .unwritable(file: path, reason: reasonOfLastFailure())
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
        if synced != 0 { throw .unwritable(file: path, reason: reasonOfLastFailure(code)) }
        if closed != 0 { throw .unwritable(file: path, reason: reasonOfLastFailure()) }
    }
}
