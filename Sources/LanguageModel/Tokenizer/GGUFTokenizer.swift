import Foundation
import NeuralCore

/// The tokenizer in a GGUF file: `gpt2` for byte-level vocabularies with merges, `llama` for SentencePiece's with scores.
struct GGUFTokenizer {
    private let metadata: GGUFMetadata
    private let roles: GGUFTokenRoles
    private let tokens: [[UInt8]]
    private let types: [GGUFTokenType]
    private let isByteLevel: Bool

    private var file: GGUFFile { metadata.file }
    private static let prefix = "tokenizer.ggml."

    /// Reads the file at `url`.
    ///
    /// - Throws: `TokenizerError`, naming the key.
    init(_ url: URL) throws(TokenizerError) {
        let path = url.path(percentEncoded: false)
        do throws(CheckpointError) {
            metadata = try GGUFMetadata(GGUFFile(url))
            guard case .strings(let tokens)? = metadata.file.values[Self.prefix + "tokens"] else {
                throw metadata.malformed(Self.prefix + "tokens", "a list of strings")
            }
            self.tokens = tokens
            roles = try GGUFTokenRoles(metadata, below: tokens.count)
            types = try Self.types(metadata, count: tokens.count)
        } catch {
            throw TokenizerError(error, file: path)
        }
        switch metadata.file.values[Self.prefix + "model"]?.text {
        case "gpt2": isByteLevel = true
        case "llama": isByteLevel = false
        case let found:
            throw .unsupported(
                file: path, place: Self.prefix + "model", found: found.map { "\"\($0)\"" } ?? "missing")
        }
    }

    private static func types(_ metadata: GGUFMetadata, count: Int) throws(CheckpointError)
        -> [GGUFTokenType]
    {
        let key = prefix + "token_type"
        guard let value = metadata.file.values[key] else { return Array(repeating: .normal, count: count) }
        guard case .integers(let numbers, _) = value, numbers.count == count else {
            throw metadata.malformed(key, "a list of \(count) whole numbers")
        }
        // Zero is of no kind, as 1 is of no special one.
        let types = numbers.compactMap { GGUFTokenType(rawValue: max(1, $0)) }
        guard types.count == count else { throw metadata.malformed(key, "numbers from 0 to 6") }
        return types
    }

    private func malformed(_ key: String, _ expected: String) -> TokenizerError {
        .malformed(
            file: file.path, place: key, expected: expected, found: file.values[key]?.shown ?? "nothing")
    }

    private func flag(_ name: String, standard: Bool) throws(TokenizerError) -> Bool {
        let key = Self.prefix + name
        guard let value = file.values[key] else { return standard }
        guard let flag = value.bool else { throw malformed(key, "true or false") }
        return flag
    }

    // MARK: The tokenizer

    func tokenizer() throws(TokenizerError) -> BytePairTokenizer {
        var model = SpelledModel(file: file.path)
        model.mergesFile = file.path
        var added: [AddedToken] = []
        let takesSpaces = GGUFSpaces.areTaken(inModelNamed: file.values["general.name"]?.text ?? "")
        for (id, (token, type)) in zip(tokens, types).enumerated() where type != .unused {
            guard let text = String(validating: token, as: UTF8.self), !token.isEmpty else {
                throw .malformed(
                    file: file.path, place: "\(Self.prefix)tokens[\(id)]", expected: "text in UTF-8",
                    found: "\(token.count) bytes")
            }
            model.tokens.append(token)
            model.ids.append(Int32(id))
            if [.control, .unknown, .userDefined].contains(type) {
                added.append(
                    AddedToken(
                        id: Int32(id), content: text, isSpecial: type != .userDefined,
                        takesSpaceAfter: takesSpaces && GGUFSpaces.isTaken(by: text)))
            }
        }
        return isByteLevel ? try byteLevel(&model, added) : try sentencePiece(&model, added)
    }

