/// Tokens with scores: a piece of text becomes the tokens whose scores have the greatest sum.
///
/// A character that is no token by itself becomes the unknown token, or its bytes' tokens; that scores ten less than the
/// least of the tokens. Neighboring unknown characters become one unknown token.
///
/// - SeeAlso: [Kudo 2018](https://arxiv.org/abs/1804.10959), section 3.2; the rounding, and who wins of equals, are
///   those of `tokenizers`, or of SentencePiece. Departures: text is never cut at random.
struct UnigramModel: Sendable {
    let vocabulary: Vocabulary
    /// The score of each id, natural logarithms of probabilities; 0 where there is no token.
    let scores: ContiguousArray<Double>
    /// Stands for characters that cannot be written otherwise; without it they are left out.
    let unknown: Int32?
    let fallsBackToBytes: Bool
    /// Whether sums are kept in single precision, as SentencePiece has them.
    let isSinglePrecision: Bool

    private let trie: ByteTrie
    private let unknownScore: Double
    /// The token of each byte, or -1.
    private let byteTokens: [Int32]
    private static let unknownPenalty = 10.0
    /// No token in use is near this length, which is the most places that a token is looked for from each.
    static let longestToken = 1 << 10

    /// The best way to a place of the text: its score, and the token that comes last on it.
    struct Step: Sendable {
        var score: Double
        /// The place where the last token begins, or -1 if no way is known yet.
        var start: Int32
        var id: Int32
    }

    /// - Parameters:
    ///   - tokens: The bytes of each id.
    ///   - scores: The score of each id.
    ///   - hidden: Ids that no text becomes.
    ///   - leastScore: The least of the scores that count for this.
    init(
        tokens: ByteStrings, scores: ContiguousArray<Double>, hidden: Set<Int32>, leastScore: Double,
        unknown: Int32?, fallsBackToBytes: Bool, isSinglePrecision: Bool
    ) {
        vocabulary = Vocabulary(tokens, shadowed: hidden)
        self.scores = scores
        self.unknown = unknown
        self.fallsBackToBytes = fallsBackToBytes
        self.isSinglePrecision = isSinglePrecision
        trie = ByteTrie(tokens, of: (0..<Int32(tokens.count)).filter { !hidden.contains($0) })
        unknownScore =
            isSinglePrecision
            ? Double(Float(leastScore) - Float(Self.unknownPenalty)) : leastScore - Self.unknownPenalty
        byteTokens = (0...255).map { [vocabulary] byte in
            fallsBackToBytes ? vocabulary.id(of: ByteAlphabet.sentencePiece(ofByte: UInt8(byte))) ?? -1 : -1
        }
    }

    /// Puts the ids of a piece into `tokens`.
    ///
    /// - Complexity: O(n) for n bytes, times the length of the longest token that begins at most places.
    func encode(
        _ piece: UnsafeBufferPointer<UInt8>, steps: inout ContiguousArray<Step>,
        into tokens: inout ContiguousArray<Int32>
    ) {
        tokens.removeAll(keepingCapacity: true)
        steps.removeAll(keepingCapacity: true)
        steps.append(contentsOf: repeatElement(Step(score: 0, start: -1, id: -1), count: piece.count + 1))
        CharacterClass.table.withUnsafeBufferPointer { classes in
            findWays(through: UTF8Text(bytes: piece, classes: classes), &steps)
        }
        var end = piece.count
        while end > 0 {
            let step = steps[end]
            var start = Int(step.start)
            guard step.id == unknown || step.id < 0 else {
                tokens.append(step.id)
                end = start
                continue
            }
            while start > 0, steps[start].id == step.id { start = Int(steps[start].start) }
            appendUnknown(UnsafeBufferPointer(rebasing: piece[start..<end]), to: &tokens)
            end = start
        }
        tokens.reverse()
    }

    private func findWays(through text: UTF8Text, _ steps: inout ContiguousArray<Step>) {
        steps.withUnsafeMutableBufferPointer { steps in
            scores.withUnsafeBufferPointer { scores in
                @inline(__always)
                func offer(_ score: Double, _ id: Int32, from start: Int, to end: Int) {
                    let score = isSinglePrecision ? Double(Float(score)) : score
                    guard steps[end].start < 0 || score > steps[end].score else { return }
                    steps[end] = Step(score: score, start: Int32(start), id: id)
                }
                var start = 0
                while start < text.count {
                    let characterLength = text.scalar(at: start)?.length ?? 1
                    let soFar = steps[start].score
                    var isToken = false
                    trie.forEachPrefix(of: text.bytes, from: start) { length, id in
                        isToken = isToken || length == characterLength
                        // Within a character no way goes on.
                        guard length >= characterLength else { return }
                        offer(scores[Int(id)] + soFar, id, from: start, to: start + length)
                    }
                    if !isToken {
                        offer(unknownScore + soFar, unknown ?? -1, from: start, to: start + characterLength)
                    }
                    start += characterLength
                }
            }
        }
    }

    /// Appends, last first, what unknown characters become: a token that they spell together, their bytes or the
    /// unknown token.
    private func appendUnknown(
        _ characters: UnsafeBufferPointer<UInt8>, to tokens: inout ContiguousArray<Int32>
    ) {
        if let id = vocabulary.id(of: characters) {
            tokens.append(id)
        } else if fallsBackToBytes, characters.allSatisfy({ byteTokens[Int($0)] >= 0 }) {
            for byte in characters.reversed() { tokens.append(byteTokens[Int(byte)]) }
        } else if let unknown {
            tokens.append(unknown)
        }
    }
}
