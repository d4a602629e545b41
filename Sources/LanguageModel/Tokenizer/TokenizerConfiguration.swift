public import Foundation
internal import JSON

/// The files beside a `tokenizer.json`: the roles of its special tokens, and the template that makes a conversation
/// into text.
///
/// All other keys of `tokenizer_config.json` are kept, and written again unchanged.
public struct TokenizerConfiguration: Equatable, Sendable {
    /// The tokens with a name, by the names that templates use: `bos_token`, `eos_token`, `image_token`, ….
    public var tokens: [String: String] = [:]
    /// The tokens that the files call special without giving them a name.
    public private(set) var specialTokens: [String] = []
    /// Whether the beginning token is added to a text (`add_bos_token`), if the file says so.
    ///
    /// The tokens that are in fact added are those of `tokenizer.json`; transformers 5 ignores this key too.
    public var addsBeginning: Bool?
    /// Whether the end token is added to a text (`add_eos_token`), if the file says so; ignored as well.
    public var addsEnd: Bool?
    /// The template by which a conversation becomes text (`chat_template`), in the Jinja language, as it stands there.
    public var chatTemplate: String?
    /// Whether there are named templates, but none of them is the default.
    package private(set) var lacksDefaultTemplate = false

    private var fields = JSONFields()
    /// The tokens that the class of the tokenizer names without any file.
    private var standard: [String: String] = [:]
    /// That class, where it follows from the model's.
    private var standardClass: String?
    /// The contents of `special_tokens_map.json`, if they count.
    private var map: JSONFields?
    /// Whether the template is in a file of its own.
    private var hasTemplateFile = false

    /// An empty configuration.
    public init() {}

    /// The token that begins a text (`bos_token`).
    public var beginningOfText: String? {
        get { tokens["bos_token"] }
        set { tokens["bos_token"] = newValue }
    }

    /// The token that ends a text or an answer (`eos_token`).
    public var endOfText: String? {
        get { tokens["eos_token"] }
        set { tokens["eos_token"] = newValue }
    }

    /// The token that fills up batches elsewhere (`pad_token`).
    public var padding: String? {
        get { tokens["pad_token"] }
        set { tokens["pad_token"] = newValue }
    }

    /// The token for what cannot be written otherwise (`unk_token`).
    public var unknown: String? {
        get { tokens["unk_token"] }
        set { tokens["unk_token"] = newValue }
    }
}

// MARK: - Reading

extension TokenizerConfiguration {
    package static let fileName = "tokenizer_config.json"
    private static let mapName = "special_tokens_map.json"
    private static let templateName = "chat_template.jinja"

    /// Reads a `tokenizer_config.json` with what lies beside it; see ``init(directory:)``.
    ///
    /// - Throws: `TokenizerError`, naming the key; also where the file is not there.
    public init(contentsOf url: URL) throws(TokenizerError) {
        try self.init(JSONFields(contentsOf: url), beside: url.deletingLastPathComponent())
    }

    /// Reads what a folder says, as transformers does: `tokenizer_config.json`, if it is there; `special_tokens_map.json`,
    /// whose tokens go before it, unless the former lists added tokens (`added_tokens_decoder`), which is how newer files
    /// are known; `chat_template.jinja`, which goes before a template in the former.
    ///
    /// Named tokens are all keys that end in `_token`, and those of `extra_special_tokens` where it is an object. The
    /// tokenizers of GPT-2 and Qwen have their names without any file. Of several named templates the one named
    /// `default` is taken.
    ///
    /// - Throws: `TokenizerError`, naming the file and the key.
    public init(directory: URL) throws(TokenizerError) {
        if directory.isGGUF {
            self = try GGUFTokenizer(directory).configuration()
            return
        }
        let file = directory.appending(component: Self.fileName)
        try self.init(JSONFields(contentsOfExisting: file) ?? JSONFields(), beside: directory)
    }

    private init(_ fields: JSONFields, beside folder: URL) throws(TokenizerError) {
        self.fields = fields
        if fields["tokenizer_class"] == .null {
            let config = try? JSONFields(contentsOfExisting: folder.appending(component: "config.json"))
            standardClass = Self.standardClasses[config?["model_type"].string ?? ""]
        }
        standard = Self.standardTokens(ofClass: fields["tokenizer_class"].string ?? standardClass)
        tokens = standard
        try take(fields)
        if fields["added_tokens_decoder"] == .null {
            map = try JSONFields(contentsOfExisting: folder.appending(component: Self.mapName))
            if let map { try take(map) }
        }
        addsBeginning = try Self.flag("add_bos_token", fields)
        addsEnd = try Self.flag("add_eos_token", fields)
        try takeTemplate(fields)
        let template = folder.appending(component: Self.templateName)
        if FileManager.default.fileExists(atPath: template.path(percentEncoded: false)) {
            chatTemplate = String(decoding: try TokenizerFile.read(template), as: UTF8.self)
            (hasTemplateFile, lacksDefaultTemplate) = (true, false)
        }
    }

    /// The classes of tokenizer with names of their own, by the kind of model.
    private static let standardClasses = [
        "gpt2": "GPT2Tokenizer", "qwen2": "Qwen2Tokenizer", "qwen3": "Qwen2Tokenizer",
    ]

