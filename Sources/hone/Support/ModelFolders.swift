import Alignment
import Foundation
import LanguageModel
import NeuralCore

extension ChatModelError: CommandError {
    var outcome: Outcome {
        switch self {
        case .model(let error): error.outcome
        case .tokenizer(let error): error.outcome
        }
    }
}

extension ChatModel {
    /// Reads the model in a folder.
    ///
    /// - Parameter template: A built-in template's name, or a file, to use instead of the folder's own.
    init(folder path: String, template: String? = nil) throws {
        try self.init(contentsOf: existing(path), template: template.map { try ChatTemplate.named($0) })
    }
}

extension TextFormat {
    /// Reads how the text of the model in a folder is written.
    ///
    /// - Parameter template: A built-in template's name, or a file, to use instead of the folder's own.
    init(folder path: String, template: String? = nil) throws {
        try self.init(contentsOf: existing(path), template: template.map { try ChatTemplate.named($0) })
    }
}

/// A folder that is there.
private func existing(_ path: String) throws -> URL {
    guard FileManager.default.fileExists(atPath: path) else { throw LikelihoodError.missing(file: path) }
    return URL(filePath: path)
}
