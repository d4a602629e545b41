public import NeuralCore

/// A transformer that no longer learns, its weights kept in as few bytes as its use allows.
///
///     let deployed = StoredTransformer(model, as: .int8)
///     for try await piece in deployed.continuation(of: prompt, with: tokenizer, using: random) {
///         print(piece, terminator: "")
///     }
///
/// Generating one token reads every weight once, so speed is that of memory: half the bytes, twice the tokens. The
/// matrices, embeddings included, are kept in the format; normalizations and biases stay in 32 bits. With `int4` the
/// embeddings and the head are `int8`: errors of the head reach the probabilities undamped. In `float32` the memory is
/// shared with the original model, and nothing is copied. ``ModelDirectory/storedTransformer(as:)`` reads one without a
/// model of 32-bit floats on the way.
public struct StoredTransformer: Sendable {
    /// The storage format of the matrices.
    public let format: StoredMatrix.Format

    private var model: Transformer

    /// Stores the weights of a model; what an adapter adds to them is merged.
    public init(_ model: Transformer, as format: StoredMatrix.Format = .float32) {
        self.init(model, as: format, embedding: format.ofTables)
    }

    /// Creates a model with the bits of the one stored in 32 bits, but faster: weights that every product would round are
    /// rounded once. Embeddings are added, not multiplied, and stay as they are.
    package init(forGenerating model: Transformer) {
        self.init(model, as: model.precision == .bfloat16 ? .bfloat16 : .float32, embedding: .float32)
    }

    private init(
        _ model: Transformer, as format: StoredMatrix.Format, embedding embeddingFormat: StoredMatrix.Format
    ) {
        self.format = format
        self.model = model
        self.model.forEachMatrix { name, map in
            map = map.stored(as: Transformer.isRouter(name + ".weight") ? .float32 : format)
        }
        self.model.embedding = model.embedding.stored(as: embeddingFormat)
        let head = model.separateHead ?? (embeddingFormat == format.ofTables ? nil : model.embedding.weight)
        self.model.storedHead = head.map { StoredMatrix($0.detached, as: format.ofTables) }
        self.model.separateHead = nil
    }

    /// A model whose matrices were stored when they were read.
    init(loaded model: Transformer, as format: StoredMatrix.Format) {
        (self.model, self.format) = (model, format)
    }

    /// A model of 32-bit floats with the weights that this one multiplies by, to measure what fewer bytes cost.
    public var widened: Transformer {
        var model = model
        model.forEachMatrix { _, map in map = map.widened }
        let head = model.storedHead?.tensor
        model.storedHead = nil
        model.embedding = model.embedding.widened
        if let head { model.setHead(head) }
        return model
    }

    /// The configuration of the model.
    public var configuration: TransformerConfiguration { model.configuration }

    /// The precision of matrix products. A token's logits do not depend on how many others are computed with it.
    ///
    /// In `bfloat16` activations are rounded before they are multiplied, as `linear(_:weight:bias:precision:)` says for each
    /// format; in `float32` they are not.
    public var precision: MatrixPrecision {
        get { model.precision }
        set { model.precision = newValue }
    }

    /// The bytes that the matrices take; a head that is the embedding counts once.
    public var byteCount: Int {
        var matrices = [model.embedding.stored, model.storedHead]
        var model = model
        model.forEachMatrix { _, map in matrices.append(map.stored) }
        return matrices.reduce(0) { $0 + ($1?.byteCount ?? 0) }
    }

    /// The attention of a block: from queries, keys and values to the weighted values.
    package typealias Attend = (_ layer: Int, _ query: Tensor, _ key: Tensor, _ value: Tensor) -> Tensor

    /// The normalized output of the last block for every token, `[tokens, width]`.
    ///
    /// - Parameters:
    ///   - tokens: Token ids.
    ///   - positions: The place of each in its sequence.
    ///   - attend: Computes what each token reads from those before it.
    package func callAsFunction(_ tokens: [Int32], at positions: [Int32], attend: Attend) -> Tensor {
        model(tokens, at: positions) { layer, x, block in block(x) { attend(layer, $0, $1, $2) } }
    }

    /// The logits of every row, `[rows, vocabulary]`.
    package func logits(of hidden: Tensor) -> Tensor { model.logits(of: hidden) }
}

extension Transformer {
    /// Returns the storage format of each parameter by name: `format` for all matrices but the table of learned positions,
    /// which is added and not multiplied, and routers, whose rounding would choose other experts.
    static func matrices(storedAs format: StoredMatrix.Format?) -> (_ name: String) -> StoredMatrix.Format? {
        { name in
            switch name {
            case "model.embed_positions.weight", "transformer.wpe.weight": nil
            case "model.embed_tokens.weight", "transformer.wte.weight", "gpt_neox.embed_in.weight",
                "lm_head.weight", "embed_out.weight":
                format?.ofTables
            case _ where isRouter(name): format.map { _ in .float32 }
            default: format
            }
        }
    }
}

extension Transformer {
    /// Returns whether a parameter is the weight of a router of experts.
    fileprivate static func isRouter(_ name: String) -> Bool { name.hasSuffix(".mlp.gate.weight") }
}

extension StoredMatrix.Format {
    /// The format of the tables that have a row for each token.
    fileprivate var ofTables: StoredMatrix.Format { self == .int4 ? .int8 : self }
}
