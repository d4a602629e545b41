#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A regular file, read from front to back.
final class InputFile {
    let path: String
    /// The size when the file was opened.
    let size: Int
    private let descriptor: Int32

    /// Opens the file; pipes, devices and folders are refused, as opening or reading them could wait for
    /// ever.
    init(_ path: String) throws(CorpusError) {
        // Without O_NONBLOCK, opening a pipe would wait for its writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw errno == ENOENT ? .missing(file: path) : .unreadable(file: path, reason: systemError())
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .unreadable(file: path, reason: "not a regular file")
        }
        self.path = path
        self.size = Int(status.st_size)
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Reads up to the buffer's size; zero only at the end of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(CorpusError) -> Int {
        guard let base = buffer.baseAddress, !buffer.isEmpty else { return 0 }
        while true {
            #if canImport(Glibc)
            let count = Glibc.read(descriptor, base, buffer.count)
            #elseif canImport(Musl)
            let count = Musl.read(descriptor, base, buffer.count)
            #else
            let count = Darwin.read(descriptor, base, buffer.count)
            #endif
            if count >= 0 { return count }
            if errno != EINTR { throw .unreadable(file: path, reason: systemError()) }
        }
    }
}

/// The message of the last failed system call.
func systemError(_ code: Int32 = errno) -> String { String(cString: strerror(code)) }
