import NeuralCore

/// The keys of a tokenizer in a GGUF file.
struct GGUFTokenizerWriter {
    let tokenizer: BytePairTokenizer
    let configuration: TokenizerConfiguration
    /// The rows of the model, and the tokens with a part to play in its configuration.
    let vocabularySize: Int
    let roles: (beginning: Int32?, ends: [Int32], padding: Int32?)
    /// The path of the file to be, for messages.
    let file: String

    private static let prefix = "tokenizer.ggml."
    private var rules: [MergeTable.Rule] { tokenizer.model.rules }
    private var isByteLevel: Bool { tokenizer.model.alphabet == .bytes }

    private func unsupported(_ key: String, _ found: String, _ supported: String) -> CheckpointError {
        .malformed(file: file, key: Self.prefix + key, found: found, expected: supported)
    }

    /// Adds the keys, or throws an error that names a key that cannot express the tokenizer.
    func add(to writer: inout GGUFWriter) throws(CheckpointError) {
        guard tokenizer.model.bytePair != nil else {
            throw unsupported("model", "a Unigram model", "a byte-pair model")
        }
        try requireSpellableTokens()
        if isByteLevel {
            writer.add("tokenizer.ggml.model", .text("gpt2"))
            writer.add("tokenizer.ggml.pre", .text(try split()))
            addTokens(to: &writer)
            writer.add(
                "tokenizer.ggml.merges",
                .strings(
                    rules.map {
                        Array("\(tokenizer.spelling(of: $0.left)) \(tokenizer.spelling(of: $0.right))".utf8)
                    }))
        } else {
            let hasPrefix = try spacePrefix()
            writer.add("tokenizer.ggml.model", .text("llama"))
            writer.add("tokenizer.ggml.pre", .text("default"))
            addTokens(to: &writer)
            writer.add("tokenizer.ggml.scores", .numbers(try scores()))
            writer.add("tokenizer.ggml.add_space_prefix", .bool(hasPrefix))
        }
        try addRoles(to: &writer)
        writer.add("tokenizer.chat_template", configuration.chatTemplate.map { .text($0) })
    }

    /// llama.cpp looks for added tokens in the text as it is, and for the space after them only in models of Phi-3's name.
    private func requireSpellableTokens() throws(CheckpointError) {
        let takesSpaces = takesSpaces
        for token in tokenizer.addedTokens {
            let takesSpace = takesSpaces && GGUFSpaces.isTaken(by: token.content)
            if !token.isWholeWord, !token.takesSpaceBefore, token.takesSpaceAfter == takesSpace { continue }
            throw unsupported(
                "token_type", "\"\(token.content)\" with single_word, lstrip or rstrip",
                "tokens without these, or with rstrip as Phi-3 has it")
        }
    }

    /// Whether special tokens take the space after them, which the name of the model is to say.
    var takesSpaces: Bool { tokenizer.addedTokens.contains(where: \.takesSpaceAfter) }

    /// A name of the model with which its special tokens take the space after them, or do not.
    func modelName(_ name: String) -> String {
        guard takesSpaces != GGUFSpaces.areTaken(inModelNamed: name) else { return name }
        return takesSpaces ? "phi-3 \(name)" : name.replacing(/(?i)phi-?3/, with: "phi 3")
    }

    // MARK: Cuts

    private func split() throws(CheckpointError) -> String {
        let (cuts, whole) = (tokenizer.preTokenization.cuts, tokenizer.model.takesWholePieces)
        guard tokenizer.preTokenization.prefix == .none else {
            throw unsupported("pre", "a space before every text (add_prefix_space)", "texts as they are")
        }
        guard tokenizer.normalization.allSatisfy({ $0 == .composed }) else {
            throw unsupported("pre", "a normalizer other than NFC", "no normalizer, or NFC")
        }
        if let split = GGUFSplit(cuts, takesWholePieces: whole) { return split.names[0] }
        let known = GGUFSplit.all.map { "\($0.names[0]) (\(Self.described($0.cuts, $0.takesWholePieces)))" }
        throw unsupported(
            "pre", "\(Self.described(cuts, whole)), for which llama.cpp has no name",
            known.joined(separator: ", "))
    }

