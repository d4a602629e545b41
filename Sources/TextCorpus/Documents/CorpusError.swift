package import Files
import JSON

/// An error in the files a corpus is made from or written to.
public enum CorpusError: Error, Equatable, Sendable {
    /// No such file or folder.
    case missing(file: String)
    /// The file is there and cannot be read.
    case unreadable(file: String, reason: String)
    /// The file is not what its format asks for.
    case malformed(file: String, place: String, found: String, expected: String)
    /// Reading on would go past a limit: a decompression bomb, for one.
    case exceedsLimit(file: String, place: String, found: String, limit: String)
    /// The folder to be written is already in use.
    case outputExists(directory: String)
    /// A file cannot be written.
    case unwritable(file: String, reason: String)
    /// Not one document was left to write.
    case noDocuments
    /// The work was told to stop; nothing was left behind.
    case interrupted
}

extension CorpusError {
    /// A file of the layer below that could not be opened, read or written.
    package init(_ error: FileError) {
        self =
            switch error {
            case .missing(let file): .missing(file: file)
            case .unreadable(let file, let reason): .unreadable(file: file, reason: reason)
            case .unwritable(let file, let reason): .unwritable(file: file, reason: reason)
            }
    }
}

extension CorpusError {
    /// JSON that cannot be read, in a line of a file or in the whole.
    init(_ error: JSONError, file: String, line: Int?) {
        self = .malformed(
            file: file, place: "\(line.map { "line \($0), " } ?? "")byte \(error.offset + 1)",
            found: error.found, expected: error.expected)
    }
}

extension CorpusError: CustomStringConvertible {
    /// The error in a sentence: file, place, found, expected.
    public var description: String {
        switch self {
        case .missing(let file): "\(file): there is no such file or folder"
        case .unreadable(let file, let reason): "\(file): cannot be read: \(reason)"
        case .malformed(let file, let place, let found, let expected):
            "\(file), \(place): found \(found), expected \(expected)"
        case .exceedsLimit(let file, let place, let found, let limit):
            "\(file), \(place): \(found) goes past the limit of \(limit)"
        case .outputExists(let directory):
            "\(directory): is there already; a corpus is written to a new folder, or replaces a corpus"
        case .unwritable(let file, let reason): "\(file): cannot be written: \(reason)"
        case .noDocuments: "no document was left to write; see what was dropped and why"
        case .interrupted: "interrupted; nothing was left behind"
        }
    }
}
