import Files

/// Reads the files under a folder, one after the other, in the order of their names.
struct FolderReader: RecordReader {
    /// The files of a folder that are read, and their format.
    enum Selection: Sendable {
        /// Pages, by name or by how they begin.
        case pages
        /// Files of one format, by name.
        case only(FileFormat)
        /// Every file that is text, as plain text.
        case anyText
        /// Every file whose name tells its format, but for CSV and TSV, which are data more often than documents.
        case byName
    }

    private var walk: DirectoryWalk
    private let root: String
    private let name: String
    private let selection: Selection
    private let limits: ReadingLimits
    private var current: (any RecordReader)?
    private var finishedBytes = 0

    init(_ root: String, name: String, selection: Selection, limits: ReadingLimits) throws(CorpusError) {
        self.root = root
        self.name = name
        self.selection = selection
        self.limits = limits
        walk = try DirectoryWalk(
            root, followsLinks: limits.followsLinks,
            pruning: { _, name in [".git", ".svn", ".hg"].contains(name) ? .versionControl : nil })
    }

    var bytesRead: Int { finishedBytes + (current?.bytesRead ?? 0) }

    mutating func next() throws(Unkept) -> RawRecord? {
        while true {
            if let record = try current?.next() { return record }
            finishedBytes += current?.bytesRead ?? 0
            current = nil
            let dropped: DropReason
            let entry: DirectoryWalk.Entry
            let shown: String
            do {
                guard let next = try walk.next() else { return nil }
                entry = next
                shown = name.isEmpty ? entry.path : name + "/" + entry.path
                if let reason = entry.skipped ?? (entry.size == 0 ? .empty : nil) {
                    dropped = reason
                } else if let format = try format(of: entry) {
                    current = try FileReader.open(
                        root + "/" + entry.path, as: format, name: shown, limits: limits)
                    continue
                } else {
                    dropped = .otherFormat
                }
            } catch {
                throw .failed(error)
            }
            throw .dropped(dropped, name: shown, bytes: entry.size)
        }
    }

    private func format(of entry: DirectoryWalk.Entry) throws(CorpusError) -> FileFormat? {
        let named = FileFormat(name: entry.name)
        switch selection {
        case .byName: return named == .table && TableFile.hasLines(entry.name) ? nil : named
        case .only(let format): return named == format ? format : nil
        case .anyText:
            let head = try head(of: entry)
            return UnwantedFiles.reason(contents: head, language: nil) == nil ? .text : nil
        case .pages:
            if case .page? = named { return named }
            // Crawlers save addresses such as `about` or `index.php?id=3` under these names.
            guard named == nil, FileFormat.looksLikePage(try head(of: entry)) else { return nil }
            return .page(isXML: false)
        }
    }

    private func head(of entry: DirectoryWalk.Entry) throws(CorpusError) -> [UInt8] {
        var input = try ByteStream(root + "/" + entry.path, limits: limits).window()
        try input.fill(8_000)
        return input.take(min(input.available, 8_000))
    }
}

extension DropReason {
    static let otherFormat = DropReason(
        "other_format", "a file of another format than the source is read for")
}