    private static func described(_ cuts: [PreTokenization.Cut], _ takesWholePieces: Bool) -> String {
        let parts = cuts.map { cut in
            switch cut {
            case .pattern(let pattern): "the split pattern \(pattern.rawValue)"
            case .digits(let individually): individually ? "single digits" : "runs of digits"
            case .matches(let pattern, _, _): "cuts at \(pattern.expression)"
            case .byteDigits: "digits of the alphabet of bytes"
            case .string(let string, _): "a cut at \"\(String(decoding: string, as: UTF8.self))\""
            case .wordMarks, .words: "word marks"
            }
        }
        let text = parts.isEmpty ? "no split pattern" : parts.joined(separator: ", then ")
        return takesWholePieces ? "\(text), with ignore_merges" : text
    }

    /// Whether a space is put before text.
    private func spacePrefix() throws(CheckpointError) -> Bool {
        let mark = PreTokenization.wordMark
        let marks = TextChange.replaced([UInt8(ascii: " ")], with: mark)
        let (changes, pre) = (tokenizer.normalization, tokenizer.preTokenization)
        let isWhole = pre.cuts.allSatisfy { $0 == .words } && pre.prefix == .none
        if isWhole, !pre.marksSpaces, changes == [.prepended(mark), marks] { return true }
        if isWhole, !pre.marksSpaces, changes == [marks] { return false }
        if isWhole, pre.marksSpaces, changes.isEmpty { return false }
        throw unsupported(
            "add_space_prefix", "another way to mark words (Metaspace with a prefix, or cut at word marks)",
            "a space before every stretch of text, or none")
    }

    // MARK: Tokens

    /// Every id of the model: rows that no token has are filled up with tokens that are not used.
    private func addTokens(to writer: inout GGUFWriter) {
        let added = Dictionary(tokenizer.addedTokens.map { ($0.id, $0) }) { first, _ in first }
        let vocabulary = tokenizer.model.vocabulary
        var tokens: [[UInt8]] = []
        var types: [Int] = []
        for id in 0..<Int32(vocabularySize) {
            let (text, type): (String, GGUFTokenType) =
                if let token = added[id] {
                    (
                        token.content,
                        id == tokenizer.model.unknown ? .unknown : token.isSpecial ? .control : .userDefined
                    )
                } else if id < vocabulary.count, vocabulary.contains(id) {
                    (tokenizer.spelling(of: id), isByte(id) ? .byte : .normal)
                } else {
                    ("[PAD\(id)]", .unused)
                }
            tokens.append(Array(text.utf8))
            types.append(type.rawValue)
        }
        writer.add("tokenizer.ggml.tokens", .strings(tokens))
        writer.add("tokenizer.ggml.token_type", .integers(types))
    }

    private func isByte(_ id: Int32) -> Bool {
        guard tokenizer.model.alphabet == .characters(fallsBackToBytes: true) else { return false }
        let token = tokenizer.model.vocabulary[id]
        guard token.count == 6, token.starts(with: "<0x".utf8) else { return false }
        return (0...UInt8.max).contains { ByteAlphabet.sentencePiece(ofByte: $0) == token }
    }

