public import Foundation
internal import JSON

extension BytePairTokenizer {
    /// Writes a `tokenizer.json` that Hugging Face's `tokenizers` and transformers load, to give the same ids.
    ///
    /// - Throws: `TokenizerError.file`; what stood there before still does then.
    public func write(to url: URL) throws(TokenizerError) {
        try TokenizerFile.write(tokenizerJSON, to: url)
    }

    /// The contents of `tokenizer.json`.
    package var tokenizerJSON: [UInt8] {
        var writer = JSONWriter(.indented)
        let members: [(String, (inout JSONWriter) -> Void)] = [
            ("version", { $0.write(.string("1.0")) }),
            ("truncation", { $0.write(.null) }),
            ("padding", { $0.write(.null) }),
            ("added_tokens", { $0.write(.array(addedTokens.map(\.json))) }),
            ("normalizer", { $0.write(.sequence(of: "normalizers", normalization.map(\.json))) }),
            ("pre_tokenizer", { $0.write(preTokenization.json(isByteLevel: isByteLevel)) }),
            ("post_processor", { $0.write(templateJSON) }),
            ("decoder", { $0.write(decoderJSON) }),
            ("model", writeModel),
        ]
        writer.object(members) { writer, member in
            writer.key(member.0)
            member.1(&writer)
        }
        return writer.bytes + "\n".utf8
    }

    private var isByteLevel: Bool { model.alphabet == .bytes }

    /// Returns the spelling in files of a token that is not an added one.
    func spelling(of id: Int32) -> String {
        let bytes = model.vocabulary[id]
        return isByteLevel && model.bytePair?.verbatim.contains(id) != true
            ? ByteAlphabet.spelling(of: bytes) : String(decoding: bytes, as: UTF8.self)
    }

    private func writeModel(_ writer: inout JSONWriter) {
        if case .unigram(let model) = model { return write(model, &writer) }
        let unknown = model.unknown.map { id in
            JSONValue.string(addedTokens.first { $0.id == id }?.content ?? spelling(of: id))
        }
        let options: [(String, JSONValue)] = [
            ("type", .string("BPE")), ("dropout", .null), ("unk_token", unknown ?? .null),
            ("continuing_subword_prefix", .null), ("end_of_word_suffix", .null),
            ("fuse_unk", .bool(model.bytePair?.fusesUnknown ?? true)),
            ("byte_fallback", .bool(model.alphabet == .characters(fallsBackToBytes: true))),
            ("ignore_merges", .bool(model.takesWholePieces)),
        ]
        let members: [(String, (inout JSONWriter) -> Void)] =
            options.map { option in (option.0, { $0.write(option.1) }) }
            + [("vocab", writeVocabulary), ("merges", writeMerges)]
        writer.object(members) { writer, member in
            writer.key(member.0)
            member.1(&writer)
        }
    }

    private func write(_ model: UnigramModel, _ writer: inout JSONWriter) {
        let added = Dictionary(addedTokens.map { ($0.id, $0.content) }) { first, _ in first }
        let vocabulary = model.scores.indices.map { id in
            JSONValue.array([
                .string(added[Int32(id)] ?? spelling(of: Int32(id))), .number(model.scores[id]),
            ])
        }
        let members: [(String, JSONValue)] = [
            ("type", .string("Unigram")),
            ("unk_id", model.unknown.map { .integer(Int($0)) } ?? .null),
            ("vocab", .array(vocabulary)), ("byte_fallback", .bool(model.fallsBackToBytes)),
        ]
        writer.write(.object(JSONObject(members)))
    }

    /// Added tokens are part of the vocabulary, so that they keep their ids whatever gaps there are.
    private func writeVocabulary(_ writer: inout JSONWriter) {
        let added = Dictionary(addedTokens.map { ($0.id, $0.content) }) { first, _ in first }
        let ids = (0..<Int32(vocabularySize)).filter { added[$0] != nil || model.vocabulary.contains($0) }
        writer.object(ids) { writer, id in
            writer.key(added[id] ?? spelling(of: id))
            writer.write(.integer(Int(id)))
        }
    }

