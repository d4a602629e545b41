public import LanguageModel

/// Tokens, each with whether it is trained.
public struct SupervisedTokens: Hashable, Sendable {
    /// The ids, `[tokens]`.
    public var ids: [Int32]
    /// True where the model learns to predict the token at that place, `[tokens]`.
    public var isTrained: [Bool]

    /// Tokens with their mask.
    ///
    /// - Precondition: Both have one element for each token.
    public init(ids: [Int32], isTrained: [Bool]) {
        precondition(ids.count == isTrained.count, "\(ids.count) tokens with a mask of \(isTrained.count)")
        self.ids = ids
        self.isTrained = isTrained
    }

    /// The number of tokens.
    public var count: Int { ids.count }

    /// The number of tokens that are trained.
    public var trainedCount: Int { isTrained.count { $0 } }

    /// The first tokens; nil if none of them is trained.
    public func prefix(_ length: Int) -> SupervisedTokens? {
        guard isTrained.prefix(length).contains(true) else { return nil }
        return SupervisedTokens(ids: Array(ids.prefix(length)), isTrained: Array(isTrained.prefix(length)))
    }
}

extension SupervisedText {
    /// The tokens of the text, run by run; before plain text, those that the tokenizer puts there.
    ///
    /// No token straddles a boundary between what is trained and what is not: where one would, the run behind the
    /// boundary is encoded by itself, as when a model answers. (A tokenizer given the whole text could join the last
    /// character of a prompt with the first of the answer, and the model would be asked for a token that it never
    /// meets.)
    ///
    /// - Parameters:
    ///   - tokenizer: Knows the template's special tokens.
    ///   - ignored: Ids whose prediction the loss leaves out, such as padding.
    /// - Throws: ``SupervisionProblem`` when nothing is trained, or the end of a turn is no single token or
    ///   is ignored.
    public func tokens(
        with tokenizer: BytePairTokenizer, ignoring ignored: Set<Int32> = []
    ) throws(SupervisionProblem) -> SupervisedTokens {
        try tokens(
            ignoring: ignored, before: isPlain ? tokenizer.boundaries.before : [],
            encode: { tokenizer.encode($0) }, continuing: { tokenizer.encode($0, after: $1) })
    }

    /// The tokens of the text, given what encodes a run.
    ///
    /// - Parameters:
    ///   - before: Ids that come before all.
    ///   - encode: The ids of a run.
    ///   - continuing: The ids of a run that comes after another.
    package func tokens(
        ignoring ignored: Set<Int32> = [], before: [Int32] = [], encode: (String) -> [Int32],
        continuing: ((_ run: String, _ last: String) -> [Int32])? = nil
    ) throws(SupervisionProblem) -> SupervisedTokens {
        if let endOfTurn {
            let ids = encode(endOfTurn)
            guard ids.count == 1 else { throw .endOfTurnIsNoToken(endOfTurn) }
            guard !ignored.contains(ids[0]) else { throw .endOfTurnIgnored(endOfTurn) }
        }
        var tokens = SupervisedTokens(ids: before, isTrained: before.map { _ in false })
        var last: String?
        for run in runs {
            let ids = last.flatMap { last in continuing?(run.text, last) } ?? encode(run.text)
            last = run.text
            tokens.ids += ids
            tokens.isTrained += ids.map { run.isTrained && !ignored.contains($0) }
        }
        guard tokens.isTrained.contains(true) else { throw .nothingTrained }
        return tokens
    }
}

/// Looking at what is trained.
extension SupervisedTokens {
    /// A token as people read it.
    public struct Piece: Hashable, Sendable {
        /// Its id.
        public var id: Int32
        /// Its text. Bytes that are no text of their own are held back until the token that
        /// completes them; bytes that never become text are U+FFFD.
        public var text: String
        /// True if it is trained.
        public var isTrained: Bool
    }

    /// The tokens with their texts, which joined are the text.
    public func pieces(with tokenizer: BytePairTokenizer) -> [Piece] {
        var pieces: [Piece] = []
        var pending: [UInt8] = []
        for (index, id) in ids.enumerated() {
            pending += tokenizer.bytes(of: id)
            let isLast = index + 1 == ids.count
            let held = isLast ? 0 : pending.unfinishedTail
            let text = String(decoding: pending.dropLast(held), as: UTF8.self)
            pending = Array(pending.suffix(held))
            pieces.append(Piece(id: id, text: text, isTrained: isTrained[index]))
        }
        return pieces
    }
}

extension [UInt8] {
    /// The number of bytes at the end that begin a character without finishing it.
    fileprivate var unfinishedTail: Int {
        for length in 1...3 where length <= count {
            let byte = self[count - length]
            if byte & 0xC0 == 0x80 { continue }
            let needed = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
            return needed > length ? length : 0
        }
        return 0
    }
}
