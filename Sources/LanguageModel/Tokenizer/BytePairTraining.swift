internal import NeuralCore

/// Learns a byte-level tokenizer from documents that it is shown one after another.
///
/// ```swift
/// var training = BytePairTraining(pattern: .gpt2)
/// for document in documents { training.add(document) }
/// let tokenizer = try training.tokenizer(vocabularySize: 4_096)
/// ```
///
/// Only the distinct pieces of the documents and their counts are kept, so a corpus may be larger than memory. The
/// result depends on the documents alone: not on their order, the number of threads, or chance.
///
/// The vocabulary begins with the special tokens, then has the 256 bytes in the order of the characters that spell
/// them, then the merged tokens in the order in which they were learned. This is also the order of Hugging Face's
/// `tokenizers`, and with the same documents, pattern and `ties: .lowerIDs` the merges are the same. Departure: the
/// name of a special token in a document separates what is before it from what is after; `tokenizers` learns from
/// the name as from any text.
public struct BytePairTraining: Sendable {
    private let specialTokens: [String]
    private let counter: PieceCounter
    /// Whether a text may be cut at white space, because no special token's name has any.
    private let cutsTexts: Bool

    /// Texts not yet counted, and where each ends.
    private var pending: [UInt8] = []
    private var pendingEnds: [Int] = []
    /// A share of the texts counted in each; they are shared out by their place, never by the number of threads.
    private var counts: [PieceCounts]

    private static let shares = 8
    /// The number of bytes collected before they are counted together.
    private static let batch = 4 << 20

    /// - Parameters:
    ///   - pattern: The pattern that cuts text into pieces; merges never cross their bounds.
    ///   - specialTokens: Names of tokens that are not text, which get the lowest ids, in this order.
    public init(pattern: SplitPattern = .gpt2, specialTokens: [String] = ["<|endoftext|>"]) {
        self.specialTokens = specialTokens
        counter = PieceCounter(pattern: pattern, specialTokens: specialTokens)
        cutsTexts = !specialTokens.contains { $0.contains(where: \.isWhitespace) }
        counts = Array(repeating: PieceCounts(hash: ByteHash()), count: Self.shares)
    }

    /// Takes in a document.
    public mutating func add(_ document: String) {
        pending.append(contentsOf: document.utf8)
        finishDocument()
    }

    /// Takes in a document's bytes, which are meant as UTF-8 but need not be valid.
    public mutating func add(bytes document: some Sequence<UInt8>) {
        pending.append(contentsOf: document)
        finishDocument()
    }

    private mutating func finishDocument() {
        if pending.count > (pendingEnds.last ?? 0) { pendingEnds.append(pending.count) }
        if pending.count >= Self.batch { countPending() }
    }

    /// Returns the tokenizer learned from the documents so far.
    ///
    /// - Parameters:
    ///   - vocabularySize: The number of tokens, including special ones and the 256 bytes; fewer if the documents do
    ///     not have enough pairs.
    ///   - ties: The order in which equally frequent pairs are merged.
    /// - Throws: `TokenizerError.vocabularyTooSmall`.
    /// - Complexity: O(s log p) for s bytes of distinct pieces with p distinct pairs, however often the pieces occur.
    public mutating func tokenizer(
        vocabularySize: Int, ties: MergeTies = .lowerIDs
    ) throws(TokenizerError) -> BytePairTokenizer {
        let smallest = specialTokens.count + 256
        guard vocabularySize >= smallest else {
            throw .vocabularyTooSmall(requested: vocabularySize, smallest: smallest)
        }
        countPending()
        var pieces = counts[0]
        for share in counts.dropFirst() { pieces.add(share) }

        let bytes = (UInt8.min...UInt8.max).sorted {
            ByteAlphabet.characters[Int($0)] < ByteAlphabet.characters[Int($1)]
        }
        var byteTokens = [Int32](repeating: 0, count: 256)
        for (index, byte) in bytes.enumerated() { byteTokens[Int(byte)] = Int32(specialTokens.count + index) }
        var learner = MergeLearner(
            pieces, tokens: specialTokens.map { Array($0.utf8) } + bytes.map { [$0] }, byteTokens: byteTokens,
            ties: ties)
        while learner.tokens.count < vocabularySize, learner.learnMerge() {}

        let added = specialTokens.enumerated().map { AddedToken(id: Int32($0), content: $1) }
        return BytePairTokenizer(
            normalization: counter.pattern.normalization,
            preTokenization: PreTokenization(cuts: [.pattern(counter.pattern)]),
            model: .bytePair(
                BytePairModel(
                    vocabulary: Vocabulary(ByteStrings(learner.tokens), shadowed: Set(added.map(\.id))),
                    rules: learner.rules, alphabet: .bytes)),
            addedTokens: added)
    }
}

