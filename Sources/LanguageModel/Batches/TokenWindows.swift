public import NeuralCore

/// Batches for pre-training: documents in random order, packed into windows of fixed length.
///
///     var windows = TokenWindows(documents, endOfText: end, length: 256, perBatch: 16, using: random.split())
///     while let batch = windows.next() { pretraining.step(on: batch) }
///
/// Every document is a root of the batch's forest, so documents that share a window cannot see each other. It is
/// preceded by the end-of-text token, from which its first token is predicted, and its last token predicts
/// end-of-text. A document that does not fit into a window continues in the next one, without sight of its beginning.
///
/// A document of more than two windows is cut into stretches of one, each with a place of its own in the order: else every
/// batch would be of one book, and the steps would follow its chapters instead of the corpus.
///
/// The sequence has no end: when all documents have been used they come again in another order. It is a value whose
/// `position` can be stored; a sequence that is given the same position continues with the same batches.
public struct TokenWindows: Sequence, IteratorProtocol, Sendable {
    /// A place in the stream of documents.
    public struct Position: Sendable, Hashable, Codable {
        /// The number of completed passes over all documents.
        public var epoch = 0
        /// The number of documents, or stretches of long ones, begun in this epoch.
        public var document = 0
        /// The unused tokens of the document begun last.
        public var remainder: [Int32] = []
    }

    /// The place in the stream of documents at which the next batch begins.
    public var position = Position() {
        didSet { if position.epoch != oldValue.epoch { order = order(of: position.epoch) } }
    }

    /// Tokens in each window.
    public let length: Int
    /// Windows in each batch.
    public let perBatch: Int

    private let documents: any TokenDocuments
    private let endOfText: Int32
    private let fillInTheMiddle: FillInTheMiddle?
    private let isShuffled: Bool
    private let random: RandomSource
    private let stretches: [Stretch]
    private var order: [Int] = []

    /// - Parameters:
    ///   - documents: The training data; no more than a window's worth is kept in memory.
    ///   - endOfText: The token between documents.
    ///   - length: Tokens in each window, 2 or more.
    ///   - perBatch: Windows in each batch.
    ///   - fillInTheMiddle: Rearranges a share of the code documents, or of their stretches.
    ///   - isShuffled: False takes the documents in their own order, each epoch the same.
    ///   - random: Determines the order and the documents to rearrange.
    public init(
        _ documents: some TokenDocuments, endOfText: Int32, length: Int, perBatch: Int,
        fillInTheMiddle: FillInTheMiddle? = nil, isShuffled: Bool = true, using random: RandomSource
    ) {
        guard length >= 2, perBatch >= 1 else {
            misuse("windows of \(length) tokens, \(perBatch) in a batch; they take 2 and 1 at least")
        }
        self.documents = documents
        self.endOfText = endOfText
        self.length = length
        self.perBatch = perBatch
        self.fillInTheMiddle = fillInTheMiddle
        self.isShuffled = isShuffled
        self.random = random
        stretches = (0..<documents.count).flatMap { document in
            Stretch.begins(in: documents.tokenCount(at: document), length: length).map {
                Stretch(document: UInt32(document), begin: UInt32($0))
            }
        }
        order = order(of: 0)
    }

    /// The next batch; nil only when there is no document with any token.
    public mutating func next() -> TokenBatch? {
        var packing = Packing(capacity: length * perBatch)
        while packing.room > 0 {
            var piece = position.remainder
            if piece.isEmpty {
                guard let document = nextDocument() else { return nil }
                piece = document
            }
            // Attention spans at most a window; pieces never cross from one window into the next.
            let room = length - packing.count % length
            // The last token of a piece is only predicted, so one more than there is room for can be used.
            let taken = Swift.min(piece.count, room + 1)
            packing.append(piece.prefix(taken))
            // The remainder begins with the token that was predicted last.
            position.remainder = taken < piece.count ? Array(piece[(taken - 1)...]) : []
        }
        return packing.batch()
    }

    /// A document between its end-of-text tokens, or a stretch of one.
    private mutating func nextDocument() -> [Int32]? {
        for _ in 0...stretches.count {
            if position.document == order.count {
                guard !stretches.isEmpty else { return nil }
                position = Position(epoch: position.epoch + 1)
            }
            let number = order[position.document]
            let (index, begin) = (Int(stretches[number].document), Int(stretches[number].begin))
            let count = documents.tokenCount(at: index)
            let end = count > 2 * length ? Swift.min(count, begin + length) : count
            position.document += 1
            // The token before a stretch is seen and not predicted: its own stretch has predicted it.
            var tokens = documents.tokens(at: index, in: Swift.max(0, begin - 1)..<end)
            guard !tokens.isEmpty else { continue }
            if let fillInTheMiddle, documents.isCode(at: index) {
                var random = random.child(UInt64(position.epoch), UInt64(number))
                tokens = fillInTheMiddle.applied(to: tokens, using: &random)
            }
            return (begin == 0 ? [endOfText] : []) + tokens + (end == count ? [endOfText] : [])
        }
        return nil
    }

    /// True if there is such a place.
    package func contains(_ position: Position) -> Bool {
        position.epoch >= 0 && (0...order.count).contains(position.document)
    }

    private func order(of epoch: Int) -> [Int] {
        guard isShuffled else { return Array(stretches.indices) }
        var random = random.child(UInt64(epoch), .max)
        return random.permutation(of: stretches.count)
    }
}

/// The beginning of a document, or of a stretch of a long one that fills a window, in eight bytes, as there may be many.
private struct Stretch {
    let document: UInt32
    /// The first of the document's tokens that it predicts.
    let begin: UInt32

    /// Returns the first token of each stretch of a document of `count` tokens.
    static func begins(in count: Int, length: Int) -> StrideTo<Int> {
        count > 2 * length ? stride(from: 0, to: count, by: length) : stride(from: 0, to: 1, by: 1)
    }
}

/// Collects pieces of documents into one batch.
private struct Packing {
    let capacity: Int
    private var tokens: [Int32] = []
    private var lengths: [Int] = []
    private var targets: [TokenTarget] = []
    private var sequenceOfTarget: [Int32] = []

    init(capacity: Int) { self.capacity = capacity }

    var count: Int { tokens.count }
    var room: Int { capacity - tokens.count }

    /// Adds a piece as a segment of its own; its last token is only predicted.
    mutating func append(_ piece: ArraySlice<Int32>) {
        for (token, following) in zip(piece, piece.dropFirst()) {
            targets.append(TokenTarget(row: Int32(tokens.count), token: following))
            sequenceOfTarget.append(Int32(lengths.count))
            tokens.append(token)
        }
        lengths.append(piece.count - 1)
    }

    func batch() -> TokenBatch {
        TokenBatch(
            tokens: tokens, forest: Forest(sequenceLengths: lengths), targets: targets,
            sequenceOfTarget: sequenceOfTarget, sequences: lengths.count)
    }
}

extension RandomSource {
    /// A stream of its own for one epoch and document, the same whenever it is asked for.
    fileprivate func child(_ epoch: UInt64, _ index: UInt64) -> RandomSource {
        var parent = self
        return RandomSource(
            seed: parent.next() &+ epoch &* 0x9E37_79B9_7F4A_7C15 &+ index &* 0xBF58_476D_1CE4_E5B9)
    }
}
