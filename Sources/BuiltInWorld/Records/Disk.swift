import Files
import Foundation

/// The reason why a part of the world could not be written.
public enum WorldError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A file or folder could not be written: its path and the system's reason.
    case cannotWrite(path: String, reason: String)
    /// There is something in the place where a folder should be made.
    case alreadyExists(path: String)

    /// A sentence for people.
    public var description: String {
        switch self {
        case .cannotWrite(let path, let reason): "cannot write \(path): \(reason)"
        case .alreadyExists(let path): "\(path) is already there"
        }
    }
}

/// Files and folders, with errors that name them.
enum Disk {
    static func makeFolder(_ url: URL) throws(WorldError) {
        do {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        } catch {
            throw .cannotWrite(path: url.path, reason: error.localizedDescription)
        }
    }

    /// Lets `write` fill a folder beside `folder`, then renames it; an interrupted write leaves nothing in its place.
    static func fill<Result>(
        _ folder: URL, _ write: (URL) throws(WorldError) -> Result
    ) throws(WorldError) -> Result {
        guard !FileManager.default.fileExists(atPath: folder.path) else {
            throw .alreadyExists(path: folder.path)
        }
        let partial = folder.deletingLastPathComponent().appending(
            path: folder.lastPathComponent + ".partial")
        do {
            if FileManager.default.fileExists(atPath: partial.path) {
                try FileManager.default.removeItem(at: partial)
            }
        } catch {
            throw .cannotWrite(path: partial.path, reason: error.localizedDescription)
        }
        try makeFolder(partial)
        let result = try write(partial)
        do {
            try FileManager.default.moveItem(at: partial, to: folder)
        } catch {
            throw .cannotWrite(path: folder.path, reason: error.localizedDescription)
        }
        return result
    }

    /// Writes a file beside its place and renames it there.
    static func replace(_ url: URL, with text: String) throws(WorldError) {
        do {
            try writeAtomically(Data(text.utf8), to: url)
        } catch {
            throw .cannotWrite(path: url.path, reason: error.description)
        }
    }
}

/// Writes the files of a folder, and counts them.
struct FolderWriter {
    let folder: URL
    private(set) var written = Written()

    init(_ folder: URL) { self.folder = folder }

    /// Writes a file with that many characters worth reading, in a folder that need not be there.
    mutating func save(_ text: String, _ path: String, worth characters: Int = 0) throws(WorldError) {
        let (url, data) = (folder.appending(path: path), Data(text.utf8))
        try Disk.makeFolder(url.deletingLastPathComponent())
        do {
            try data.write(to: url)
        } catch {
            throw .cannotWrite(path: url.path, reason: error.localizedDescription)
        }
        written.files += 1
        written.characters += characters
        written.bytes += data.count
    }
}

/// Counts of the files written.
public struct Written: Sendable, Equatable {
    /// Files, navigation pages included.
    public var files = 0
    /// Characters of text that a reader would want, without tags and clutter.
    public var characters = 0
    /// Bytes on disk.
    public var bytes = 0
}
