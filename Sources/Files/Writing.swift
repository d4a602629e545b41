package import Foundation

/// Writes a file that is either complete or not there.
///
/// The bytes go to a file beside it, are forced to the disk, and the new file takes the old one's name in one step.
/// So whatever happens on the way (a full disk, a crash, a cut of power), `url` holds what it held before or all of
/// the new contents. A temporary file left by a killed process is replaced by the next write.
///
/// The folder must exist. A symbolic link is followed; the permissions of an existing file are kept. Two writers of
/// one file at a time are refused.
package func writeAtomically(
    to url: URL, _ body: (borrowing FileWriter) throws(FileError) -> Void
) throws(FileError) {
    let writer = try FileWriter.open(beside: url.resolvingSymlinksInPath())
    defer { writer.close() }
    do {
        try body(writer)
        try writer.commit()
    } catch {
        writer.abandon()
        throw error
    }
}

/// Writes `data` as the whole contents of a file that is either complete or not there.
package func writeAtomically(_ data: some ContiguousBytes, to url: URL) throws(FileError) {
    try writeAtomically(to: url) { writer throws(FileError) in try writer.write(data) }
}

/// Makes a folder, and those above it, unless they are there.
package func makeFolder(_ url: URL) throws(FileError) {
    let path = url.path(percentEncoded: false)
    if FileStatus(path) == .folder { return }
    let parent = url.deletingLastPathComponent()
    if parent.path(percentEncoded: false) != path { try makeFolder(parent) }
    if mkdir(path, 0o777) == 0 { return }
    let reason = reasonOfLastFailure()
    // Another process may have made it meanwhile.
    guard FileStatus(path) != .folder else { return }
    try checkFolder(url)
    throw .unwritable(file: path, reason: reason)
}

/// Makes sure that a folder is there or could be made: that no file stands where it, or a folder above it, has to be.
package func checkFolder(_ url: URL) throws(FileError) {
    var names = url.standardizedFileURL.pathComponents.filter { $0 != "/" }
    var path: String { "/" + names.joined(separator: "/") }
    let folder = path
    while !names.isEmpty, FileStatus(path) == .missing { names.removeLast() }
    guard FileStatus(path) == .folder else {
        throw .unwritable(
            file: folder, reason: "\(path == folder ? "it" : path) is a file, expected a folder")
    }
}

/// Fills a folder that is either complete or what it was before.
///
/// The files go to a folder beside it, which then takes its name. Of a process killed between the two steps of that, both
/// folders are left whole, and ``completeFolder(_:)`` brings the new one to its name.
///
/// - Parameter body: Fills the folder that it is given.
package func writeFolderAtomically(to url: URL, _ body: (URL) throws -> Void) throws {
    try completeFolder(url)
    let files = FileManager.default
    let (partial, earlier) = (url.besides("partial"), url.besides("earlier"))
    try? files.removeItem(at: partial)
    try makeFolder(partial)
    do {
        try body(partial)
    } catch {
        try? files.removeItem(at: partial)
        throw error
    }
    let path = url.path(percentEncoded: false)
    func move(_ from: URL, _ to: URL) throws(FileError) {
        guard rename(from.path(percentEncoded: false), to.path(percentEncoded: false)) == 0 else {
            throw .unwritable(file: path, reason: reasonOfLastFailure())
        }
    }
    if FileStatus(path) != .missing { try move(url, earlier) }
    try move(partial, url)
    try? files.removeItem(at: earlier)
}

/// Ends what a killed process had begun of ``writeFolderAtomically(to:_:)``.
package func completeFolder(_ url: URL) throws(FileError) {
    let path = url.path(percentEncoded: false)
    let (partial, earlier) = (url.besides("partial"), url.besides("earlier"))
    guard FileStatus(earlier.path(percentEncoded: false)) == .folder else { return }
    // The earlier folder gives up its name only to one that is whole.
    if FileStatus(path) == .missing,
        rename(partial.path(percentEncoded: false), path) != 0,
        rename(earlier.path(percentEncoded: false), path) != 0
    {
        throw .unwritable(file: path, reason: reasonOfLastFailure())
    }
    try? FileManager.default.removeItem(at: earlier)
}

