package import Foundation
internal import JSON

/// A folder with `vocab.json` and `merges.txt`, or with a SentencePiece model, and what transformers reads beside them.
///
/// Added tokens keep the order in which transformers adds them: those listed with ids, then special tokens by their
/// roles, then special tokens without a role. One that the vocabulary has keeps its id there; the others are numbered
/// on from its end.
struct VocabularyFolder {
    private let folder: URL
    private let configuration: JSONValue
    /// The names of the special tokens by their roles, where no file says otherwise.
    private let standardRoles: [String: String]

    private init(_ folder: URL, _ configuration: JSONValue, standardRoles: [String: String]) {
        self.folder = folder
        self.configuration = configuration
        self.standardRoles = standardRoles
    }

    /// The tokenizer of a folder with `vocab.json` and `merges.txt`.
    static func tokenizer(_ folder: URL, pattern: SplitPattern?) throws(TokenizerError) -> BytePairTokenizer {
        let configuration = try json("tokenizer_config.json", in: folder)
        let pattern =
            if let pattern { pattern } else { try Self.pattern(of: folder, configuration: configuration) }
        let roles =
            pattern == .qwen2
            ? ["unk_token", "eos_token", "pad_token"] : ["unk_token", "bos_token", "eos_token"]
        return try Self(
            folder, configuration,
            standardRoles: Dictionary(uniqueKeysWithValues: roles.map { ($0, "<|endoftext|>") })
        ).tokenizer(pattern)
    }

    /// The tokenizer of a folder with a SentencePiece model.
    static func tokenizer(_ folder: URL, model: URL) throws(TokenizerError) -> BytePairTokenizer {
        let model = try SentencePieceModel(
            TokenizerFile.read(model), file: model.path(percentEncoded: false))
        var spelled = SpelledModel(file: model.file)
        (spelled.tokens, spelled.ids) = (model.pieces, Array(model.ids))
        var roles: [String: String] = [:]
        let unknown = model.ids(of: [.unknown]).map { String(decoding: model.pieces[Int($0)], as: UTF8.self) }
        roles["unk_token"] = unknown.first
        for (role, name) in [("bos_token", "<s>"), ("eos_token", "</s>"), ("pad_token", "<pad>")] {
            let id = spelled.ids(of: [Array(name.utf8)]).values.first
            if let id, model.types[Int(id)] == .control { roles[role] = name }
        }
        let folder = Self(folder, try json("tokenizer_config.json", in: folder), standardRoles: roles)
        let added = try folder.addedTokens(folder.roles(), spelled)
        return try model.tokenizer(addedTokens: added, boundaries: folder.boundaries(folder.roles(), added))
    }

    private func tokenizer(_ pattern: SplitPattern) throws(TokenizerError) -> BytePairTokenizer {
        let spelled = try SpelledModel(
            vocabulary: folder.appending(component: "vocab.json"),
            merges: folder.appending(component: "merges.txt"))
        let roles = try roles()
        let added = try addedTokens(roles, spelled)
        var preTokenization = PreTokenization(cuts: [.pattern(pattern)])
        if configuration["add_prefix_space"]?.bool == true {
            guard pattern == .gpt2 else {
                throw .unsupported(
                    file: path("tokenizer_config.json"), place: "add_prefix_space",
                    found: "true with the pattern \(pattern)")
            }
            preTokenization.prefix = .space
        }
        return BytePairTokenizer(
            normalization: pattern.normalization, preTokenization: preTokenization,
            model: try spelled.tokenModel(addedTokens: added, isByteLevel: true), addedTokens: added,
            boundaries: boundaries(roles, added))
    }

    /// The ids around a text: as the configuration says, or else as the tokenizer's class has it.
    private func boundaries(_ roles: Roles, _ added: [AddedToken]) -> BytePairTokenizer.Boundaries {
        func ids(_ role: String, if key: String, standard classes: Set<String>) -> [Int32] {
            let name = configuration["tokenizer_class"]?.string ?? ""
            let isStandard = classes.contains(name.hasSuffix("Fast") ? String(name.dropLast(4)) : name)
            guard configuration[key]?.bool ?? isStandard else { return [] }
            return added.filter { $0.content == roles.named[role]?.content }.map(\.id)
        }
        return BytePairTokenizer.Boundaries(
            before: ids("bos_token", if: "add_bos_token", standard: ["LlamaTokenizer", "GemmaTokenizer"]),
            after: ids("eos_token", if: "add_eos_token", standard: ["T5Tokenizer"]))
    }

