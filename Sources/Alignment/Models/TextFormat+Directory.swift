public import Foundation
public import LanguageModel
import NeuralCore

/// The reason why a model with its text format cannot be read from a folder.
public enum ChatModelError: Error, Sendable, CustomStringConvertible {
    /// The model cannot be read.
    case model(ModelDirectoryError)
    /// The tokenizer, or what is said of its use, cannot be read or written.
    case tokenizer(TokenizerError)
    /// The tokenizer is not the model's.
    case misfit(MisfitError)

    /// A sentence that names the file and what is wrong with it.
    public var description: String {
        switch self {
        case .model(let error): error.description
        case .tokenizer(let error): error.description
        case .misfit(let error): error.description
        }
    }
}

extension TextFormat {
    /// Reads the format of the model in a folder; of an adapter without a tokenizer, that of the model it is for.
    ///
    /// - Parameters:
    ///   - folder: The model's folder, with its `tokenizer.json`, or `vocab.json` and `merges.txt`.
    ///   - template: The template to use instead of the folder's.
    ///   - variables: Values of the template's variables where a conversation does not say them.
    ///   - base: The folder of the model that an adapter is for; nil for where the adapter says it is.
    /// - Throws: ``ChatModelError``. A template that cannot be read is no error here, but in ``chatTemplate()``.
    public init(
        contentsOf folder: URL, template: ChatTemplate? = nil, variables: JSONObject = [:], base: URL? = nil
    ) throws(ChatModelError) {
        let parts: (source: URL, model: TransformerConfiguration?, generation: GenerationConfiguration)
        do throws(ModelDirectoryError) {
            parts = try Self.parts(of: folder, base: base)
        } catch {
            throw .model(error)
        }
        do throws(TokenizerError) {
            self.init(
                try BytePairTokenizer(directory: parts.source),
                configuration: try TokenizerConfiguration(directory: parts.source), template: template,
                variables: variables, model: parts.model, generation: parts.generation,
                name: folder.lastPathComponent)
            source = parts.source
        } catch {
            throw .tokenizer(error)
        }
    }

    /// The folder with the tokenizer, and what is said of the model.
    private static func parts(
        of folder: URL, base: URL?
    ) throws(ModelDirectoryError) -> (URL, TransformerConfiguration?, GenerationConfiguration) {
        let source = try ModelDirectory(folder).textDirectory(base: base).url
        let base = try ModelDirectory(folder).foundation(base: base)
        let model = base.gguf != nil || base.url.holds("config.json") ? try base.configuration() : nil
        return (source, model, try GenerationConfiguration(directory: base.url))
    }

    private static let tokenizerName = "tokenizer.json"

    /// The contents of `tokenizer_config.json`, with the template in use.
    var writtenConfiguration: TokenizerConfiguration {
        var configuration = configuration
        if template.source != configuration.chatTemplate, templateProblem == nil {
            configuration.chatTemplate = template.source
            configuration.endOfText = template.tokens["eos_token"] ?? configuration.endOfText
        }
        return configuration
    }

    /// Writes what goes with a model: `tokenizer.json`, `tokenizer_config.json` with the chat template, and the files
    /// that the latter was read from. What is not changed is written as it was read.
    ///
    /// - Throws: ``ChatModelError``.
    public func write(to folder: URL) throws(ChatModelError) {
        let configuration = writtenConfiguration
        do {
            let contents = try source.map { try tokenizer.file(from: $0) } ?? tokenizer.tokenizerJSON
            try makeFolder(folder)
            try writeAtomically(contents, to: folder.appending(component: Self.tokenizerName))
            try configuration.write(to: folder.appending(component: TokenizerConfiguration.fileName))
        } catch let error as FileError {
            throw .tokenizer(.file(error))
        } catch let error as TokenizerError {
            throw .tokenizer(error)
        } catch {
            misuse("writing a tokenizer threw \(error)")
        }
    }
}

extension URL {
    /// True if a folder has a file of this name.
    fileprivate func holds(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: appending(component: name).path(percentEncoded: false))
    }
}
