package import Foundation

/// A file's bytes, which the system reads when they are looked at.
///
/// A file that another process cuts short while it is mapped ends this process when the lost part is looked at;
/// files that are replaced, as `writeAtomically` does, keep their old contents here.
package final class MappedFile: Sendable {
    /// The path, for messages.
    package let path: String

    package nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

    package init(_ url: URL) throws(FileError) {
        path = url.path(percentEncoded: false)
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw errno == ENOENT
                ? .missing(file: path) : .unreadable(file: path, reason: reasonOfLastFailure())
        }
        defer { close(descriptor) }

        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable(file: path, reason: "it is not a regular file")
        }
        let count = Int(status.st_size)
        guard count > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        guard let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
            throw .unreadable(file: path, reason: reasonOfLastFailure())
        }
        bytes = UnsafeRawBufferPointer(start: start, count: count)
    }

    deinit {
        if let start = bytes.baseAddress {
            munmap(UnsafeMutableRawPointer(mutating: start), bytes.count)
        }
    }
}