    /// Returns scores that take the place of merges in llama.cpp; earlier merges have higher scores.
    ///
    /// That is the same only where a token's merges stand together, and any two tokens that make a third are merged.
    private func scores() throws(CheckpointError) -> [Double] {
        let vocabulary = tokenizer.model.vocabulary
        var scores = [Double](repeating: 0, count: vocabularySize)
        var places: [Int32: Int] = [:]
        var (last, place) = (Int32(-1), 0)
        var pairs: Set<[Int32]> = []
        let tied = mergesOfMarks ?? 0..<0
        for (index, rule) in rules.enumerated() {
            pairs.insert([rule.left, rule.right])
            let isTied = tied.contains(index)
            if rule.result == last || isTied && places[rule.result] != nil { continue }
            guard places[rule.result] == nil else {
                throw unsupported(
                    "scores", "merges to \"\(tokenizer.spelling(of: rule.result))\" at two places",
                    "merges in the order of their tokens")
            }
            if !isTied || index == tied.lowerBound { place += 1 }
            last = rule.result
            places[rule.result] = place
            scores[Int(rule.result)] = -Double(place)
        }
        let added = Set(tokenizer.addedTokens.map(\.id))
        for id in 0..<Int32(vocabulary.count)
        where vocabulary.contains(id) && !added.contains(id) && !isByte(id) {
            let token = vocabulary[id]
            if places[id] == nil { scores[Int(id)] = -Double(place) - Double(id) - 1 }
            for cut in token.indices.dropFirst() where token[cut] & 0xC0 != 0x80 {
                guard let left = vocabulary.id(of: Array(token[..<cut])),
                    let right = vocabulary.id(of: Array(token[cut...])), !pairs.contains([left, right])
                else { continue }
                throw unsupported(
                    "scores",
                    "no merge of \"\(tokenizer.spelling(of: left))\" and \"\(tokenizer.spelling(of: right))\"",
                    "a merge of any two tokens that make a third")
            }
        }
        return scores
    }

    /// The merges to runs of word marks, where these may have one score; nil where they may not.
    ///
    /// Of the merges of one score llama.cpp takes the leftmost, so that a run grows from the left, mark by mark. So it does by
    /// rank, if the merges stand together, a run of each length is a token, and two single marks are merged after any run and
    /// a mark. Llama 2's and Phi-3's models give these tokens one score, and their merges come in several orders.
    private var mergesOfMarks: Range<Int>? {
        let (vocabulary, mark) = (tokenizer.model.vocabulary, PreTokenization.wordMark)
        func length(_ id: Int32) -> Int? {
            let token = vocabulary[id]
            guard token.count % mark.count == 0 else { return nil }
            let isRun = token.indices.allSatisfy { token[$0] == mark[$0 % mark.count] }
            return isRun ? token.count / mark.count : nil
        }
        var (first, end) = (Int?.none, 0)
        var single: Int?
        var lengths: Set<Int> = []
        for (index, rule) in rules.enumerated() {
            guard let whole = length(rule.result), let left = length(rule.left) else { continue }
            guard first == nil || index == end, single == nil || left == 1 || left + 1 < whole else {
                return nil
            }
            (first, end) = (first ?? index, index + 1)
            if left == 1, whole == 2 { single = index }
            if left + 1 == whole { lengths.insert(whole) }
        }
        guard let first, single != nil, let greatest = lengths.max(), lengths.count == greatest - 1 else {
            return nil
        }
        return first..<end
    }

    // MARK: Roles

    private func addRoles(to writer: inout GGUFWriter) throws(CheckpointError) {
        func id(_ content: String?) -> Int32? {
            guard let content else { return nil }
            return tokenizer.id(ofAddedToken: content)
                ?? tokenizer.model.vocabulary.id(of: Array(content.utf8))
        }
        let boundaries = tokenizer.boundaries
        let beginning = boundaries.before.first ?? id(configuration.beginningOfText) ?? roles.beginning
        let end = boundaries.after.first ?? id(configuration.endOfText) ?? roles.ends.first
        let others = roles.ends.filter { $0 != end }
        guard others.count <= 2 else {
            throw unsupported(
                "eos_token_id", "\(roles.ends.count) tokens that end a text", "at most three")
        }
        guard boundaries.before.count <= 1, boundaries.after.count <= 1 else {
            throw unsupported("add_bos_token", "several tokens around a text", "one on either side")
        }
        let named: [(String, Int32?)] = [
            ("bos", beginning), ("eos", end), ("eot", others.first), ("eom", others.dropFirst().first),
            ("unknown", tokenizer.model.unknown ?? id(configuration.unknown)),
            ("padding", id(configuration.padding) ?? roles.padding),
        ]
        for (role, id) in named {
            writer.add("\(Self.prefix)\(role)_token_id", id.map { .integer(Int($0)) })
        }
        writer.add("tokenizer.ggml.add_bos_token", .bool(!boundaries.before.isEmpty))
        writer.add("tokenizer.ggml.add_eos_token", .bool(!boundaries.after.isEmpty))
    }
}
