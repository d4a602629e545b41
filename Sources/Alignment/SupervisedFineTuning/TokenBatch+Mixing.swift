public import LanguageModel
import NeuralCore

extension TokenBatch {
    /// This batch with another mixed in, such as windows of raw text that keep a model from forgetting what it was
    /// pre-trained on.
    ///
    ///     L = (1 − share) · L(this) + share · L(other)
    ///
    /// for the mean losses of both by weight.
    ///
    /// - Parameters:
    ///   - other: What is mixed in; none of its targets counts where it has none.
    ///   - share: What part of the loss it makes up, in 0..<1.
    /// - SeeAlso: The pre-training mix of [Ouyang et al. 2022](https://arxiv.org/abs/2203.02155), section 3.5, there in
    ///   reinforcement learning.
    public func mixing(_ other: TokenBatch, share: Float) -> TokenBatch {
        guard 0..<1 ~= share else { misuse("a share of \(share); it lies in 0..<1") }
        guard share > 0, other.totalWeight > 0, totalWeight > 0 else { return self }
        let worth = share / (1 - share) * totalWeight / other.totalWeight
        let (rows, segments) = (Int32(tokens.count), forest.segments.count)
        return TokenBatch(
            tokens: tokens + other.tokens,
            forest: Forest(
                forest.segments
                    + other.forest.segments.map {
                        .init(length: $0.length, parent: $0.parent.map { $0 + segments })
                    }),
            targets: targets
                + other.targets.map {
                    TokenTarget(row: $0.row + rows, token: $0.token, weight: $0.weight * worth)
                },
            sequenceOfTarget: sequenceOfTarget + other.sequenceOfTarget.map { $0 + Int32(sequences) },
            sequences: sequences + other.sequences)
    }
}
