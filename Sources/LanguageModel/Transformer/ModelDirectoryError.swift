public import NeuralCore

/// An error in reading or writing a model directory.
public enum ModelDirectoryError: Error, Sendable, Equatable {
    /// There is no such folder.
    case missing(folder: String)
    /// A file is not there, or cannot be read.
    case unreadable(file: String, reason: String)
    /// The folder cannot be made, or a file in it cannot be written.
    case unwritable(file: String, reason: String)
    /// A file operation failed.
    case file(FileError)
    /// The parameters are not those of the model.
    case checkpoint(CheckpointError)
    /// The folder has no weights but in a format that is not read.
    case foreignWeights(file: String)
    /// A file exists but is malformed.
    case malformed(file: String, key: String, found: String, expected: String)
    /// A file is well formed and asks for something that is not supported.
    case unsupported(file: String, key: String, found: String, supported: String)
}

extension ModelDirectoryError: CustomStringConvertible {
    /// A sentence with the file, the key, the value found and the value expected.
    public var description: String {
        switch self {
        case .missing(let folder):
            "\(folder): there is no such folder; expected one with config.json, model.safetensors and tokenizer.json"
        case .unreadable(let file, let reason), .unwritable(let file, let reason):
            "\(file): \(reason)"
        case .file(let error): error.description
        case .checkpoint(let error): error.description
        case .foreignWeights(let file) where file.hasSuffix(".gguf"):
            "\(file): weights in this format are read where the file is given in place of its folder"
        case .foreignWeights(let file):
            """
            \(file): weights in this format are not read, only model.safetensors; to convert them with transformers:
              python -c "import sys, transformers as t
              t.AutoModelForCausalLM.from_pretrained(sys.argv[1]).save_pretrained(sys.argv[1])" DIRECTORY
            """
        case .malformed(let file, "contents", let found, let expected):
            "\(file): found \(found), expected \(expected)"
        case .malformed(let file, let key, let found, let expected):
            "\(file): \(key) is \(found); expected \(expected)"
        case .unsupported(let file, "contents", let found, let supported):
            "\(file): found \(found), expected \(supported)"
        case .unsupported(let file, let key, let found, let supported):
            "\(file): \(key) is \(found), which is not supported; supported: \(supported)"
        }
    }
}
