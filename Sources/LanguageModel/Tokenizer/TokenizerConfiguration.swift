public import Foundation

/// What a `tokenizer_config.json` says about a tokenizer's use: the roles of its special tokens, and how a
/// conversation is written.
public struct TokenizerConfiguration: Equatable, Sendable {
    /// The name of the token that begins a text (`bos_token`).
    public var beginningOfText: String?
    /// The name of the token that ends a text or an answer (`eos_token`).
    public var endOfText: String?
    /// The name of the token that fills up batches elsewhere (`pad_token`).
    public var padding: String?
    /// The name of the token for what cannot be written otherwise (`unk_token`).
    public var unknown: String?
    /// Whether a text is begun with its token (`add_bos_token`), if the file says so.
    public var addsBeginning: Bool?
    /// Whether a text is ended with its token (`add_eos_token`), if the file says so.
    public var addsEnd: Bool?
    /// The template by which a conversation becomes text (`chat_template`), in the Jinja language, as it stands there.
    public var chatTemplate: String?

    /// An empty configuration.
    public init() {}

    /// Reads a `tokenizer_config.json`; a chat template may also stand in a file `chat_template.jinja` beside it.
    ///
    /// Of several named templates the one named `default` is taken.
    ///
    /// - Throws: `TokenizerError`, naming the key.
    public init(contentsOf url: URL) throws(TokenizerError) {
        var reader = try JSONReader(TokenizerFile.read(url), file: url.path(percentEncoded: false))
        try reader.object { (key, reader) throws(TokenizerError) in
            switch key {
            case "bos_token": beginningOfText = try Self.name(&reader)
            case "eos_token": endOfText = try Self.name(&reader)
            case "pad_token": padding = try Self.name(&reader)
            case "unk_token": unknown = try Self.name(&reader)
            case "add_bos_token": addsBeginning = reader.null() ? nil : try reader.boolean()
            case "add_eos_token": addsEnd = reader.null() ? nil : try reader.boolean()
            case "chat_template": chatTemplate = try Self.template(&reader)
            default: _ = try reader.value()
            }
        }
        try reader.end()
        let template = url.deletingLastPathComponent().appending(component: "chat_template.jinja")
        if FileManager.default.fileExists(atPath: template.path(percentEncoded: false)) {
            chatTemplate = String(decoding: try TokenizerFile.read(template), as: UTF8.self)
        }
    }

    /// A token is a string, or an object with its content.
    private static func name(_ reader: inout JSONReader) throws(TokenizerError) -> String? {
        switch try reader.value() {
        case .null: return nil
        case .string(let name): return name
        case let value:
            guard let name = value["content"].string else {
                throw reader.malformed("the name of a token", found: "something else")
            }
            return name
        }
    }

    /// A template is a string, or one of an array of named ones.
    private static func template(_ reader: inout JSONReader) throws(TokenizerError) -> String? {
        switch try reader.value() {
        case .null: return nil
        case .string(let template): return template
        case let value:
            let templates = value.array ?? []
            let chosen = templates.first { $0["name"].string == "default" } ?? templates.first
            guard let template = chosen?["template"].string else {
                throw reader.malformed("a template", found: "something else")
            }
            return template
        }
    }

    /// Writes a `tokenizer_config.json` with which transformers loads the `tokenizer.json` beside it.
    ///
    /// - Throws: `TokenizerError.file`; what stood there before still does then.
    public func write(to url: URL) throws(TokenizerError) {
        let values: [(String, JSONValue?)] = [
            ("tokenizer_class", .string("PreTrainedTokenizerFast")),
            ("bos_token", beginningOfText.map(JSONValue.string)),
            ("eos_token", endOfText.map(JSONValue.string)),
            ("pad_token", padding.map(JSONValue.string)), ("unk_token", unknown.map(JSONValue.string)),
            ("add_bos_token", addsBeginning.map(JSONValue.boolean)),
            ("add_eos_token", addsEnd.map(JSONValue.boolean)),
            ("clean_up_tokenization_spaces", .boolean(false)),
            ("chat_template", chatTemplate.map(JSONValue.string)),
        ]
        var writer = JSONWriter()
        writer.write(
            .object(values.compactMap { key, value in value.map { JSONValue.Member(key: key, value: $0) } }))
        try TokenizerFile.write(writer.bytes + "\n".utf8, to: url)
    }
}