    /// Whether `tokenizer_config.json` lists the added tokens, as newer files do.
    private var listsAddedTokens: Bool { (configuration["added_tokens_decoder"] ?? .null) != .null }

    private func path(_ name: String) -> String {
        folder.appending(component: name).path(percentEncoded: false)
    }

    private static func json(_ name: String, in folder: URL) throws(TokenizerError) -> JSONValue {
        let url = folder.appending(component: name)
        let path = url.path(percentEncoded: false)
        guard FileManager.default.fileExists(atPath: path) else { return .null }
        let value: JSONValue
        let bytes = try TokenizerFile.read(url)
        do throws(JSONError) { value = try JSONValue(parsing: bytes) } catch {
            throw TokenizerError(error, file: path)
        }
        guard case .object = value else {
            throw .malformed(file: path, place: "the file", expected: "an object", found: "another value")
        }
        return value
    }

    // MARK: The pattern

    /// By the tokenizer's class, or else the model's type.
    private static func pattern(
        of folder: URL, configuration: JSONValue
    ) throws(TokenizerError) -> SplitPattern {
        var file = "tokenizer_config.json"
        var key = "tokenizer_class"
        var found = configuration[key]?.string
        if found == nil
            || ["PreTrainedTokenizer", "PreTrainedTokenizerFast", "TokenizersBackend"].contains(found)
        {
            (file, key) = ("config.json", "model_type")
            found = try json(file, in: folder)[key]?.string
        }
        switch found {
        case nil, "gpt2", "GPT2Tokenizer", "GPT2TokenizerFast": return .gpt2
        case "qwen2", "qwen3", "Qwen2Tokenizer", "Qwen2TokenizerFast": return .qwen2
        case let found?:
            throw .unsupported(
                file: folder.appending(component: file).path(percentEncoded: false), place: key,
                found: "\"\(found)\" with vocab.json and merges.txt alone, without a tokenizer.json,")
        }
    }

    // MARK: Special tokens

    /// The special tokens: those with a role, in transformers' order, and others.
    private struct Roles {
        var named: [String: AddedToken] = [:]
        var others: [AddedToken] = []
        private static let order = [
            "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
        ]

        var all: [AddedToken] {
            let known = Self.order.compactMap { named[$0] }
            return known + named.keys.filter { !Self.order.contains($0) }.sorted().compactMap { named[$0] }
                + others
        }
    }

    /// The roles of tokens: those of the tokenizer's class, replaced by those of `tokenizer_config.json` and then of
    /// `special_tokens_map.json`, unless the former lists the added tokens.
    private func roles() throws(TokenizerError) -> Roles {
        var roles = Roles()
        for (role, name) in standardRoles { roles.named[role] = AddedToken(id: -1, content: name) }
        try read(configuration, file: "tokenizer_config.json", into: &roles)
        if !listsAddedTokens {
            let name = "special_tokens_map.json"
            try read(Self.json(name, in: folder), file: name, into: &roles)
        }
        return roles
    }

    private func read(_ value: JSONValue, file: String, into roles: inout Roles) throws(TokenizerError) {
        for (key, value) in value.object?.members.map({ ($0.key, $0.value) }) ?? [] {
            switch key {
            case "add_bos_token", "add_eos_token": continue
            case "extra_special_tokens", "additional_special_tokens":
                for (name, element) in value.object?.members.map({ ($0.key, $0.value) }) ?? [] {
                    roles.named[name] = try token(element, file: file, place: "\(key).\(name)")
                }
                for (index, element) in (value.array ?? []).enumerated() {
                    roles.others.append(try token(element, file: file, place: "\(key)[\(index)]"))
                }
            case _ where key.hasSuffix("_token"):
                roles.named[key] = value == .null ? nil : try token(value, file: file, place: key)
            default: continue
            }
        }
    }

