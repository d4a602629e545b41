extension SentencePieceModel {
    /// The tokenizer that gives the ids of `SentencePieceProcessor.encode`, but for the control pieces, which it can
    /// recognize in text.
    ///
    /// - Parameters:
    ///   - addedTokens: Tokens beyond the pieces, or pieces that are found in text otherwise than the file says.
    ///   - boundaries: Ids around a text.
    func tokenizer(
        addedTokens: [AddedToken] = [], boundaries: BytePairTokenizer.Boundaries = .init()
    ) throws(TokenizerError) -> BytePairTokenizer {
        let known = Set(addedTokens.map(\.id))
        let added = ownAddedTokens.filter { !known.contains($0.id) } + addedTokens
        var pre = PreTokenization()
        var normalization = try mapping + spaceRemoval
        let mark = marksSpaces ? PreTokenization.wordMark : [UInt8(ascii: " ")]
        if addsPrefix, isBytePair, types.contains(.userDefined) {
            // User-defined pieces are looked for in normalized text, so the prefix must come after that.
            guard marksSpaces else {
                throw .unsupported(
                    file: file, place: "normalizer_spec.escape_whitespaces",
                    found: "false with pieces of the type USER_DEFINED")
            }
            (pre.prefix, pre.marksSpaces) = (.wordMark(onlyFirst: true), true)
        } else {
            if addsPrefix { normalization.append(.prepended(mark)) }
            if marksSpaces { normalization.append(.replaced([UInt8(ascii: " ")], with: mark)) }
        }
        let model: TokenModel
        if isBytePair {
            let pairs = try bytePairModel(added)
            if pairs.tokensStayWithinWords { pre.cuts = [.words] }
            model = .bytePair(pairs)
        } else {
            model = .unigram(unigramModel)
        }
        return BytePairTokenizer(
            normalization: normalization, preTokenization: pre, model: model, addedTokens: added,
            boundaries: boundaries, start: addsPrefix ? .withoutSpace : .kept)
    }

    var ids: Range<Int32> { 0..<Int32(types.count) }

    func ids(of wanted: Set<PieceType>) -> [Int32] { ids.filter { wanted.contains(types[Int($0)]) } }

    /// Control pieces are special; those that users defined are found as a whole before merging. A unigram model finds
    /// them itself.
    private var ownAddedTokens: [AddedToken] {
        ids(of: isBytePair ? [.unknown, .control, .userDefined] : [.unknown, .control]).map { id in
            let isUser = types[Int(id)] == .userDefined
            return AddedToken(
                id: id, content: String(decoding: pieces[Int(id)], as: UTF8.self), isSpecial: !isUser,
                isNormalized: isUser)
        }
    }

    // MARK: Normalization

    private var mapping: [TextChange] {
        get throws(TokenizerError) {
            guard !characterMap.isEmpty else { return [] }
            let users = ids(of: [.userDefined])
            do throws(CharacterMap.Malformed) {
                let kept = users.isEmpty ? nil : ByteTrie(pieces, of: users)
                return [.mapped(try CharacterMap(Array(characterMap), choice: .longest, keeping: kept))]
            } catch {
                throw malformed("normalizer_spec.precompiled_charsmap", error.expected, error.found)
            }
        }
    }

    /// Without spaces at either end, and with one where there are several.
    private var spaceRemoval: [TextChange] {
        guard removesExtraSpace else { return [] }
        let end = marksSpaces ? "[ \u{2581}]+\\z" : #" +\z"#
        let changes: [(String, String)] = [(#"\A +"#, ""), (end, ""), (" {2,}", " ")]
        return changes.compactMap { expression, new in
            TextPattern(expression: expression).map { .replacedMatches($0, with: Array(new.utf8)) }
        }
    }

    // MARK: Models

    private var unigramModel: UnigramModel {
        let normal = ids(of: [.normal]).map { scores[Int($0)] }
        let greatest = normal.max() ?? 0
        // User-defined pieces are always chosen.
        let chosen = ids.map { id in
            types[Int(id)] == .userDefined
                ? Double(Float(pieces.withBytes(at: Int(id)) { $0.count }) * greatest) - 0.1
                : Double(scores[Int(id)])
        }
        return UnigramModel(
            tokens: pieces, scores: ContiguousArray(chosen),
            hidden: Set(ids(of: [.unknown, .control, .unused, .byte])), leastScore: Double(normal.min() ?? 0),
            unknown: ids(of: [.unknown]).first, fallsBackToBytes: fallsBackToBytes, isSinglePrecision: true)
    }

    private func bytePairModel(_ added: [AddedToken]) throws(TokenizerError) -> BytePairModel {
        if let unused = ids(of: [.unused]).first {
            throw .unsupported(file: file, place: "pieces[\(unused)].type", found: "UNUSED with merges")
        }
        var model = SpelledModel(file: file)
        (model.tokens, model.ids) = (pieces, Array(ids))
        model.fallsBackToBytes = fallsBackToBytes
        model.fusesUnknown = true
        model.unknown = ids(of: [.unknown]).first.map { String(decoding: pieces[Int($0)], as: UTF8.self) }
        let merged: Set<PieceType> = [.normal, .userDefined]
        try model.addMerges(
            byScores: types.indices.map { merged.contains(types[$0]) ? Double(scores[$0]) : nil },
            isPart: types.map { merged.contains($0) }, place: { "pieces[\($0)].piece" })
        return try model.model(addedTokens: added, isByteLevel: false)
    }
}
