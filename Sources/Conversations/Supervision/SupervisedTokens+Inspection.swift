public import LanguageModel

/// Looking at what is trained.
extension SupervisedTokens {
    /// A token as people read it.
    public struct Piece: Hashable, Sendable {
        /// Its id.
        public var id: Int32
        /// What it stands for. Bytes that are no text of their own are held back until the token that
        /// completes them; bytes that never become text are U+FFFD.
        public var text: String
        /// Whether it is trained.
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
