internal import JSON
public import NeuralCore

/// Why a tokenizer could not be made, read or written.
public enum TokenizerError: Error, Equatable, Sendable {
    /// A file could not be read or written.
    case file(FileError)
    /// A file says something it must not say. The place is a line or a key.
    case malformed(file: String, place: String, expected: String, found: String)
    /// A file asks for something this library does not do. The place is a key.
    case unsupported(file: String, place: String, found: String)
    /// A vocabulary cannot be so small: it must hold every byte and every special token.
    case vocabularyTooSmall(requested: Int, smallest: Int)
    /// A file is larger than anything of its kind.
    case tooLarge(file: String, bytes: Int, limit: Int)
}

extension TokenizerError {
    init(_ error: JSONError, file: String) {
        self = .malformed(file: file, place: error.place, expected: error.expected, found: error.found)
    }
}

extension TokenizerError: CustomStringConvertible {
    /// One sentence for a person.
    public var description: String {
        switch self {
        case .file(let error): error.description
        case .malformed(let file, let place, let expected, let found):
            "\(file): \(place): expected \(expected), found \(found)"
        case .unsupported(let file, let place, let found): "\(file): \(place): \(found) is not supported"
        case .vocabularyTooSmall(let requested, let smallest):
            "a vocabulary of \(requested) tokens was asked for, but every byte and special token needs \(smallest)"
        case .tooLarge(let file, let bytes, let limit): "\(file): has \(bytes) bytes, more than \(limit)"
        }
    }
}
