import Foundation

/// A file that could not be opened, read or written, whatever its contents.
public enum FileError: Error, Hashable, Sendable {
    /// Nothing is there.
    case missing(file: String)
    /// The system's reason why it cannot be read.
    case unreadable(file: String, reason: String)
    /// The system's reason why it cannot be written. The previous contents are unchanged.
    case unwritable(file: String, reason: String)
}

extension FileError: CustomStringConvertible {
    /// One sentence for a person.
    public var description: String {
        "\(file): \(reason)"
    }

    /// The file.
    package var file: String {
        switch self {
        case .missing(let file), .unreadable(let file, _), .unwritable(let file, _): file
        }
    }

    /// The sentence without the file's name.
    package var reason: String {
        switch self {
        case .missing: "there is no such file"
        case .unreadable(_, let reason): "cannot be read: \(reason)"
        case .unwritable(_, let reason): "cannot be written: \(reason)"
        }
    }
}

/// The system's words for what failed last on this thread.
package func reasonOfLastFailure(_ code: Int32? = nil) -> String {
    String(cString: strerror(code ?? errno))
}
