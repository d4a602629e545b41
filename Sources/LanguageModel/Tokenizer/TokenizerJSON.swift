/// What a `tokenizer.json` says, before it is understood.
struct TokenizerJSON {
    let file: String
    private(set) var addedTokens: [AddedToken] = []
    private(set) var normalizer = JSONValue.null
    private(set) var preTokenizer = JSONValue.null
    private(set) var postProcessor = JSONValue.null
    private(set) var decoder = JSONValue.null
    private(set) var model: SpelledModel

    init(_ bytes: [UInt8], file: String) throws(TokenizerError) {
        self.file = file
        model = SpelledModel(file: file)
        var reader = try JSONReader(bytes, file: file)
        var hasModel = false
        try reader.object { (key, reader) throws(TokenizerError) in
            switch key {
            case "added_tokens":
                try reader.array { (_, reader) throws(TokenizerError) in
                    addedTokens.append(try Self.addedToken(&reader))
                }
            case "normalizer": normalizer = try reader.value()
            case "pre_tokenizer": preTokenizer = try reader.value()
            case "post_processor": postProcessor = try reader.value()
            case "decoder": decoder = try reader.value()
            case "model":
                hasModel = true
                try readModel(&reader)
            default: _ = try reader.value()
            }
        }
        try reader.end()
        guard hasModel else {
            throw .malformed(file: file, place: "the file", expected: "\"model\"", found: "no such key")
        }
    }

    private static func addedToken(_ reader: inout JSONReader) throws(TokenizerError) -> AddedToken {
        var token = AddedToken(id: -1, content: "", isSpecial: false)
        try reader.object { (key, reader) throws(TokenizerError) in
            switch key {
            case "id": token.id = Int32(try reader.integer(in: SpelledModel.ids))
            case "content": token.content = try reader.string()
            case "special": token.isSpecial = try reader.boolean()
            case "single_word": token.isWholeWord = try reader.boolean()
            case "lstrip": token.takesSpaceBefore = try reader.boolean()
            case "rstrip": token.takesSpaceAfter = try reader.boolean()
            case "normalized": token.isNormalized = try reader.boolean()
            default: _ = try reader.value()
            }
        }
        guard token.id >= 0, !token.content.isEmpty else {
            throw reader.malformed("an id and a content", found: token.id < 0 ? "no id" : "no content")
        }
        return token
    }

    // MARK: The model

    private mutating func readModel(_ reader: inout JSONReader) throws(TokenizerError) {
        try reader.object { (key, reader) throws(TokenizerError) in
            switch key {
            case "type":
                let type = try reader.string()
                guard type == "BPE" else { throw unsupported(reader, "\"\(type)\"") }
            case "vocab": try readVocabulary(&reader)
            case "merges":
                try reader.array { (_, reader) throws(TokenizerError) in try readMerge(&reader) }
            case "unk_token": model.unknown = reader.null() ? nil : try reader.string()
            case "fuse_unk": model.fusesUnknown = reader.null() ? false : try reader.boolean()
            case "byte_fallback": model.fallsBackToBytes = reader.null() ? false : try reader.boolean()
            case "ignore_merges": model.ignoresMerges = reader.null() ? false : try reader.boolean()
            case "dropout":
                let dropout = reader.null() ? 0 : try reader.number()
                guard dropout == 0 else { throw unsupported(reader, "\(dropout)") }
            case "continuing_subword_prefix", "end_of_word_suffix":
                let affix = reader.null() ? "" : try reader.string()
                guard affix.isEmpty else { throw unsupported(reader, "\"\(affix)\"") }
            default: _ = try reader.value()
            }
        }
    }

    private mutating func readVocabulary(_ reader: inout JSONReader) throws(TokenizerError) {
        guard reader.kind != .array else { throw unsupported(reader, "a list of scored pieces") }
        try model.readVocabulary(&reader)
    }

    /// A merge is a string with a space between the parts, or an array of the two.
    private mutating func readMerge(_ reader: inout JSONReader) throws(TokenizerError) {
        if reader.kind == .array {
            var count = 0
            try reader.array { (index, reader) throws(TokenizerError) in
                let part = try reader.stringBytes()
                if index == 0 { model.leftParts.append(part) } else { model.rightParts.append(part) }
                count += 1
            }
            guard count == 2 else { throw reader.malformed("two parts", found: "\(count)") }
        } else {
            let merge = try reader.stringBytes()
            guard let (left, right) = SpelledModel.parts(ofMerge: merge) else {
                let text = String(decoding: merge.prefix(80), as: UTF8.self)
                throw reader.malformed("two parts with a space between them", found: "\"\(text)\"")
            }
            model.leftParts.append(left)
            model.rightParts.append(right)
        }
    }

    private func unsupported(_ reader: JSONReader, _ found: String) -> TokenizerError {
        .unsupported(file: file, place: reader.keyPath, found: found)
    }
}