    /// The names that a class of tokenizer has by itself.
    private static func standardTokens(ofClass name: String?) -> [String: String] {
        let end = "<|endoftext|>"
        switch name {
        case "GPT2Tokenizer", "GPT2TokenizerFast":
            return ["bos_token": end, "eos_token": end, "unk_token": end]
        case "Qwen2Tokenizer", "Qwen2TokenizerFast":
            return ["eos_token": end, "pad_token": end, "unk_token": end]
        default: return [:]
        }
    }

    private static let roles: Set = [
        "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
    ]

    /// Takes the tokens that a file names or calls special.
    private mutating func take(_ fields: JSONFields) throws(TokenizerError) {
        for key in fields.keys where key.hasSuffix("_token") {
            let value = fields[key]
            if let token = Self.content(value) {
                tokens[key] = token
            } else if Self.roles.contains(key) {
                guard value == .null else { throw fields.malformed(key, expected: "the name of a token") }
                tokens[key] = nil
            }
        }
        for key in ["additional_special_tokens", "extra_special_tokens"] {
            switch fields[key] {
            case .object(let members):
                for member in members.members {
                    if let token = Self.content(member.value) { tokens[member.key] = token }
                }
            case .array(let list): specialTokens += list.compactMap(Self.content)
            default: break
            }
        }
        if case .object(let added) = fields["added_tokens_decoder"] {
            let special = added.values.filter { $0["special"]?.bool == true }
            specialTokens += special.compactMap { $0["content"]?.string }
        }
    }

    /// A token is a string, or an object with its content.
    private static func content(_ value: JSONValue) -> String? { value.string ?? value["content"]?.string }

    private static func flag(_ key: String, _ fields: JSONFields) throws(TokenizerError) -> Bool? {
        let value = fields[key]
        guard value != .null else { return nil }
        guard let flag = value.bool else { throw fields.malformed(key, expected: "true or false") }
        return flag
    }

    /// A template is a string, or one of an array of named ones.
    private mutating func takeTemplate(_ fields: JSONFields) throws(TokenizerError) {
        switch fields["chat_template"] {
        case .null: break
        case .string(let template): chatTemplate = template
        case .array(let named):
            chatTemplate = named.first { $0["name"]?.string == "default" }?["template"]?.string
            lacksDefaultTemplate = chatTemplate == nil
        default: throw fields.malformed("chat_template", expected: "a template")
        }
    }
}

// MARK: - Writing

extension TokenizerConfiguration {
    /// Writes a `tokenizer_config.json` with which transformers loads the `tokenizer.json` beside it, and beside it the
    /// files that this was read from: `special_tokens_map.json`, `chat_template.jinja`.
    ///
    /// Values that were read and not changed are written as they were read.
    ///
    /// - Throws: `TokenizerError.file`; what stood there before still does then.
    public func write(to url: URL) throws(TokenizerError) {
        let folder = url.deletingLastPathComponent()
        var before = TokenizerConfiguration()
        // The names of a class go without saying where the class is named.
        if !fields.isEmpty { before.tokens = standard }
        try before.take(fields)
        before.addsBeginning = try Self.flag("add_bos_token", fields)
        before.addsEnd = try Self.flag("add_eos_token", fields)
        try before.takeTemplate(fields)

        var written = fields
        var writtenMap = map
        if fields.isEmpty {
            written["tokenizer_class"] = .string("PreTrainedTokenizerFast")
        } else if written["tokenizer_class"] == .null, let standardClass {
            written["tokenizer_class"] = .string(standardClass)
        }
        for key in Self.writtenOrder(tokens.keys) {
            let isInMap = map.map { $0[key] != .null } ?? false
            if isInMap, Self.content(map?[key] ?? .null) != tokens[key] {
                writtenMap?[key] = tokens[key].map(JSONValue.string) ?? .null
            }
            // A file beside this one says it already.
            if isInMap, fields[key] == .null { continue }
            if before.tokens[key] != tokens[key] {
                written[key] = tokens[key].map(JSONValue.string) ?? .null
            }
        }
        for key in before.tokens.keys where tokens[key] == nil { written[key] = .null }
        if before.addsBeginning != addsBeginning {
            written["add_bos_token"] = addsBeginning.map(JSONValue.bool) ?? .null
        }
        if before.addsEnd != addsEnd {
            written["add_eos_token"] = addsEnd.map(JSONValue.bool) ?? .null
        }
        if fields.isEmpty {
            written["clean_up_tokenization_spaces"] = .bool(false)
        }
        if !hasTemplateFile, before.chatTemplate != chatTemplate {
            written["chat_template"] = chatTemplate.map(JSONValue.string) ?? .null
        }
        if let writtenMap {
            try TokenizerFile.write(writtenMap.bytes, to: folder.appending(component: Self.mapName))
        }
        if hasTemplateFile, let chatTemplate {
            try TokenizerFile.write(
                Array(chatTemplate.utf8), to: folder.appending(component: Self.templateName))
        }
        try TokenizerFile.write(written.bytes, to: url)
    }

    /// Names of tokens in the order in which they are written: the usual ones first.
    private static func writtenOrder(_ names: some Sequence<String>) -> [String] {
        let usual = ["bos_token", "eos_token", "pad_token", "unk_token"]
        return usual + Set(names).subtracting(usual).sorted()
    }
}