    private func writeMerges(_ writer: inout JSONWriter) {
        writer.array(model.rules) { writer, rule in
            writer.array([rule.left, rule.right]) { writer, id in writer.write(spelling(of: id)) }
        }
    }

    private var decoderJSON: JSONValue {
        if isByteLevel { return .byteLevel(prefixSpace: true, usesPattern: true) }
        let space = JSONValue.string(" ")
        let mark = JSONValue.string(String(decoding: PreTokenization.wordMark, as: UTF8.self))
        let marks: JSONValue =
            decoding.start == .withoutMarks
            ? .object([
                "type": .string("Metaspace"), "replacement": mark, "prepend_scheme": .string("always"),
                "split": .bool(true),
            ])
            : .object(["type": .string("Replace"), "pattern": .object(["String": mark]), "content": space])
        var decoders = [
            marks, .object(["type": .string("ByteFallback")]), .object(["type": .string("Fuse")]),
        ]
        if decoding.start == .withoutSpace {
            decoders.append(
                .object([
                    "type": .string("Strip"), "content": space, "start": .integer(1), "stop": .integer(0),
                ]))
        }
        return .sequence(of: "decoders", decoders)
    }

    private var templateJSON: JSONValue {
        guard boundaries != Boundaries() else { return .null }
        func name(_ id: Int32) -> String { addedTokens.first { $0.id == id }?.content ?? spelling(of: id) }
        func token(_ id: Int32, type: Int) -> JSONValue {
            .object(["SpecialToken": .object(["id": .string(name(id)), "type_id": .integer(type)])])
        }
        func template(_ text: String, type: Int) -> [JSONValue] {
            let text = JSONValue.object([
                "Sequence": .object(["id": .string(text), "type_id": .integer(type)])
            ])
            return boundaries.before.map { token($0, type: type) } + [text]
                + boundaries.after.map { token($0, type: type) }
        }
        let tokens = Set(boundaries.before + boundaries.after).sorted().map { id in
            (
                name(id),
                JSONValue.object([
                    "id": .string(name(id)), "ids": .array([.integer(Int(id))]),
                    "tokens": .array([.string(name(id))]),
                ])
            )
        }
        return .object([
            "type": .string("TemplateProcessing"), "single": .array(template("A", type: 0)),
            "pair": .array(template("A", type: 0) + template("B", type: 1)),
            "special_tokens": .object(JSONObject(tokens)),
        ])
    }
}

extension AddedToken {
    fileprivate var json: JSONValue {
        .object([
            "id": .integer(Int(id)), "content": .string(content), "single_word": .bool(isWholeWord),
            "lstrip": .bool(takesSpaceBefore), "rstrip": .bool(takesSpaceAfter),
            "normalized": .bool(isNormalized), "special": .bool(isSpecial),
        ])
    }
}

extension TextChange {
    fileprivate var json: JSONValue {
        func string(_ bytes: [UInt8]) -> JSONValue { .string(String(decoding: bytes, as: UTF8.self)) }
        return switch self {
        case .composed: .object(["type": .string("NFC")])
        case .decomposed: .object(["type": .string("NFD")])
        case .compatibilityComposed: .object(["type": .string("NFKC")])
        case .compatibilityDecomposed: .object(["type": .string("NFKD")])
        case .withoutMarks: .object(["type": .string("StripAccents")])
        case .plain: .object(["type": .string("Nmt")])
        case .mapped(let map):
            .object([
                "type": .string("Precompiled"),
                "precompiled_charsmap": .string(Data(map.bytes).base64EncodedString()),
            ])
        case .replacedMatches(let pattern, let new):
            .object([
                "type": .string("Replace"), "pattern": .object(["Regex": .string(pattern.expression)]),
                "content": string(new),
            ])
        case .lowercased: .object(["type": .string("Lowercase")])
        case .stripped(let beginning, let end):
            .object([
                "type": .string("Strip"), "strip_left": .bool(beginning), "strip_right": .bool(end),
            ])
        case .prepended(let prefix): .object(["type": .string("Prepend"), "prepend": string(prefix)])
        case .replaced(let old, let new):
            .object([
                "type": .string("Replace"), "pattern": .object(["String": string(old)]),
                "content": string(new),
            ])
        }
    }
}