    private func byteLevel(
        _ model: inout SpelledModel, _ added: [AddedToken]
    ) throws(TokenizerError) -> BytePairTokenizer {
        let (preKey, mergesKey) = (Self.prefix + "pre", Self.prefix + "merges")
        guard let name = file.values[preKey]?.text else { throw malformed(preKey, "how text is cut") }
        guard let split = GGUFSplit(named: name) else {
            throw .unsupported(file: file.path, place: preKey, found: "\"\(name)\"")
        }
        guard case .strings(let merges)? = file.values[mergesKey] else {
            throw malformed(mergesKey, "a list of strings")
        }
        for (index, merge) in merges.enumerated() {
            guard let (left, right) = SpelledModel.parts(ofMerge: merge) else {
                throw .malformed(
                    file: file.path, place: "\(mergesKey)[\(index)]",
                    expected: "two parts with a space between them",
                    found: "\"\(String(decoding: merge.prefix(80), as: UTF8.self))\"")
            }
            model.leftParts.append(left)
            model.rightParts.append(right)
        }
        model.ignoresMerges = split.takesWholePieces
        let normalization: [TextChange] =
            if case .pattern(let pattern)? = split.cuts.last { pattern.normalization } else { [] }
        return BytePairTokenizer(
            normalization: normalization, preTokenization: PreTokenization(cuts: split.cuts),
            model: try model.tokenModel(addedTokens: added, isByteLevel: true), addedTokens: added,
            boundaries: try boundaries(addsBeginning: split.addsBeginning))
    }

    private func sentencePiece(
        _ model: inout SpelledModel, _ added: [AddedToken]
    ) throws(TokenizerError) -> BytePairTokenizer {
        try addMerges(to: &model)
        model.fallsBackToBytes = types.contains(.byte)
        model.fusesUnknown = true
        if let unknown = roles.unknown, types[Int(unknown)] != .unused {
            model.unknown = String(decoding: tokens[Int(unknown)], as: UTF8.self)
        }
        let spelled = try model.model(addedTokens: added, isByteLevel: false)
        let hasPrefix = try flag("add_space_prefix", standard: true)
        let mark = PreTokenization.wordMark
        let marks = TextChange.replaced([UInt8(ascii: " ")], with: mark)
        return BytePairTokenizer(
            normalization: hasPrefix ? [.prepended(mark), marks] : [marks],
            preTokenization: PreTokenization(cuts: spelled.tokensStayWithinWords ? [.words] : []),
            model: .bytePair(spelled), addedTokens: added, boundaries: try boundaries(addsBeginning: true),
            start: hasPrefix ? .withoutSpace : .kept)
    }

    /// Adds the merges that scores stand for: any two tokens that make a third, those of the highest score first.
    private func addMerges(to model: inout SpelledModel) throws(TokenizerError) {
        let key = Self.prefix + "scores"
        guard case .numbers(let scores, _)? = file.values[key], scores.count == tokens.count,
            !scores.contains(where: \.isNaN)
        else { throw malformed(key, "a list of \(tokens.count) numbers") }
        let used = types.indices.filter { types[$0] != .unused }
        try model.addMerges(
            byScores: used.map { types[$0] == .normal || types[$0] == .userDefined ? scores[$0] : nil },
            isPart: used.map { types[$0] != .byte }, place: { "\(Self.prefix)tokens[\(used[$0])]" })
    }

    private func boundaries(addsBeginning: Bool) throws(TokenizerError) -> BytePairTokenizer.Boundaries {
        var boundaries = BytePairTokenizer.Boundaries()
        if try flag("add_bos_token", standard: addsBeginning), let id = roles.beginning {
            boundaries.before = [id]
        }
        if try flag("add_eos_token", standard: false), let id = roles.end { boundaries.after = [id] }
        return boundaries
    }

    // MARK: Its use

    /// The named tokens and the chat template.
    func configuration() throws(TokenizerError) -> TokenizerConfiguration {
        var configuration = TokenizerConfiguration()
        func text(_ id: Int32?) -> String? { id.map { String(decoding: tokens[Int($0)], as: UTF8.self) } }
        configuration.beginningOfText = text(roles.beginning)
        configuration.endOfText = text(roles.end)
        configuration.unknown = text(roles.unknown)
        configuration.padding = text(roles.padding)
        let key = "tokenizer.chat_template"
        if file.values[key] != nil {
            guard let template = file.values[key]?.text else { throw malformed(key, "text in UTF-8") }
            configuration.chatTemplate = template
        }
        return configuration
    }
}

extension TokenizerError {
    /// The same error, of a tokenizer.
    fileprivate init(_ error: CheckpointError, file: String) {
        self =
            switch error {
            case .file(let error): .file(error)
            case .malformed(let file, let key, let found, let expected):
                .malformed(file: file, place: key ?? "the file", expected: expected, found: found)
            default: .file(.unreadable(file: file, reason: "\(error)"))
            }
    }
}