    /// A special token: its name, or an object with its content and how it is recognized.
    private func token(_ value: JSONValue, file: String, place: String) throws(TokenizerError) -> AddedToken {
        if let name = value.string, !name.isEmpty { return AddedToken(id: -1, content: name) }
        guard let content = value["content"]?.string, !content.isEmpty else {
            throw .malformed(
                file: path(file), place: place, expected: "the name of a token", found: "something else")
        }
        return AddedToken(
            id: -1, content: content, isSpecial: true,
            isWholeWord: value["single_word"]?.bool ?? false,
            takesSpaceBefore: value["lstrip"]?.bool ?? false,
            takesSpaceAfter: value["rstrip"]?.bool ?? false,
            isNormalized: value["normalized"]?.bool ?? false)
    }

    // MARK: Added tokens

    private func addedTokens(_ roles: Roles, _ spelled: SpelledModel) throws(TokenizerError) -> [AddedToken] {
        let listed = try listedTokens(roles)
        var tokens: [AddedToken] = []
        var contents: Set<[UInt8]> = []
        for token in listed + roles.all where contents.insert(Array(token.content.utf8)).inserted {
            tokens.append(token)
        }
        let known = spelled.ids(of: contents)
        var next = max(spelled.tokens.count, spelled.ids.max().map { Int($0) + 1 } ?? 0)
        for index in tokens.indices {
            let content = tokens[index].content
            let id = known[Array(content.utf8)] ?? Int32(clamping: next)
            if tokens[index].id >= 0, tokens[index].id != id {
                throw .malformed(
                    file: path(listsAddedTokens ? "tokenizer_config.json" : "added_tokens.json"),
                    place: "\"\(content)\"",
                    expected: "id \(id), which follows from vocab.json",
                    found: "\(tokens[index].id)")
            }
            if known[Array(content.utf8)] == nil { next += 1 }
            tokens[index].id = id
        }
        return tokens
    }

    /// The tokens that a file lists with their ids, in the order of these.
    private func listedTokens(_ roles: Roles) throws(TokenizerError) -> [AddedToken] {
        var tokens: [AddedToken] = []
        let special = Set(roles.all.map(\.content))
        if case .object(let members) = configuration["added_tokens_decoder"] {
            for member in members.members {
                let place = "added_tokens_decoder.\(member.key)"
                var token = try token(member.value, file: "tokenizer_config.json", place: place)
                token.isSpecial = member.value["special"]?.bool ?? false || special.contains(token.content)
                token.isNormalized = member.value["normalized"]?.bool ?? !token.isSpecial
                token.id = try id(Int(member.key), file: "tokenizer_config.json", place: place)
                tokens.append(token)
            }
        } else if case .object(let members) = try Self.json("added_tokens.json", in: folder) {
            for member in members.members where !member.key.isEmpty {
                let isSpecial = special.contains(member.key)
                let id = try id(member.value.integer, file: "added_tokens.json", place: "\"\(member.key)\"")
                tokens.append(
                    AddedToken(id: id, content: member.key, isSpecial: isSpecial, isNormalized: !isSpecial))
            }
        }
        return tokens.sorted { $0.id < $1.id }
    }

    private func id(_ value: Int?, file: String, place: String) throws(TokenizerError) -> Int32 {
        guard let value, SpelledModel.ids.contains(value) else {
            throw .malformed(file: path(file), place: place, expected: "an id", found: "something else")
        }
        return Int32(value)
    }
}

extension URL {
    /// The SentencePiece model of a folder, under one of the names that it has with transformers.
    package var sentencePieceModel: URL? { first(of: Self.sentencePieceNames) }

    /// Whether a folder has a tokenizer of its own.
    package var holdsTokenizer: Bool {
        first(of: ["tokenizer.json", "vocab.json"] + Self.sentencePieceNames) != nil
    }

    /// The names of the files that a tokenizer is read from.
    package static var tokenizerFileNames: [String] {
        ["tokenizer.json", "vocab.json", "merges.txt"] + sentencePieceNames
    }

    private static var sentencePieceNames: [String] { ["tokenizer.model", "spiece.model"] }

    private func first(of names: [String]) -> URL? {
        names.map { appending(component: $0) }
            .first { FileManager.default.fileExists(atPath: $0.path(percentEncoded: false)) }
    }
}
