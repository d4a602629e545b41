package import Foundation

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