extension PreTokenization {
    fileprivate func json(isByteLevel: Bool) -> JSONValue {
        var cuts = cuts
        var parts: [JSONValue] = []
        var endsAsGPT2 = isByteLevel && cuts.last == .pattern(.gpt2)
        if endsAsGPT2 { cuts.removeLast() }
        var isSpelled = false
        func spell() {
            guard isByteLevel, !isSpelled else { return }
            isSpelled = true
            parts.append(.byteLevel(prefixSpace: prefix == .space, usesPattern: endsAsGPT2))
        }
        // Digits of the alphabet of bytes are cut once text is spelled in it.
        if let place = cuts.firstIndex(of: .byteDigits), place > 0, cuts[place - 1] == .pattern(.gpt2) {
            cuts.remove(at: place - 1)
            endsAsGPT2 = true
        }
        for cut in cuts {
            switch cut {
            case .matches(.punctuation, let joining, _):
                parts.append(
                    .object(["type": .string("Punctuation"), "behavior": .string(joining.rawValue)]))
            case .matches(.whiteSpace, _, _): parts.append(.object(["type": .string("WhitespaceSplit")]))
            case .matches(let pattern, let joining, let isInverted):
                parts.append(
                    .object([
                        "type": .string("Split"),
                        "pattern": .object(["Regex": .string(pattern.expression)]),
                        "behavior": .string(joining.rawValue), "invert": .bool(isInverted),
                    ]))
            case .byteDigits:
                spell()
                parts.append(.object(["type": .string("Digits"), "individual_digits": .bool(false)]))
            case .pattern(let pattern):
                parts.append(
                    .object([
                        "type": .string("Split"),
                        "pattern": .object(["Regex": .string(pattern.expression)]),
                        "behavior": .string("Isolated"), "invert": .bool(false),
                    ]))
            case .string(let string, let joining):
                parts.append(
                    .object([
                        "type": .string("Split"),
                        "pattern": .object(["String": .string(String(decoding: string, as: UTF8.self))]),
                        "behavior": .string(joining.rawValue), "invert": .bool(false),
                    ]))
            case .digits(let individually):
                parts.append(
                    .object(["type": .string("Digits"), "individual_digits": .bool(individually)]))
            case .wordMarks, .words: break
            }
        }
        spell()
        if marksWords { parts.append(.object(["type": .string("WhitespaceSplit")])) }
        if marksSpaces || marksWords { parts.append(metaspaceJSON) }
        return .sequence(of: "pretokenizers", parts)
    }

    private var metaspaceJSON: JSONValue {
        let scheme =
            switch prefix {
            case .wordMark(onlyFirst: true): "first"
            case .wordMark(onlyFirst: false): "always"
            case .none, .space: "never"
            }
        return .object([
            "type": .string("Metaspace"),
            "replacement": .string(String(decoding: Self.wordMark, as: UTF8.self)),
            "prepend_scheme": .string(scheme), "split": .bool(cuts.contains(.wordMarks)),
        ])
    }
}

extension JSONValue {
    fileprivate static func byteLevel(prefixSpace: Bool, usesPattern: Bool) -> JSONValue {
        .object([
            "type": .string("ByteLevel"), "add_prefix_space": .bool(prefixSpace),
            "trim_offsets": .bool(true), "use_regex": .bool(usesPattern),
        ])
    }

    /// No component as null, one as itself, several as a sequence.
    fileprivate static func sequence(of key: String, _ parts: [JSONValue]) -> JSONValue {
        switch parts.count {
        case 0: .null
        case 1: parts[0]
        default:
            .object(["type": .string("Sequence"), key: .array(parts)])
        }
    }
}
