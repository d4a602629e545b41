import Alignment
import ArgumentParser
import Foundation
import LanguageModel
import NeuralCore

extension ChatModelError: CommandError {
    var outcome: Outcome {
        switch self {
        case .model(let error): error.outcome
        case .tokenizer(let error): error.outcome
        case .misfit(let error): error.outcome
        }
    }
}

extension MisfitError: CommandError {
    var outcome: Outcome { .badData }
}

/// The folder of the model that an adapter is for.
struct BaseOption: ParsableArguments, Encodable {
    @Option(
        help: ArgumentHelp(
            "The folder of the model that an adapter is for, if the adapter does not name it.",
            valueName: "dir"), completion: .model)
    var base: String?

    /// The folder, if it is given.
    ///
    /// - Parameter folders: Those of the models; one of them must be an adapter's, or the option would do nothing.
    func folder(for folders: [String]) throws -> URL? {
        guard let base else { return nil }
        let adapters = folders.filter {
            FileManager.default.fileExists(
                atPath: URL(filePath: $0).appending(component: "adapter_config.json").path(
                    percentEncoded: false))
        }
        guard !adapters.isEmpty else {
            throw ValidationError(
                "--base is the model of an adapter, and \(folders.joined(separator: ", ")) holds none")
        }
        return try modelFolder(base)
    }
}

extension ChatModel {
    /// Reads the model in a folder.
    ///
    /// - Parameters:
    ///   - template: A built-in template's name, or a file, to use instead of the folder's own.
    ///   - variables: Values of the template's variables.
    ///   - base: The folder of the model that an adapter is for; nil for the one that the adapter names.
    init(
        folder path: String, template: String? = nil, variables: TemplateVariables? = nil, base: URL? = nil
    ) throws {
        try self.init(
            contentsOf: modelFolder(path), template: template.map { try ChatTemplate(nameOrFile: $0) },
            variables: variables?.values ?? [:], base: base)
        try variables?.check([format])
    }
}

extension TextFormat {
    /// Reads how the text of the model in a folder is written.
    ///
    /// - Parameters:
    ///   - template: A built-in template's name, or a file, to use instead of the folder's own.
    ///   - variables: Values of the template's variables.
    ///   - base: The folder of the model that an adapter is for; nil for the one that the adapter names.
    init(folder path: String, template: String?, variables: TemplateVariables, base: URL?) throws {
        try self.init(
            contentsOf: modelFolder(path), template: template.map { try ChatTemplate(nameOrFile: $0) },
            variables: variables.values, base: base)
    }
}

/// The folder of a model, or its file in GGUF, that is there.
func modelFolder(_ path: String) throws -> URL {
    let url = URL(filePath: path)
    try ModelDirectory(url).checkIsThere()
    return url
}

/// A file that is there.
func existing(_ path: String) throws -> URL {
    guard FileManager.default.fileExists(atPath: path) else { throw LikelihoodError.missing(file: path) }
    return URL(filePath: path)
}

extension CompletionKind {
    /// The path of a model: a folder, or a file in GGUF.
    static var model: CompletionKind { .file(extensions: ["gguf"]) }
}
