import Files
public import Foundation

/// A source of documents, and the way it is read.
///
/// Files may be compressed with gzip, whatever their names; folders are read in the order of names.
public enum CorpusSource: Sendable, Hashable {
    /// A folder of HTML and XHTML pages, or one page.
    case website(URL)
    /// A WARC file, or a folder of them; also WET files.
    case webArchive(URL)
    /// A folder of source files, with its `.gitignore` and license.
    case repository(URL)
    /// A plain text file, or every text file of a folder.
    case text(URL)
    /// A Markdown file, or those of a folder.
    case markdown(URL)
    /// A file of JSON objects with a `text`, one a line, or those of a folder.
    case jsonLines(URL)
    /// A file of rows with a column `text` (Parquet, Arrow, CSV or TSV), or those of a folder.
    case table(URL)
    /// A folder of files that are read as their names tell.
    case folder(URL)
    /// Documents in memory.
    case documents([Document])

    /// The source at a path, read as its name and contents suggest.
    ///
    /// A folder with a `.git`, or in which most files whose names tell their format are source files, is a
    /// repository; a folder in which most are pages is a website; any other folder is read file by file.
    public init(detecting url: URL) throws(CorpusError) {
        switch FileStatus(url.path) {
        case .missing: throw .missing(file: url.path)
        case .other: throw .unreadable(file: url.path, reason: "neither a file nor a folder")
        case .folder: self = try Self.folderKind(url)
        case .file:
            switch FileFormat(name: url.lastPathComponent) {
            case .page: self = .website(url)
            case .webArchive: self = .webArchive(url)
            case .markdown: self = .markdown(url)
            case .jsonLines: self = .jsonLines(url)
            case .table: self = .table(url)
            case .source: self = .folder(url)
            case .text, nil: self = .text(url)
            }
        }
    }

    /// The most files looked at to tell the kind of a folder.
    private static let sampledFiles = 2_000

    private static func folderKind(_ url: URL) throws(CorpusError) -> CorpusSource {
        if FileStatus(url.path + "/.git") != .missing { return .repository(url) }
        var walk = try DirectoryWalk(url.path, pruning: { _, name in UnwantedFiles.reason(folder: name) })
        var sources = 0
        var pages = 0
        var others = 0
        for _ in 0..<sampledFiles {
            guard let entry = try walk.next() else { break }
            switch FileFormat(name: entry.name) {
            case .source: sources += 1
            case .page: pages += 1
            case .table, nil: break
            default: others += 1
            }
        }
        if sources > pages + others { return .repository(url) }
        return pages > sources + others ? .website(url) : .folder(url)
    }

    /// The file or folder; nil for documents in memory.
    public var url: URL? {
        switch self {
        case .website(let url), .webArchive(let url), .repository(let url), .text(let url),
            .markdown(let url),
            .jsonLines(let url), .table(let url), .folder(let url):
            url
        case .documents: nil
        }
    }

    /// The word for how the source is read.
    public var format: String {
        switch self {
        case .website: "website"
        case .webArchive: "warc"
        case .repository: "repository"
        case .text: "text"
        case .markdown: "markdown"
        case .jsonLines: "jsonl"
        case .table: "table"
        case .folder: "folder"
        case .documents: "documents"
        }
    }

    /// The formats' words, and the source each makes of a place.
    public static let formats: [(name: String, source: @Sendable (URL) -> CorpusSource)] = [
        ("website", { .website($0) }), ("warc", { .webArchive($0) }), ("repository", { .repository($0) }),
        ("text", { .text($0) }), ("markdown", { .markdown($0) }), ("jsonl", { .jsonLines($0) }),
        ("table", { .table($0) }),
        ("folder", { .folder($0) }),
    ]

    /// The source's name in a data card: the last part of its path.
    var name: String {
        guard let url else { return "memory" }
        return url.standardizedFileURL.lastPathComponent
    }

    /// Begins to read.
    func reader(limits: ReadingLimits) throws(CorpusError) -> any RecordReader {
        switch self {
        case .website(let url): return try reader(url, .page(isXML: Self.isXHTML(url)), .pages, limits)
        case .webArchive(let url): return try reader(url, .webArchive, .only(.webArchive), limits)
        case .text(let url): return try reader(url, .text, .anyText, limits)
        case .markdown(let url): return try reader(url, .markdown, .only(.markdown), limits)
        case .jsonLines(let url): return try reader(url, .jsonLines, .only(.jsonLines), limits)
        case .table(let url): return try reader(url, .table, .only(.table), limits)
        case .folder(let url):
            return try reader(url, FileFormat(name: url.lastPathComponent) ?? .text, .byName, limits)
        case .repository(let url):
            guard FileStatus(url.path) != .missing else { throw .missing(file: url.path) }
            return try RepositoryReader(url.path, name: name, limits: limits)
        case .documents(let documents): return DocumentsReader(documents)
        }
    }

    private func reader(
        _ url: URL, _ format: FileFormat, _ selection: FolderReader.Selection, _ limits: ReadingLimits
    ) throws(CorpusError) -> any RecordReader {
        switch FileStatus(url.path) {
        case .missing: throw .missing(file: url.path)
        case .folder: return try FolderReader(url.path, name: name, selection: selection, limits: limits)
        case .file, .other: return try FileReader.open(url.path, as: format, name: name, limits: limits)
        }
    }

    private static func isXHTML(_ url: URL) -> Bool {
        FileFormat(name: url.lastPathComponent) == .page(isXML: true)
    }
}
