import Files
import Foundation

/// A folder that is written beside its place and moved there when it is whole.
///
/// Nobody else writes to the same place meanwhile: the hidden folder `.NAME.partial` is locked. A run that is killed
/// leaves it, and the next run for the same place begins it anew.
struct OutputDirectory {
    /// The path of the finished folder.
    let final: String
    /// The path of the folder while it is written.
    let partial: String
    private let lock: FolderLock

    /// Makes the folder to write to, and locks it.
    ///
    /// - Parameter mayReplace: True if what stands in its place may be replaced, if it is not an empty
    ///   folder.
    init(_ url: URL, mayReplace: (String) -> Bool) throws(CorpusError) {
        let url = url.standardizedFileURL
        final = url.path
        try Self.check(final, mayReplace)
        partial = url.deletingLastPathComponent().path + "/." + url.lastPathComponent + ".partial"
        lock = try Self.locked(partial, for: final)
        do {
            // Whoever had the lock before may have put a corpus there.
            try Self.check(final, mayReplace)
            try Self.empty(partial)
        } catch {
            discard()
            throw error
        }
    }

    private static func check(_ final: String, _ mayReplace: (String) -> Bool) throws(CorpusError) {
        if FileStatus(final) != .missing, !isEmptyFolder(final), !mayReplace(final) {
            throw .outputExists(directory: final)
        }
    }

    private static func locked(_ partial: String, for final: String) throws(CorpusError) -> FolderLock {
        while true {
            do {
                try FileManager.default.createDirectory(atPath: partial, withIntermediateDirectories: true)
            } catch {
                throw .unwritable(file: partial, reason: reasonOfLastFailure())
            }
            let lock: FolderLock
            do {
                lock = try FolderLock(URL(fileURLWithPath: partial, isDirectory: true))
            } catch {
                if case .unwritable(_, let reason) = error { throw .unwritable(file: final, reason: reason) }
                throw CorpusError(error)
            }
            // Whoever had the folder may have moved it to its place before it was locked.
            if FileStatus(partial) == .folder { return lock }
            lock.release()
        }
    }

    /// Removes what a run that was killed left.
    private static func empty(_ folder: String) throws(CorpusError) {
        do {
            for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
                try FileManager.default.removeItem(atPath: folder + "/" + name)
            }
        } catch {
            throw .unwritable(file: folder, reason: reasonOfLastFailure())
        }
    }

    /// Moves the folder to its place; the work on it is over.
    func publish() throws(CorpusError) {
        try move()
        lock.release()
    }

    private func move() throws(CorpusError) {
        Self.sync(partial)
        if rename(partial, final) == 0 { return Self.sync(parent) }
        guard errno == ENOTEMPTY || errno == EEXIST else {
            throw .unwritable(file: final, reason: reasonOfLastFailure())
        }
        // The old folder is moved out of the way first, and back if the new one cannot take its place.
        let old = partial + "-replaced"
        try? FileManager.default.removeItem(atPath: old)
        guard rename(final, old) == 0 else { throw .unwritable(file: final, reason: reasonOfLastFailure()) }
        guard rename(partial, final) == 0 else {
            let code = errno
            _ = rename(old, final)
            throw .unwritable(file: final, reason: reasonOfLastFailure(code))
        }
        Self.sync(parent)
        try? FileManager.default.removeItem(atPath: old)
    }

    /// Leaves nothing behind; to be called instead of ``publish()``, or when that fails.
    func discard() {
        try? FileManager.default.removeItem(atPath: partial)
        lock.release()
    }

    private var parent: String { URL(fileURLWithPath: final).deletingLastPathComponent().path }

    private static func sync(_ folder: String) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private static func isEmptyFolder(_ path: String) -> Bool {
        (try? FileManager.default.contentsOfDirectory(atPath: path).isEmpty) ?? false
    }
}
