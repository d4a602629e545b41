public import NeuralCore

/// A transformer that no longer learns, its weights kept in as few bytes as its use allows.
///
///     let deployed = StoredTransformer(model, as: .int8)
///     for try await piece in deployed.continuation(of: prompt, with: tokenizer, using: random) {
///         print(piece, terminator: "")
///     }
///
/// Generating one token reads every weight once, so speed is that of memory: half the bytes, twice the tokens. The
/// matrices, embeddings included, are kept in the format; normalizations and biases stay in 32 bits. In `float32` the
/// memory is shared with the model it was made from, and nothing is copied.
public struct StoredTransformer: Sendable {
    /// What the model is made of.
    public let configuration: TransformerConfiguration
    /// How the matrices are kept.
    public let format: StoredMatrix.Format
    /// How products are computed. A token's logits do not depend on how many are computed beside it.
    public var precision: MatrixPrecision

    private let embedding: StoredMatrix
    private let positions: Embedding?
    private let blocks: [StoredBlock]
    private let norm: Normalization
    private let separateHead: StoredMatrix?

    /// Stores the weights of a model.
    public init(_ model: Transformer, as format: StoredMatrix.Format = .float32) {
        self.init(model, as: format, embedding: format)
    }

    /// What computes the same bits as the model stored in 32 bits, faster: weights that every product would round are
    /// rounded once. Embeddings are added, not multiplied, and stay as they are.
    init(forGenerating model: Transformer) {
        self.init(model, as: model.precision == .bfloat16 ? .bfloat16 : .float32, embedding: .float32)
    }

    private init(
        _ model: Transformer, as format: StoredMatrix.Format, embedding embeddingFormat: StoredMatrix.Format
    ) {
        configuration = model.configuration
        self.format = format
        precision = model.precision
        embedding = StoredMatrix(model.embedding.weight.detached, as: embeddingFormat)
        positions = model.positions
        blocks = model.blocks.map { StoredBlock($0, rotary: model.rotary, as: format) }
        norm = model.norm
        let head = model.separateHead ?? (embeddingFormat == format ? nil : model.embedding.weight)
        separateHead = head.map { StoredMatrix($0.detached, as: format) }
    }

    /// The bytes that the matrices take; a head that is the embedding counts once.
    public var byteCount: Int {
        blocks.reduce(embedding.byteCount + (separateHead?.byteCount ?? 0)) { $0 + $1.byteCount }
    }

    /// Attention as a block asks for it: from queries, keys and values to what was read.
    package typealias Attend = (_ layer: Int, _ query: Tensor, _ key: Tensor, _ value: Tensor) -> Tensor

    /// The normalized output of the last block for every token, `[tokens, width]`.
    ///
    /// - Parameters:
    ///   - tokens: Token ids.
    ///   - positions: The place of each in its sequence.
    ///   - attend: What each token reads from those before it.
    package func callAsFunction(_ tokens: [Int32], at positions: [Int32], attend: Attend) -> Tensor {
        var x = embedding.rows(at: tokens)
        if let table = self.positions { x = x + table(positions) }
        for (layer, block) in blocks.enumerated() {
            x = block(x, at: positions, precision: precision) { attend(layer, $0, $1, $2) }
        }
        return norm(x)
    }

    /// The logits of every row, `[rows, vocabulary]`.
    package func logits(of hidden: Tensor) -> Tensor {
        linear(hidden, weight: separateHead ?? embedding, precision: precision)
    }
}

/// A block whose matrices are stored.
private struct StoredBlock: Sendable {
    let attentionNorm: Normalization
    let query, key, value, output: StoredMap
    let queryNorm, keyNorm: RMSNorm?
    let rotary: RotaryEmbedding?
    let headSize: Int
    let feedForwardNorm: Normalization
    let gate: StoredMap?
    let up, down: StoredMap

    init(_ block: TransformerBlock, rotary: RotaryEmbedding?, as format: StoredMatrix.Format) {
        func stored(_ map: Linear) -> StoredMap { StoredMap(map, as: format) }
        let attention = block.attention
        attentionNorm = block.attentionNorm
        (query, key, value) = (stored(attention.query), stored(attention.key), stored(attention.value))
        output = stored(attention.output)
        (queryNorm, keyNorm) = (attention.queryNorm, attention.keyNorm)
        self.rotary = rotary
        headSize = attention.headSize
        feedForwardNorm = block.feedForwardNorm
        gate = block.feedForward.gate.map(stored)
        (up, down) = (stored(block.feedForward.up), stored(block.feedForward.down))
    }

    var byteCount: Int {
        [query, key, value, output, gate, up, down].reduce(0) { $0 + ($1?.weight.byteCount ?? 0) }
    }

    func callAsFunction(
        _ x: Tensor, at positions: [Int32], precision: MatrixPrecision, attend: Transformer.Attend
    ) -> Tensor {
        let normalized = attentionNorm(x)
        var (q, k) = (query(normalized, precision), key(normalized, precision))
        if let queryNorm, let keyNorm { (q, k) = (perHead(q, queryNorm), perHead(k, keyNorm)) }
        if let rotary {
            (q, k) = (q.rotated(by: rotary, at: positions), k.rotated(by: rotary, at: positions))
        }
        let attended = output(attend(q, k, value(normalized, precision)), precision)
        let (stream, inner) = feedForwardNorm(adding: attended, to: x)
        let raised = up(inner, precision)
        let activated = gate.map { swiGLU($0(inner, precision), raised) } ?? raised.gelu(.tanh)
        return stream + down(activated, precision)
    }

    private func perHead(_ x: Tensor, _ norm: RMSNorm) -> Tensor {
        norm(x.reshaped(to: [x.count / headSize, headSize])).reshaped(to: x.shape)
    }
}

/// A linear map whose weight is stored.
private struct StoredMap: Sendable {
    let weight: StoredMatrix
    let bias: Tensor?

    init(_ map: Linear, as format: StoredMatrix.Format) {
        // What an adapter adds is worked in: here nothing learns.
        let map = map.merged
        weight = StoredMatrix(map.weight.detached, as: format)
        bias = map.bias
    }

    func callAsFunction(_ x: Tensor, _ precision: MatrixPrecision) -> Tensor {
        linear(x, weight: weight, bias: bias, precision: precision)
    }
}
