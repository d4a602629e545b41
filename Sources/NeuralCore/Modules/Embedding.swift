/// A table of learned rows, one for each token of a vocabulary.
///
///     let embedding = Embedding(vocabularySize: 8_192, channels: 384, using: &random)
///     let activations = embedding(tokens)         // [tokens] to [tokens, 384]
///
/// A tied language head uses the same `weight`; see `languageHeadLoss`. In a checkpoint: `weight`,
/// `[vocabularySize, channels]`.
public struct Embedding: Module {
    /// `[vocabularySize, channels]`.
    public var weight: Tensor

    /// The rows of a table that no longer learns; `weight` is empty then.
    package private(set) var stored: StoredMatrix?

    /// A table of the given rows.
    public init(weight: Tensor) {
        guard weight.shape.rank == 2 else {
            misuse("an embedding takes a weight [vocabulary, channels], not \(weight.shape)")
        }
        self.weight = weight
    }

    /// A table of normally distributed rows.
    ///
    /// - Parameters:
    ///   - vocabularySize: The number of tokens.
    ///   - channels: The extent of a row.
    ///   - standardDeviation: GPT-2's 0.02 unless given; a head that shares the table wants it small.
    ///   - random: The source of the rows.
    public init(
        vocabularySize: Int, channels: Int, standardDeviation: Float = 0.02,
        using random: inout RandomSource
    ) {
        weight = Tensor(
            of: [vocabularySize, channels], from: .normal(standardDeviation: standardDeviation),
            using: &random)
    }

    /// The number of tokens.
    public var vocabularySize: Int { stored?.shape[0] ?? weight.shape[0] }

    /// The extent of a row.
    public var channels: Int { stored?.shape[1] ?? weight.shape[1] }

    /// The same table as one that no longer learns, its rows kept in a format.
    package func stored(as format: StoredMatrix.Format) -> Embedding {
        var table = self
        table.stored = StoredMatrix(weight.detached, as: format)
        table.weight = Tensor(zeros: [0, 0])
        return table
    }

    /// The same table as one of 32-bit floats that learns, with the rows that are looked up.
    package var widened: Embedding { stored.map { Embedding(weight: $0.tensor) } ?? self }

    /// The rows of the given tokens, `[tokens, channels]`.
    public func callAsFunction(_ tokens: [Int32]) -> Tensor {
        stored?.rows(at: tokens) ?? weight.rows(at: tokens)
    }

    /// Visits `weight`.
    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
        visitor.visit(&weight, or: &stored, named: "weight")
    }
}
