import Files
import Foundation

/// Visits the files under a folder in the order of their names' bytes, the same on every machine.
///
/// Links to folders are not followed, so a loop of links cannot be entered; links to files are read as the
/// files they lead to, if those are under the folder too or all links are to be followed. Pipes, sockets and devices are left out. Names are kept for one chain of folders at a
/// time.
struct DirectoryWalk {
    /// A file or folder met on the way.
    struct Entry {
        /// The path from the root, `a/b.txt`.
        var path: String
        var name: String
        var size: Int
        /// A reason for leaving it out, if there is one.
        var skipped: DropReason?
    }

    let root: String
    /// The folders below which nothing is visited, by path and name.
    private let prunes: (String, String) -> DropReason?
    private var levels: [Level] = []

    private struct Level {
        var path: String
        var names: [String]
        var visited = 0
    }

    private let entered: (String, [String]) -> Void
    private let followsLinks: Bool
    /// The folder without links, which files that links lead to must be under.
    private let realRoot: String?

    /// Begins at a folder.
    ///
    /// - Parameters:
    ///   - pruning: Gives the reason to leave out a folder, from its path and name.
    ///   - followsLinks: True if links to files outside of the folder are followed.
    ///   - entering: Told each folder's path and the names in it, before they are visited.
    init(
        _ root: String, followsLinks: Bool = false,
        pruning: @escaping (String, String) -> DropReason? = { _, _ in nil },
        entering: @escaping (String, [String]) -> Void = { _, _ in }
    ) throws(CorpusError) {
        self.root = root
        self.prunes = pruning
        self.entered = entering
        self.followsLinks = followsLinks
        realRoot = Self.realPath(root)
        let names = try Self.names(in: root)
        entering("", names)
        levels = [Level(path: "", names: names)]
    }

    /// The next file, or a folder that is left out.
    mutating func next() throws(CorpusError) -> Entry? {
        while let level = levels.last {
            guard level.visited < level.names.count else {
                levels.removeLast()
                continue
            }
            levels[levels.count - 1].visited += 1
            let name = level.names[level.visited]
            let path = level.path.isEmpty ? name : level.path + "/" + name
            var status = stat()
            guard lstat(root + "/" + path, &status) == 0 else {
                throw .unreadable(file: root + "/" + path, reason: reasonOfLastFailure())
            }
            let isLink = status.st_mode & S_IFMT == S_IFLNK
            if isLink, stat(root + "/" + path, &status) != 0 {
                return Entry(path: path, name: name, size: 0, skipped: .brokenLink)
            }
            let entry = Entry(path: path, name: name, size: Int(status.st_size))
            switch status.st_mode & S_IFMT {
            case S_IFREG where isLink && !followsLinks && leadsOut(path): return entry.skipping(.outsideLink)
            case S_IFREG: return entry
            case S_IFDIR where isLink: return entry.skipping(.folderLink)
            case S_IFDIR:
                if let reason = prunes(path, name) { return entry.skipping(reason) }
                let names = try Self.names(in: root + "/" + path)
                entered(path, names)
                levels.append(Level(path: path, names: names))
            default: return entry.skipping(.notAFile)
            }
        }
        return nil
    }

    /// True if a link leads to a file that is not under the folder.
    private func leadsOut(_ path: String) -> Bool {
        guard let realRoot, let target = Self.realPath(root + "/" + path) else { return true }
        return !target.hasPrefix(realRoot.hasSuffix("/") ? realRoot : realRoot + "/")
    }

    private static func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func names(in folder: String) throws(CorpusError) -> [String] {
        guard let directory = opendir(folder) else {
            throw errno == ENOENT
                ? .missing(file: folder) : .unreadable(file: folder, reason: reasonOfLastFailure())
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: field.pointee)) {
                    String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}

extension DirectoryWalk.Entry {
    fileprivate func skipping(_ reason: DropReason) -> Self {
        var entry = self
        entry.skipped = reason
        return entry
    }
}

extension DropReason {
    static let brokenLink = DropReason("broken_link", "a symbolic link that leads nowhere, or to itself")
    static let folderLink = DropReason("folder_link", "a symbolic link to a folder; these are not followed")
    static let outsideLink = DropReason(
        "outside_link",
        "a symbolic link to a file outside of the folder; these are followed only when asked for")
    static let notAFile = DropReason("not_a_file", "a pipe, socket or device")
}
