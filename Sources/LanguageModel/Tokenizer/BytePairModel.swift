/// Vocabulary and merges: what turns one piece of text into ids.
struct BytePairModel: Sendable {
    /// The symbols from which merging starts.
    enum Alphabet: Equatable, Sendable {
        /// One token for every byte, as GPT-2 has it.
        case bytes
        /// Characters, as SentencePiece has it; one that is no token becomes its bytes' tokens, if there are such,
        /// and else the unknown token.
        case characters(fallsBackToBytes: Bool)
    }

    /// The tokens, spelled as merging sees them.
    let vocabulary: Vocabulary
    /// The merges, the first to be applied first.
    let rules: [MergeTable.Rule]
    let alphabet: Alphabet
    /// Whether a piece that is itself a token is encoded as that token, even if merges would not lead to it.
    let takesWholePieces: Bool
    /// Stands for a character that cannot be written otherwise; without it such characters are left out.
    let unknown: Int32?
    /// Whether adjacent unknown characters become one unknown token.
    let fusesUnknown: Bool
    /// Tokens of a byte-level vocabulary that its file does not spell in the alphabet of bytes.
    let verbatim: Set<Int32>

    private let table: MergeTable
    /// The token of each byte, or -1.
    private let byteTokens: [Int32]

    init(
        vocabulary: Vocabulary, rules: [MergeTable.Rule], alphabet: Alphabet, takesWholePieces: Bool = false,
        unknown: Int32? = nil, fusesUnknown: Bool = false, verbatim: Set<Int32> = []
    ) {
        self.vocabulary = vocabulary
        self.rules = rules
        self.alphabet = alphabet
        self.takesWholePieces = takesWholePieces
        self.unknown = unknown
        self.fusesUnknown = fusesUnknown
        self.verbatim = verbatim
        table = MergeTable(rules)
        byteTokens = (0...255).map { byte in
            switch alphabet {
            case .bytes: vocabulary.id(of: [UInt8(byte)]) ?? -1
            case .characters(fallsBackToBytes: true):
                vocabulary.id(of: ByteAlphabet.sentencePiece(ofByte: UInt8(byte))) ?? -1
            case .characters(fallsBackToBytes: false): -1
            }
        }
    }

    /// Whether text may be cut before each word mark `▁` that follows another character, because no token or merge
    /// reaches across such a mark.
    var tokensStayWithinWords: Bool {
        guard !takesWholePieces, vocabulary.id(of: PreTokenization.wordMark) != nil else { return false }
        return rules.allSatisfy { rule in
            vocabulary[rule.result].withUTF8Text { $0.endOfWord(from: 0) == $0.count }
        }
    }

    /// Puts the ids of a piece into `merger.tokens`.
    func encode(_ piece: UnsafeBufferPointer<UInt8>, with merger: inout PieceMerger) {
        merger.tokens.removeAll(keepingCapacity: true)
        if takesWholePieces, let id = vocabulary.id(of: piece) {
            merger.tokens.append(id)
            return
        }
        switch alphabet {
        case .bytes: appendBytes(of: piece, to: &merger.tokens)
        case .characters: appendCharacters(of: piece, to: &merger.tokens)
        }
        table.withLookup { merger.merge(with: $0) }
    }

    private func appendBytes(of piece: UnsafeBufferPointer<UInt8>, to tokens: inout ContiguousArray<Int32>) {
        var follows = false
        for byte in piece { append(byteTokens[Int(byte)], to: &tokens, afterUnknown: &follows) }
    }

    private func appendCharacters(
        of piece: UnsafeBufferPointer<UInt8>, to tokens: inout ContiguousArray<Int32>
    ) {
        CharacterClass.table.withUnsafeBufferPointer { classes in
            let text = UTF8Text(bytes: piece, classes: classes)
            var afterUnknown = false
            var position = 0
            while position < text.count {
                let length = text.scalar(at: position)?.length ?? 1
                let character = UnsafeBufferPointer(rebasing: piece[position..<position + length])
                if let id = vocabulary.id(of: character) {
                    append(id, to: &tokens, afterUnknown: &afterUnknown)
                } else if character.allSatisfy({ byteTokens[Int($0)] >= 0 }) {
                    for byte in character {
                        append(byteTokens[Int(byte)], to: &tokens, afterUnknown: &afterUnknown)
                    }
                } else {
                    append(-1, to: &tokens, afterUnknown: &afterUnknown)
                }
                position += length
            }
        }
    }

    /// Appends a token, or for -1 the unknown one.
    @inline(__always)
    private func append(_ id: Int32, to tokens: inout ContiguousArray<Int32>, afterUnknown: inout Bool) {
        if id >= 0 {
            tokens.append(id)
        } else if let unknown, !(fusesUnknown && afterUnknown) {
            tokens.append(unknown)
        }
        afterUnknown = id < 0
    }
}
