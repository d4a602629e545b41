import Files

/// Reads the source files of a repository.
///
/// Files that `.gitignore` names, version control, dependencies, lock files, generated, minified and binary files
/// are left out. Each file carries the license its header names, or else that of the nearest folder with a
/// license file.
struct RepositoryReader: RecordReader {
    private var walk: DirectoryWalk
    private let root: String
    private let name: String
    private let limits: ReadingLimits
    private let surroundings: Surroundings
    private(set) var bytesRead = 0

    /// Files of data are configuration up to this size, and data beyond it.
    private static let configurationBytes = 1 << 15

    init(_ root: String, name: String, limits: ReadingLimits) throws(CorpusError) {
        let surroundings = Surroundings(root: root)
        self.root = root
        self.name = name
        self.limits = limits
        self.surroundings = surroundings
        walk = try DirectoryWalk(
            root, followsLinks: limits.followsLinks,
            pruning: { path, name in
                UnwantedFiles.reason(folder: name)
                    ?? (surroundings.ignores(path, isFolder: true) ? .ignored : nil)
            },
            entering: { path, names in surroundings.enter(path, names) })
    }

    mutating func next() throws(Unkept) -> RawRecord? {
        let entry: DirectoryWalk.Entry?
        do { entry = try walk.next() } catch { throw .failed(error) }
        guard let entry else { return nil }
        let shown = name.isEmpty ? entry.path : name + "/" + entry.path
        let reason =
            entry.skipped ?? (surroundings.ignores(entry.path, isFolder: false) ? .ignored : nil)
            ?? UnwantedFiles.reason(file: entry.name) ?? (entry.size == 0 ? .empty : nil)
            ?? (entry.size > limits.documentBytes ? .tooLarge : nil)
        if let reason { throw .dropped(reason, name: shown, bytes: entry.size) }
        return try file(entry, shown)
    }

    private mutating func file(_ entry: DirectoryWalk.Entry, _ shown: String) throws(Unkept) -> RawRecord {
        let path = root + "/" + entry.path
        let bytes: [UInt8]
        do {
            let file = try InputFile(path)
            bytes = try file.read(atMost: min(file.size, limits.documentBytes))
        } catch {
            throw .failed(CorpusError(error))
        }
        let count = bytes.count
        bytesRead += count
        let language = SourceLanguage(name: entry.name, firstLine: bytes.prefix(128).prefix { $0 != 0x0a })
        if let reason = UnwantedFiles.reason(contents: bytes, language: language) {
            throw .dropped(reason, name: shown, bytes: count)
        }
        let isConfiguration = language.map { $0.role != .data } ?? false
        if !isConfiguration, count > Self.configurationBytes || language?.name == "Jupyter Notebook" {
            throw .dropped(.dataFile, name: shown, bytes: count)
        }
        return RawRecord(
            bytes: bytes, format: .sourceFile(path: entry.path, language), source: shown,
            file: path, license: surroundings.license(of: entry.path))
    }
}

/// The rules for ignoring, and the licenses, of the folders around a file.
private final class Surroundings {
    private let root: String
    private var ignoring = IgnoreStack()
    private var licenses: [(folder: String, identifier: String)] = []

    init(root: String) { self.root = root }

    func enter(_ path: String, _ names: [String]) {
        let depth = path.isEmpty ? 0 : path.utf8.count { $0 == UInt8(ascii: "/") } + 1
        let folder = path.isEmpty ? root : root + "/" + path
        ignoring.enter(depth: depth)
        licenses.removeAll { !Self.isInside(path, $0.folder) }
        if depth == 0, let rules = contents(folder + "/.git/info/exclude") {
            ignoring.add(IgnoreRules(rules), depth: 0)
        }
        // Git does not follow a link to rules either.
        if names.contains(".gitignore"), !FileStatus.isLink(folder + "/.gitignore"),
            let rules = contents(folder + "/.gitignore")
        {
            ignoring.add(IgnoreRules(rules), depth: depth)
        }
        for name in names where License.isLicenseFile(name) {
            guard let text = contents(folder + "/" + name), let identifier = License.identifier(in: text)
            else {
                continue
            }
            licenses.append((path, identifier))
            break
        }
    }

    func ignores(_ path: String, isFolder: Bool) -> Bool { ignoring.ignores(path, isFolder: isFolder) }

    func license(of path: String) -> String? { licenses.last { Self.isInside(path, $0.folder) }?.identifier }

    private static func isInside(_ path: String, _ folder: String) -> Bool {
        folder.isEmpty || path == folder || path.hasPrefix(folder + "/")
    }

    /// The beginning of a small text file; nil when it cannot be read.
    private func contents(_ path: String) -> String? {
        guard var input = try? ByteStream(path).window() else { return nil }
        guard (try? input.fill(1 << 18)) != nil else { return nil }
        return String(decoding: input.take(min(input.available, 1 << 18)), as: UTF8.self)
    }
}
