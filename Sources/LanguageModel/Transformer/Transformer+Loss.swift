public import NeuralCore

extension Transformer {
    /// The weighted mean cross-entropy of a batch's targets, nats per token. Differentiable.
    ///
    ///     L = −Σ wᵢ log p(tokenᵢ | rowᵢ) / Σ wᵢ
    public func loss(on batch: TokenBatch) -> Tensor {
        let hidden = self(batch.tokens, over: batch.forest)
        let logs = logits(of: hidden.rows(at: batch.targets.map(\.row))).logSoftmax()
        var mask = Tensor(zeros: logs.shape)
        for (index, target) in batch.targets.enumerated() {
            mask[index, Int(target.token)] = -target.weight / batch.totalWeight
        }
        return (logs * mask).sum()
    }
}
