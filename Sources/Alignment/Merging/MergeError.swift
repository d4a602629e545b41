import LanguageModel
import NeuralCore

/// The reason why models cannot be merged.
public enum MergeError: Error, Sendable {
    /// A recipe says what is not understood; `key` is where, such as `models[1].parameters.weight`.
    case recipe(file: String, key: String, found: String, expected: String)
    /// A setting that the method needs is not given for a tensor.
    case unset(parameter: String, tensor: String)
    /// A setting is not one that the method can use.
    case outOfRange(parameter: String, tensor: String, found: Double, expected: String)
    /// The recipe as a whole cannot be carried out.
    case impossible(String)
    /// Two models are not of one shape.
    case unlike(model: String, other: String, tensor: String, found: String, expected: String)
    /// A model cannot be read, or the merged one cannot be written.
    case model(ChatModelError)
}

extension MergeError: CustomStringConvertible {
    /// A sentence that says where, what was found and what was expected.
    public var description: String {
        switch self {
        case .recipe(let file, let key, let found, let expected):
            "\(file): \(key) is \(found); expected \(expected)"
        case .unset(let parameter, let tensor):
            "\(tensor): no \(parameter) is given for it, and the method needs one"
        case .outOfRange(let parameter, let tensor, let found, let expected):
            "\(tensor): \(parameter) is \(found); expected \(expected)"
        case .impossible(let reason): reason
        case .unlike(let model, let other, let tensor, let found, let expected):
            "\(model): \(tensor): found \(found), but \(other) has \(expected); only models of one shape merge"
        case .model(let error): error.description
        }
    }

    static func directory(_ error: ModelDirectoryError) -> MergeError { .model(.model(error)) }
    static func checkpoint(_ error: CheckpointError) -> MergeError { .directory(.checkpoint(error)) }
}
