internal import JSON

/// The fields of a `tokenizer.json`, not yet interpreted.
struct TokenizerJSON {
    let file: String
    private(set) var addedTokens: [AddedToken] = []
    private(set) var normalizer = JSONValue.null
    private(set) var preTokenizer = JSONValue.null
    private(set) var postProcessor = JSONValue.null
    private(set) var decoder = JSONValue.null
    private(set) var model: SpelledModel

    /// The first thing that is not done here, and its key.
    private var unsupported: (place: String, found: String)?

    init(_ bytes: [UInt8], file: String) throws(TokenizerError) {
        self.file = file
        model = SpelledModel(file: file)
        var json = JSONScanner(bytes)
        var hasModel = false
        do throws(JSONError) {
            try json.enterObject()
            while let key = try json.nextKey() {
                switch key {
                case "added_tokens":
                    try json.enterArray()
                    while try json.nextElement() { addedTokens.append(try Self.addedToken(&json)) }
                case "normalizer": normalizer = try json.value()
                case "pre_tokenizer": preTokenizer = try json.value()
                case "post_processor": postProcessor = try json.value()
                case "decoder": decoder = try json.value()
                case "model":
                    hasModel = true
                    try readModel(&json)
                default: break
                }
            }
            try json.end()
        } catch {
            throw TokenizerError(error, file: file)
        }
        if let (place, found) = unsupported { throw .unsupported(file: file, place: place, found: found) }
        guard hasModel else {
            throw .malformed(file: file, place: "the file", expected: "\"model\"", found: "no such key")
        }
    }

    private static func addedToken(_ json: inout JSONScanner) throws(JSONError) -> AddedToken {
        var token = AddedToken(id: -1, content: "", isSpecial: false)
        try json.enterObject()
        while let key = try json.nextKey() {
            switch key {
            case "id": token.id = Int32(try json.integer(in: SpelledModel.ids))
            case "content": token.content = try json.string()
            case "special": token.isSpecial = try json.bool()
            case "single_word": token.isWholeWord = try json.bool()
            case "lstrip": token.takesSpaceBefore = try json.bool()
            case "rstrip": token.takesSpaceAfter = try json.bool()
            case "normalized": token.isNormalized = try json.bool()
            default: break
            }
        }
        guard token.id >= 0, !token.content.isEmpty else {
            throw json.error(found: token.id < 0 ? "no id" : "no content", expected: "an id and a content")
        }
        return token
    }

    // MARK: The model

    private mutating func readModel(_ json: inout JSONScanner) throws(JSONError) {
        var isUnigram = false
        try json.enterObject()
        while let key = try json.nextKey() {
            switch key {
            case "type":
                let type = try json.string()
                isUnigram = type == "Unigram"
                if type != "BPE", !isUnigram { refuse("\"\(type)\"", json) }
            case "vocab" where json.kind == .array: try model.readScoredVocabulary(&json)
            case "unk_id": model.unknownID = json.null() ? nil : try json.integer(in: SpelledModel.ids)
            case "vocab": try model.readVocabulary(&json)
            case "merges" where unsupported == nil:
                try json.enterArray()
                while try json.nextElement() { try readMerge(&json) }
            case "unk_token": model.unknown = json.null() ? nil : try json.string()
            case "fuse_unk": model.fusesUnknown = json.null() ? false : try json.bool()
            case "byte_fallback": model.fallsBackToBytes = json.null() ? false : try json.bool()
            case "ignore_merges": model.ignoresMerges = json.null() ? false : try json.bool()
            case "dropout":
                let dropout = json.null() ? 0 : try json.number()
                if dropout != 0 { refuse("\(dropout)", json) }
            case "continuing_subword_prefix", "end_of_word_suffix":
                let affix = json.null() ? "" : try json.string()
                if !affix.isEmpty { refuse("\"\(affix)\"", json) }
            default: break
            }
        }
        guard isUnigram == (model.scores != nil) else {
            throw json.error(
                found: isUnigram ? "type Unigram with tokens and ids" : "type BPE with scored tokens",
                expected: "a vocabulary of the model's type")
        }
    }

    /// A merge is a string with a space between the parts, or an array of the two.
    private mutating func readMerge(_ json: inout JSONScanner) throws(JSONError) {
        if json.kind == .array {
            var parts: [[UInt8]] = []
            try json.enterArray()
            while try json.nextElement() { parts.append(try json.stringBytes()) }
            guard parts.count == 2 else { throw json.error(found: "\(parts.count)", expected: "two parts") }
            model.leftParts.append(parts[0])
            model.rightParts.append(parts[1])
        } else {
            let merge = try json.stringBytes()
            guard let (left, right) = SpelledModel.parts(ofMerge: merge) else {
                let text = String(decoding: merge.prefix(80), as: UTF8.self)
                throw json.error(found: "\"\(text)\"", expected: "two parts with a space between them")
            }
            model.leftParts.append(left)
            model.rightParts.append(right)
        }
    }

    private mutating func refuse(_ found: String, _ json: JSONScanner) {
        if unsupported == nil { unsupported = (json.path, found) }
    }
}
