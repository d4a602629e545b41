public import LanguageModel
public import NeuralCore

/// A transformer that gives a whole text one number.
///
/// The score is a linear map of the last token's activations, as in transformers' classes for sequence
/// classification with one label; in a checkpoint it is `score.weight`, `[1, width]`.
public struct RewardModel: Module {
    /// The transformer that reads the text.
    public var body: Transformer
    /// The map from its last activations to a score, `[1, width]`.
    public var score: Linear

    /// A reward model from any language model, its score initialized at random.
    public init(_ body: Transformer, using random: inout RandomSource) {
        self.body = body
        let width = body.configuration.width
        score = Linear(
            inputs: width, outputs: 1, bias: false,
            initialization: .normal(standardDeviation: body.configuration.initializationScale), using: &random
        )
    }

    /// A reward model from its parts.
    public init(body: Transformer, score: Linear) {
        guard score.weight.shape == [1, body.configuration.width], score.bias == nil else {
            misuse(
                "a score of shape \(score.weight.shape); it maps \(body.configuration.width) channels to one, unbiased"
            )
        }
        self.body = body
        self.score = score
    }

    /// The rewards of whole texts, each read at its last token, `[texts]`.
    ///
    /// Of a text longer than the model's context, only the end is read.
    ///
    /// - Parameters:
    ///   - texts: Token ids, at least one in each text, below the vocabulary's size.
    ///   - rowsAtOnce: About how many tokens are computed together; memory grows with it.
    public func rewards(of texts: [[Int32]], rowsAtOnce: Int = 4096) -> [Float] {
        let texts = texts.map { $0.suffix(body.configuration.contextLength) }
        var rewards: [Float] = []
        while rewards.count < texts.count {
            var rows = 0
            let batch = texts[rewards.count...].prefix { text in
                rows += text.count
                return rows == text.count || rows <= rowsAtOnce
            }
            rewards += self.rewards(ofTogether: Array(batch))
        }
        return rewards
    }

    private func rewards(ofTogether texts: [ArraySlice<Int32>]) -> [Float] {
        guard texts.allSatisfy({ !$0.isEmpty }) else { misuse("the reward of a text without tokens") }
        let forest = Forest(sequenceLengths: texts.map(\.count))
        let last = forest.rows.map { Int32($0.upperBound - 1) }
        return score(body(Array(texts.joined()), over: forest).rows(at: last)).scalars
    }

    /// The scores of completions, read at their last tokens, `[completions]`. Differentiable.
    ///
    /// - Precondition: The batch keeps the last row of each completion.
    public func callAsFunction(_ batch: CompletionBatch) -> Tensor {
        let forest = batch.tokens.forest
        let last = forest.segments.indices.filter { forest.segments[$0].parent != nil }
            .map { Int32(forest.rows[$0].upperBound - 1) }
        guard last.count == batch.count, zip(last, batch.lengths).allSatisfy({ $0 >= 0 && $1 > 0 }) else {
            misuse("scores of \(batch.count) completions of which \(last.count) have rows")
        }
        let hidden = body(batch.tokens.tokens, over: forest).rows(at: last)
        return score(hidden).reshaped(to: [batch.count])
    }

    /// Visits the body and the score; the language head is not part of a reward model.
    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
        let head = body.separateHead
        body.separateHead = nil
        body.visitParameters(&visitor)
        body.separateHead = head
        visitor.visit(&score, named: "score")
    }
}

/// Parameters that make a reward model: all of one, or an adapter and a score on a frozen transformer.
public protocol RewardModelParameters: Module {
    /// The reward model that these parameters make. Inside `valueWithGradient` it is recorded through them.
    var rewardModel: RewardModel { get }
}

extension RewardModel: RewardModelParameters {
    /// The reward model itself.
    public var rewardModel: RewardModel { self }
}

extension ModelDirectory {
    /// Writes a reward model so that transformers loads it with `AutoModelForSequenceClassification`.
    ///
    /// - Parameters:
    ///   - model: The reward model. A language head that its body may still have is left out.
    ///   - padding: The token that pads shorter texts of a batch in transformers. There the score is read at the
    ///     last token that is another, so it must never be the last of a text: not the end of a turn. Nil for the
    ///     token that begins a sequence, or the last of the vocabulary that does not end one.
    ///   - type: The type that numbers are stored as: `.float32`, `.bfloat16` or `.float16`.
    public func write(
        _ model: RewardModel, padding: Int32? = nil, as type: StoredType = .float32
    ) throws(ModelDirectoryError) {
        try write(
            model.body, score: model.score, padding: padding ?? model.body.configuration.harmlessPadding,
            as: type)
    }
}

extension TransformerConfiguration {
    /// A token that ends no sequence.
    fileprivate var harmlessPadding: Int32 {
        if let beginOfSequence, !endOfSequence.contains(beginOfSequence) { return beginOfSequence }
        return (0..<Int32(vocabularySize)).last { !endOfSequence.contains($0) } ?? 0
    }
}
