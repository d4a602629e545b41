public import LanguageModel
public import NeuralCore

extension ModelDirectory {
    /// Writes a reward model so that transformers loads it with `AutoModelForSequenceClassification`.
    ///
    /// - Parameters:
    ///   - model: What to write. A language head that its body may still have is left out.
    ///   - padding: The token that fills up shorter texts of a batch in transformers. There the score is read at the
    ///     last token that is another, so it must never be the last of a text: not the end of a turn. Nil for the
    ///     token that begins a sequence, or the last of the vocabulary that does not end one.
    ///   - type: How numbers are stored: `.float32`, `.bfloat16` or `.float16`.
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