// MARK: - Counting

extension BytePairTraining {
    /// Counts the pieces of the texts collected so far.
    private mutating func countPending() {
        let chunks = pendingChunks()
        let counter = counter
        CharacterClass.table.withUnsafeBufferPointer { classes in
            pending.withUnsafeBufferPointer { bytes in
                counts.withUnsafeMutableBufferPointer { counts in
                    parallelFor(tasks: counts.count) { share in
                        for index in stride(from: share, to: chunks.count, by: counts.count) {
                            let chunk = UnsafeBufferPointer(rebasing: bytes[chunks[index]])
                            counter.count(UTF8Text(bytes: chunk, classes: classes), in: &counts[share])
                        }
                    }
                }
            }
        }
        pending.removeAll(keepingCapacity: true)
        pendingEnds.removeAll(keepingCapacity: true)
    }

    /// The texts collected so far, long ones cut where no piece can reach across.
    private func pendingChunks() -> [Range<Int>] {
        let length = Self.batch / Self.shares / 4
        var chunks: [Range<Int>] = []
        var start = 0
        for end in pendingEnds {
            while start < end {
                let cut = cutsTexts ? SplitPattern.cut(pending, from: start + length, before: end) : end
                chunks.append(start..<cut)
                start = cut
            }
        }
        return chunks
    }
}

/// Cuts texts into pieces and counts them.
private struct PieceCounter: Sendable {
    let pattern: SplitPattern
    private let matcher: AddedTokenMatcher

    init(pattern: SplitPattern, specialTokens: [String]) {
        self.pattern = pattern
        matcher = AddedTokenMatcher(specialTokens.enumerated().map { AddedToken(id: Int32($0), content: $1) })
    }

    /// Counts the pieces of a text between the names of special tokens.
    func count(_ text: UTF8Text, in counts: inout PieceCounts) {
        var start = 0
        func countStretch(to end: Int) {
            guard start < end else { return }
            pattern.normalization.apply(to: text[start..<end].bytes) { bytes in
                let stretch = UTF8Text(bytes: bytes, classes: text.classes)
                pattern.forEachPiece(in: stretch) { counts.add(stretch[$0..<$1].bytes) }
            }
        }
        matcher.forEachMatch(in: text, includingSpecial: true) { match in
            countStretch(to: match.start)
            start = match.end
        }
        countStretch(to: text.count)
    }
}

extension BytePairTokenizer {
    /// Learns a byte-level tokenizer from documents.
    ///
    /// The documents are read once, and only their distinct pieces kept. See `BytePairTraining` for what is learned.
    ///
    /// - Parameters:
    ///   - documents: Texts; the end of one and the beginning of the next never make a piece.
    ///   - vocabularySize: The number of tokens, including special ones and the 256 bytes; fewer if the documents do
    ///     not have enough pairs.
    ///   - pattern: The pattern that cuts text into pieces.
    ///   - specialTokens: Names of tokens that are not text, which get the lowest ids, in this order.
    ///   - ties: The order in which equally frequent pairs are merged.
    /// - Throws: `TokenizerError.vocabularyTooSmall`.
    public init(
        trainedOn documents: some Sequence<String>, vocabularySize: Int, pattern: SplitPattern = .gpt2,
        specialTokens: [String] = ["<|endoftext|>"], ties: MergeTies = .lowerIDs
    ) throws(TokenizerError) {
        var training = BytePairTraining(pattern: pattern, specialTokens: specialTokens)
        for document in documents { training.add(document) }
        self = try training.tokenizer(vocabularySize: vocabularySize, ties: ties)
    }
}
