package import Foundation

/// The kind of file at a path, after following links. What cannot be looked at is no missing file, but another one.
package enum FileStatus {
    case missing, file, folder, other

    package init(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            self = errno == ENOENT || errno == ENOTDIR ? .missing : .other
            return
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: self = .file
        case S_IFDIR: self = .folder
        default: self = .other
        }
    }

    /// Returns whether there is a symbolic link at a path.
    package static func isLink(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }
}

/// An open file, read from front to back.
package final class InputFile: Sendable {
    /// The path, for messages.
    package let path: String
    /// The size when the file was opened.
    package let size: Int
    fileprivate let descriptor: Int32

    /// Opens a file.
    ///
    /// - Parameter acceptsPipes: Whether what is no regular file is read too, such as a pipe. Reading one, and opening
    ///   one that has no writer yet, may take forever.
    package init(_ path: String, acceptsPipes: Bool = false) throws(FileError) {
        // Without O_NONBLOCK, opening a pipe would wait for its writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | (acceptsPipes ? 0 : O_NONBLOCK))
        guard descriptor >= 0 else {
            throw errno == ENOENT
                ? .missing(file: path) : .unreadable(file: path, reason: reasonOfLastFailure())
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, acceptsPipes || status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .unreadable(file: path, reason: "it is not a regular file")
        }
        (self.path, self.descriptor, size) = (path, descriptor, Int(status.st_size))
    }

    /// Standard input, which stays open.
    package static var standardInput: InputFile { InputFile(standardInput: ()) }

    private init(standardInput: Void) {
        (path, descriptor, size) = ("standard input", STDIN_FILENO, 0)
    }

    deinit { if descriptor != STDIN_FILENO { close(descriptor) } }

    /// Reads up to the buffer's size; zero only at the end of the file.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
        guard let base = buffer.baseAddress, !buffer.isEmpty else { return 0 }
        while true {
            let count = Foundation.read(descriptor, base, buffer.count)
            if count >= 0 { return count }
            if errno != EINTR { throw .unreadable(file: path, reason: reasonOfLastFailure()) }
        }
    }

    /// Reads the remaining bytes, up to a limit.
    package func read(atMost limit: Int) throws(FileError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: limit)
        var count = 0
        while count < limit {
            let read = try bytes.withUnsafeMutableBufferPointer { buffer throws(FileError) in
                try self.read(into: UnsafeMutableRawBufferPointer(.init(rebasing: buffer[count...])))
            }
            if read == 0 { break }
            count += read
        }
        bytes.removeLast(limit - count)
        return bytes
    }
}

/// All bytes of a file.
package func contents(of url: URL) throws(FileError) -> [UInt8] {
    let file = try InputFile(url.path(percentEncoded: false))
    return try file.read(atMost: file.size)
}

/// A file's bytes, which the system reads when they are looked at.
///
/// A file that another process cuts short while it is mapped ends this process when the lost part is looked at;
/// files that are replaced, as `writeAtomically` does, keep their old contents here.
package final class MappedFile: Sendable {
    /// The path, for messages.
    package let path: String

    package nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

    package init(_ url: URL) throws(FileError) {
        let file = try InputFile(url.path(percentEncoded: false))
        path = file.path
        guard file.size > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        guard let start = mmap(nil, file.size, PROT_READ, MAP_PRIVATE, file.descriptor, 0),
            start != MAP_FAILED
        else {
            throw .unreadable(file: path, reason: reasonOfLastFailure())
        }
        bytes = UnsafeRawBufferPointer(start: start, count: file.size)
    }

    /// Lets the system have the memory of bytes that were looked at; when they are again, it reads them anew.
    package func release(_ range: Range<Int>) {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let begin = (range.lowerBound + page - 1) / page * page
        let end = range.upperBound / page * page
        guard let start = bytes.baseAddress, begin < end else { return }
        madvise(UnsafeMutableRawPointer(mutating: start + begin), end - begin, MADV_DONTNEED)
    }

    deinit {
        if let start = bytes.baseAddress {
            munmap(UnsafeMutableRawPointer(mutating: start), bytes.count)
        }
    }
}
