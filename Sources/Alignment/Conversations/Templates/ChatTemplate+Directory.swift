public import Foundation

/// Why a model directory gives no chat template.
public enum ChatTemplateError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A file is not there or can not be read.
    case unreadable(file: String, reason: String)
    /// A key holds what it should not.
    case malformed(file: String, key: String, expected: String)
    /// The directory names no template.
    case noTemplate(directory: String)
    /// The template can not be used.
    case template(TemplateError)

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
    /// those the configuration names (`bos_token`, …) or lists as special.
    public init(directory: URL) throws(ChatTemplateError) {
        let file = "tokenizer_config.json"
        let configuration = try Self.json(directory.appending(path: file))
        guard let configuration = configuration?.object else {
            throw .malformed(file: file, key: "", expected: "an object")
        }
        var tokens: [String: String] = [:]
        for (key, value) in configuration.members where key.hasSuffix("_token") {
            if let token = value.string ?? value["content"]?.string { tokens[key] = token }
        }
        let added = configuration["added_tokens_decoder"]?.object?.values ?? []
        let special = added.filter { $0["special"]?.bool == true }.compactMap { $0["content"]?.string }
        let source = try Self.source(in: directory, configuration)
        do throws(TemplateError) {
            try self.init(source, tokens: tokens, specialTokens: special)
        } catch {
            throw .template(error)
        }
    }

    private static func source(in directory: URL, _ configuration: JSONObject) throws(ChatTemplateError)
        -> String
    {
        let file = directory.appending(path: "chat_template.jinja")
        if FileManager.default.fileExists(atPath: file.path) {
            do {
                return try String(contentsOf: file, encoding: .utf8)
            } catch {
                throw .unreadable(file: file.lastPathComponent, reason: error.localizedDescription)
            }
        }
        switch configuration["chat_template"] {
        case .string(let source): return source
        case .array(let named):
            guard let template = named.first(where: { $0["name"]?.string == "default" })?["template"]?.string
            else {
                throw .malformed(
                    file: "tokenizer_config.json", key: "chat_template", expected: "a template named default")
            }
            return template
        case nil, .some(.null): throw .noTemplate(directory: directory.lastPathComponent)
        default: throw .malformed(file: "tokenizer_config.json", key: "chat_template", expected: "a string")
        }
    }

    private static func json(_ file: URL) throws(ChatTemplateError) -> JSONValue? {
        let name = file.lastPathComponent
        let bytes: [UInt8]
        do {
            bytes = [UInt8](try Data(contentsOf: file))
        } catch {
            throw .unreadable(file: name, reason: error.localizedDescription)
        }
        do {
            return try JSONValue(parsing: bytes)
        } catch {
            throw .unreadable(file: name, reason: error.description)
        }
    }
}
