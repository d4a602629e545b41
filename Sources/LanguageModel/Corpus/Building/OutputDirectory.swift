import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A folder that is written beside its place and moved there when it is whole.
///
/// A run that is interrupted leaves at most a hidden folder `.NAME.partial-PID`, which the next run for the
/// same place removes.
struct OutputDirectory {
    /// Where the folder will be.
    let final: String
    /// Where it is being written.
    let partial: String

    /// Makes the folder to write to.
    ///
    /// - Parameter mayReplace: Whether what stands in its place may be replaced, if it is not an empty
    ///   folder.
    init(_ url: URL, mayReplace: (String) -> Bool) throws(CorpusError) {
        let url = url.standardizedFileURL
        final = url.path
        let parent = url.deletingLastPathComponent().path
        let name = url.lastPathComponent
        let status = FileStatus(final)
        if status != .missing, !Self.isEmptyFolder(final), !mayReplace(final) {
            throw .outputExists(directory: final)
        }
        Self.removeLeftovers(in: parent, of: name)
        partial = parent + "/." + name + ".partial-\(getpid())"
        do {
            try FileManager.default.createDirectory(atPath: partial, withIntermediateDirectories: true)
        } catch {
            throw .unwritable(file: partial, reason: systemError())
        }
    }

    /// Moves the folder to its place.
    func publish() throws(CorpusError) {
        Self.sync(partial)
        if rename(partial, final) == 0 { return Self.sync(parent) }
        guard errno == ENOTEMPTY || errno == EEXIST else {
            throw .unwritable(file: final, reason: systemError())
        }
        // What is replaced is moved out of the way first, and back if the new folder cannot take its place.
        let old = partial.replacing(".partial-", with: ".replaced-")
        guard rename(final, old) == 0 else { throw .unwritable(file: final, reason: systemError()) }
        guard rename(partial, final) == 0 else {
            let code = errno
            _ = rename(old, final)
            throw .unwritable(file: final, reason: systemError(code))
        }
        Self.sync(parent)
        try? FileManager.default.removeItem(atPath: old)
    }

    /// Leaves nothing behind.
    func discard() { try? FileManager.default.removeItem(atPath: partial) }

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

    /// Removes what runs that are no longer alive left behind.
    private static func removeLeftovers(in parent: String, of name: String) {
        let prefix = "." + name + ".partial-"
        for entry in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
        where entry.hasPrefix(prefix) {
            guard let process = pid_t(entry.dropFirst(prefix.count)) else { continue }
            if process == getpid() || kill(process, 0) != 0 && errno == ESRCH {
                try? FileManager.default.removeItem(atPath: parent + "/" + entry)
            }
        }
    }
}
