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
    ///   - random: Where the rows come from.
    public init(
        vocabularySize: Int, channels: Int, standardDeviation: Float = 0.02,
        using random: inout RandomSource
    ) {
        weight = Tensor(
            of: [vocabularySize, channels], from: .normal(standardDeviation: standardDeviation),
            using: &random)
    }

    /// The number of tokens.
    public var vocabularySize: Int { weight.shape[0] }

    /// The extent of a row.
    public var channels: Int { weight.shape[1] }

    /// The rows of the given tokens, `[tokens, channels]`.
    public func callAsFunction(_ tokens: [Int32]) -> Tensor { weight.rows(at: tokens) }

    /// Visits `weight`.
    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
        visitor.visit(&weight, named: "weight")
    }
}
