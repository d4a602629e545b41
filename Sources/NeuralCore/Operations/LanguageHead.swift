internal import CKernels

/// The soft cap, temperature and precision with which a language head turns activations into token probabilities.
///
///     logit = hidden · weightᵀ,   score = cap · tanh(logit / cap) / temperature,   p = softmax(score)
public struct LanguageHeadOptions: Sendable, Hashable {
    /// Bends logits to lie within ± this; nil leaves them alone.
    ///
    /// - SeeAlso: [Gemma Team 2024](https://arxiv.org/abs/2408.00118), section 2.
    public var softCap: Float?

    /// Divides the logits, after the cap; 1 leaves them alone. A policy that sampled at a temperature is trained at it.
    public var temperature: Float

    /// The precision of the products, forward and backward.
    public var precision: MatrixPrecision

    /// Options, of which the defaults change nothing.
    public init(softCap: Float? = nil, temperature: Float = 1, precision: MatrixPrecision = .float32) {
        if let softCap, !(softCap > 0) { misuse("a soft cap of \(softCap); it is greater than zero") }
        guard temperature > 0 else { misuse("a temperature of \(temperature); it is greater than zero") }
        self.softCap = softCap
        self.temperature = temperature
        self.precision = precision
    }

    var kernelScale: ck_head_scale { ck_head_scale(soft_cap: softCap ?? 0, temperature: temperature) }
}

/// The head over the rows that have targets, run in chunks of rows: the whole of the logits never exists.
struct LanguageHead: Sendable {
    /// The rows that have targets, `[rows, channels]`.
    let hidden: Tensor
    /// `[vocabulary, channels]`.
    let weight: Tensor
    let table: TargetTable
    let options: LanguageHeadOptions

    init(_ hidden: Tensor, weight: Tensor, targets: [TokenTarget], options: LanguageHeadOptions) {
        guard hidden.shape.rank == 2, weight.shape.rank == 2, hidden.channels == weight.channels else {
            misuse(
                "a language head takes activations [rows, channels] and a weight [vocabulary, channels], "
                    + "not \(hidden.shape) and \(weight.shape)")
        }
        table = TargetTable(targets, rowCount: hidden.rows, vocabularySize: weight.shape[0])
        self.hidden =
            table.coversAll(hidden.rows) ? hidden.detached : hidden.detached.rows(at: table.rows)
        self.weight = weight.detached
        self.options = options
    }

    var rows: Int { hidden.rows }
    var vocabularySize: Int { weight.shape[0] }

    /// The gradient of all activations from that of the rows that have targets.
    func gradientOfAll(_ gradient: Tensor, rows count: Int) -> Tensor {
        table.coversAll(count) ? gradient : gradient.scattered(to: table.rows, of: count)
    }

    /// The gradient of the weight before any chunk is added; the first one replaces it.
    func emptyWeightGradient() -> Tensor {
        rows == 0 ? Tensor(zeros: weight.shape) : Tensor(uninitialized: weight.shape)
    }

    /// Calls `body` with the scores of each chunk of rows, in order. The scores may be overwritten.
    func forEachChunk(_ body: (_ chunk: Chunk) -> Void) {
        let room = ChunkRoom(for: self)
        for begin in stride(from: 0, to: rows, by: chunkSize) {
            withExtendedLifetime(room) { body(scored(begin..<min(rows, begin + chunkSize), in: room)) }
        }
    }

    /// Sixteen megabytes of logits, but at least 256 rows, to make the products worth the weight's way from memory: 156 megabytes at
    /// 152 thousand tokens.
    var chunkSize: Int { min(1024, max(256, (1 << 22) / max(1, vocabularySize))) }

    /// The operands of the products of all chunks and the memory of the scores of one, taken for one way through them.
    struct ChunkRoom {
        fileprivate let hidden: MatrixOperand
        fileprivate let weight: MatrixOperand
        fileprivate let scores: Tensor

        /// In bfloat16 what several chunks read is rounded once.
        init(for head: LanguageHead) {
            let isRounded = head.rows > head.chunkSize && head.options.precision == .bfloat16
            hidden = MatrixOperand(head.hidden, roundedFor: isRounded ? .bfloat16 : .float32)
            weight =
                isRounded
                ? MatrixOperand(StoredMatrix(head.weight, as: .bfloat16)) : MatrixOperand(head.weight)
            scores = Tensor(uninitialized: [min(head.chunkSize, head.rows), head.vocabularySize])
        }
    }

    /// Some rows, the operands of their products and the memory of their scores, all as long as their room lives.
    struct Chunk {
        /// Positions among the rows that have targets.
        let rows: Range<Int>
        fileprivate let hidden: MatrixView
        fileprivate let weight: MatrixView
        let scores: UnsafeMutablePointer<Float>
    }

