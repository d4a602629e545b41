import Foundation

/// A file that could not be opened, read or written; nothing is said about its contents.
public enum FileError: Error, Hashable, Sendable {
    /// Nothing is there.
    case missing(file: String)
    /// The system's reason why it cannot be read.
    case unreadable(file: String, reason: String)
    /// The system's reason why it cannot be written. What stood there before still does.
    case unwritable(file: String, reason: String)
}

extension FileError: CustomStringConvertible {
    /// One sentence for a person.
    public var description: String {
        switch self {
        case .missing(let file): "\(file): there is no such file"
        case .unreadable(let file, let reason): "\(file): cannot be read: \(reason)"
        case .unwritable(let file, let reason): "\(file): cannot be written: \(reason)"
        }
    }
}

/// The system's words for what failed last on this thread.
func reasonOfLastFailure() -> String { String(cString: strerror(errno)) }
