public import Foundation
package import LanguageModel

/// Why a model directory gives no chat template.
public enum ChatTemplateError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A file is not there or cannot be read.
    case unreadable(file: String, reason: String)
    /// A key holds what it should not.
    case malformed(file: String, key: String, expected: String)
    /// The directory names no template.
    case noTemplate(directory: String)
    /// The template cannot be used.
    case template(JinjaError)

    /// One line for people.
    public var description: String {
        switch self {
        case .unreadable(let file, let reason): "\(file): \(reason)"
        case .malformed(let file, let key, let expected): "\(file): '\(key)' should be \(expected)"
        case .noTemplate(let directory):
            "\(directory): no chat template in tokenizer_config.json or chat_template.jinja"
        case .template(let error): error.description
        }
    }
}

extension ChatTemplate {
    /// Reads the template of a model directory: `chat_template.jinja`, else `chat_template` in
    /// `tokenizer_config.json`.
    ///
    /// Where the file holds several templates by name, it is the one called `default`. Special tokens are
    /// those that the folder names or lists as special; see `TokenizerConfiguration`.
    public init(directory: URL) throws(ChatTemplateError) {
        let configuration: TokenizerConfiguration
        do throws(TokenizerError) {
            configuration = try TokenizerConfiguration(directory: directory)
        } catch {
            throw .unreadable(file: "tokenizer_config.json", reason: error.description)
        }
        try self.init(configuration, directory: directory.lastPathComponent)
    }

    /// The template that a configuration holds.
    ///
    /// - Parameter directory: The name of its folder, for messages.
    package init(_ configuration: TokenizerConfiguration, directory: String) throws(ChatTemplateError) {
        guard let source = configuration.chatTemplate else {
            guard configuration.lacksDefaultTemplate else { throw .noTemplate(directory: directory) }
            throw .malformed(
                file: "tokenizer_config.json", key: "chat_template", expected: "a template named default")
        }
        do throws(JinjaError) {
            try self.init(
                source, tokens: configuration.tokens, specialTokens: configuration.specialTokens)
        } catch {
            throw .template(error)
        }
    }
}