    /// Computes the scores of a chunk in place of those of the last one.
    func scored(_ rows: Range<Int>, in room: ChunkRoom) -> Chunk {
        let chunk = Chunk(
            rows: rows, hidden: room.hidden.view(ofRows: rows), weight: room.weight.view(),
            scores: room.scores.storage.pointer)
        multiply(chunk.hidden, chunk.weight.transposed, into: chunk.scores, precision: options.precision)
        let scale = options.kernelScale
        parallelRows(rows.count, channels: vocabularySize) {
            ck_head_scores(chunk.scores, scale, $0.lowerBound, $0.upperBound, vocabularySize)
        }
        return chunk
    }

    /// Adds a chunk's part of the gradients, given those of its logits in place of its scores.
    func addGradients(of chunk: Chunk, to hiddenGradient: Tensor?, _ weightGradient: Tensor?) {
        let logits = MatrixView(chunk.scores, rows: chunk.rows.count, columns: vocabularySize)
        if let hiddenGradient {
            multiply(
                logits, chunk.weight,
                into: hiddenGradient.storage.pointer + chunk.rows.lowerBound * hidden.channels,
                precision: options.precision)
        }
        if let weightGradient {
            multiply(
                logits.transposed, chunk.hidden, into: weightGradient.storage.pointer,
                precision: options.precision, chunk.rows.lowerBound > 0 ? .accumulates : [])
        }
    }
}

/// The statistics of a language head for its rows and targets, in the order of rows.
struct LanguageHeadStatistics: Sendable {
    /// log Σ exp score, by row.
    let logSums: Tensor
    /// In nats, by row; undefined unless asked for.
    let entropies: Tensor
    /// By target.
    let targetScores: Tensor
    /// By target: 1 where it has the row's greatest score, 0 elsewhere.
    let hits: Tensor

    private let table: TargetTable
    private let wantsEntropies: Bool

    init(of head: LanguageHead, wantsEntropies: Bool) {
        table = head.table
        self.wantsEntropies = wantsEntropies
        logSums = Tensor(uninitialized: [head.rows])
        entropies = Tensor(uninitialized: [head.rows])
        targetScores = Tensor(uninitialized: [table.tokens.count])
        hits = Tensor(uninitialized: [table.tokens.count])
    }

    /// Reads the scores of a chunk.
    func read(_ chunk: LanguageHead.Chunk, of head: LanguageHead) {
        let first = chunk.rows.lowerBound
        table.withKernelTargets(fromRow: first) { targets in
            parallelRows(chunk.rows.count, channels: head.vocabularySize) {
                ck_head_forward(
                    logSums.storage.pointer + first, wantsEntropies ? entropies.storage.pointer + first : nil,
                    targetScores.storage.pointer, hits.storage.pointer, chunk.scores, targets, $0.lowerBound,
                    $0.upperBound, head.vocabularySize)
            }
        }
    }

    /// The logarithm of each target's probability, in nats, by target.
    func logProbabilities() -> [Float] {
        var result = targetScores.scalars
        for row in table.rows.indices {
            for target in table.begins[row]..<table.begins[row + 1] { result[target] -= logSums[row] }
        }
        return result
    }

    /// Replaces the scores of a chunk by the gradient with respect to its logits.
    ///
    ///     dscore = p · (ofSums[row] + ofProducts[row] · log p) + Σ ofTargets over the row's targets of that token
    func differentiate(
        _ chunk: LanguageHead.Chunk, of head: LanguageHead, ofSums: Tensor, ofProducts: Tensor?,
        ofTargets: Tensor
    ) {
        let first = chunk.rows.lowerBound
        let scale = head.options.kernelScale
        withExtendedLifetime((ofSums, ofProducts, ofTargets)) {
            table.withKernelTargets(fromRow: first) { targets in
                parallelRows(chunk.rows.count, channels: head.vocabularySize) {
                    ck_head_backward(
                        chunk.scores, ofSums.storage.pointer + first,
                        ofProducts.map { $0.storage.pointer + first }, ofTargets.storage.pointer,
                        logSums.storage.pointer + first, targetScores.storage.pointer, targets, scale,
                        $0.lowerBound, $0.upperBound, head.vocabularySize)
                }
            }
        }
    }
}

extension TargetTable {
    /// Calls `body` with the targets of the rows from `first` on.
    fileprivate func withKernelTargets(fromRow first: Int, _ body: (ck_head_targets) -> Void) {
        tokens.withUnsafeBufferPointer { tokens in
            begins.withUnsafeBufferPointer { begins in
                body(ck_head_targets(token: tokens.baseAddress, target_begin: begins.baseAddress! + first))
            }
        }
    }
}