extension URL {
    /// A name of our own in the same folder.
    fileprivate func besides(_ what: String) -> URL {
        deletingLastPathComponent().appending(component: ".\(lastPathComponent).\(what)")
    }
}

/// Takes the bytes of a file on their way to the disk; see `writeAtomically`.
package struct FileWriter: ~Copyable {
    private let destination: String
    private let partial: String
    private let descriptor: Int32

    /// Opens and empties the partial file of `url`, which no other writer has.
    fileprivate static func open(beside url: URL) throws(FileError) -> FileWriter {
        let destination = url.path(percentEncoded: false)
        let partial = url.deletingLastPathComponent()
            .appending(component: ".\(url.lastPathComponent).partial").path(percentEncoded: false)

        var existing = stat()
        let isReplacing = stat(destination, &existing) == 0
        if isReplacing, existing.st_mode & S_IFMT != S_IFREG {
            throw .unwritable(file: destination, reason: "what is there is not a regular file")
        }
        let descriptor = Foundation.open(partial, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
        guard descriptor >= 0 else { throw .unwritable(file: destination, reason: reasonOfLastFailure()) }

        // A writer that renames its file between the opening and the lock leaves us with a file of another name.
        var opened = stat()
        var named = stat()
        let isTaken = flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK
        guard !isTaken, fstat(descriptor, &opened) == 0, stat(partial, &named) == 0,
            opened.st_ino == named.st_ino
        else {
            Foundation.close(descriptor)
            throw .unwritable(file: destination, reason: "another writer is at work on it")
        }
        guard ftruncate(descriptor, 0) == 0 else {
            defer { Foundation.close(descriptor) }
            throw .unwritable(file: destination, reason: reasonOfLastFailure())
        }
        if isReplacing { fchmod(descriptor, existing.st_mode & 0o777) }
        return FileWriter(destination: destination, partial: partial, descriptor: descriptor)
    }

    /// Appends `bytes`.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        var rest = bytes
        while !rest.isEmpty {
            // Linux takes at most 2³¹ − 4096 bytes at a time.
            let count = Foundation.write(descriptor, rest.baseAddress, min(rest.count, 1 << 30))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure() }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Appends the bytes of `data`.
    package func write(_ data: some ContiguousBytes) throws(FileError) {
        let result = data.withUnsafeBytes { bytes in
            Result { () throws(FileError) in try write(bytes) }
        }
        try result.get()
    }

    /// Forces the bytes to the disk and gives the file its name.
    fileprivate func commit() throws(FileError) {
        guard fsync(descriptor) == 0, rename(partial, destination) == 0 else { throw failure() }
        // The name is on the disk when the folder is; a file system that cannot force a folder does it in its time.
        let folder = URL(filePath: destination).deletingLastPathComponent().path(percentEncoded: false)
        let folderDescriptor = Foundation.open(folder, O_RDONLY | O_CLOEXEC)
        if folderDescriptor >= 0 {
            fsync(folderDescriptor)
            Foundation.close(folderDescriptor)
        }
    }

    /// Removes what was written.
    fileprivate func abandon() { unlink(partial) }

    fileprivate func close() { _ = Foundation.close(descriptor) }

    private func failure() -> FileError {
        .unwritable(file: destination, reason: reasonOfLastFailure())
    }
}

/// Keeps other processes from writing into a folder while this one does.
///
///     let lock = try FolderLock(folder)
///     defer { lock.release() }
///
/// The lock is on the folder itself, not on a file in it, so nothing is left behind, and it follows the folder when that
/// is renamed. It ends with `release()` or with the process, however that dies. On a file system without such locks
/// there is none, and nothing is refused.
package struct FolderLock: Sendable {
    private let descriptor: Int32

    /// Locks a folder, which must exist.
    ///
    /// - Throws: `FileError.unwritable` when another writer has it, in this process or elsewhere, or when it cannot be
    ///   opened.
    package init(_ folder: URL) throws(FileError) {
        let path = folder.path(percentEncoded: false)
        descriptor = Foundation.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unwritable(file: path, reason: reasonOfLastFailure()) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK else { return }
        Foundation.close(descriptor)
        throw .unwritable(file: path, reason: "another process is writing in it")
    }

    /// Lets others have the folder; to be called once.
    package func release() { Foundation.close(descriptor) }
}
