public import Files

/// An error in a checkpoint, with its location.
public enum CheckpointError: Error, Hashable, Sendable {
    /// The file cannot be opened.
    case file(FileError)
    /// The contents contradict the format; `key` is the array concerned, if it is one.
    case malformed(file: String, key: String?, found: String, expected: String)
    /// The model has parameters that are not in the checkpoint.
    case missingKeys([String], file: String)
    /// The checkpoint has arrays that the model does not read.
    case unusedKeys([String], file: String)
    /// An array's shape is not its parameter's.
    case misshapen(file: String, key: String, found: Shape, expected: Shape)
}

extension CheckpointError: CustomStringConvertible {
    /// One sentence for a person.
    public var description: String {
        switch self {
        case .file(let error):
            error.description
        case .malformed(let file, let key, let found, let expected):
            "\(file): \(key.map { "\($0): " } ?? "")found \(found), expected \(expected)"
        case .missingKeys(let keys, let file):
            "\(file): lacks \(Self.list(keys))"
        case .unusedKeys(let keys, let file):
            "\(file): holds \(Self.list(keys)), which the model does not have"
        case .misshapen(let file, let key, let found, let expected):
            "\(file): \(key): found shape \(found), expected \(expected)"
        }
    }

    private static func list(_ keys: [String]) -> String {
        let shown = keys.prefix(5).joined(separator: ", ")
        return keys.count > 5 ? "\(shown) and \(keys.count - 5) more" : shown
    }
}
