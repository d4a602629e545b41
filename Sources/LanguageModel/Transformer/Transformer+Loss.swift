public import NeuralCore

extension Transformer {
    /// The weighted cross-entropy of a batch's targets, nats, and how well each was predicted. Differentiable.
    ///
    ///     L = −Σ wᵢ log p(tokenᵢ | rowᵢ)
    ///
    /// - Parameters:
    ///   - batch: What goes in and what is to come out. The weights say what a target counts: one over the number of
    ///     targets makes the loss a mean.
    ///   - zLoss: Holds the logarithm of the softmax's denominator near zero; 0 for none.
    ///   - temperature: Divides the logits.
    ///   - wantsEntropies: Whether the entropies of the predicted distributions are computed as well.
    public func crossEntropy(
        on batch: TokenBatch, zLoss: Float = 0, temperature: Float = 1, wantsEntropies: Bool = false
    ) -> LanguageHeadLoss {
        languageHeadLoss(
            self(batch.tokens, over: batch.forest), weight: head, targets: batch.targets, zLoss: zLoss,
            options: headOptions(temperature: temperature),
            wantsEntropies: wantsEntropies)
    }

    /// The mean cross-entropy of a batch's targets by their weights, nats per token. Differentiable.
    public func loss(on batch: TokenBatch) -> Tensor {
        crossEntropy(on: batch).total / batch.targets.reduce(0) { $0 + $1.weight }
    }

    /// What the model says of each target of a batch, to build a loss from. Differentiable.
    public func predictions(on batch: TokenBatch, temperature: Float = 1) -> TokenPredictions {
        tokenPredictions(
            self(batch.tokens, over: batch.forest), weight: head, targets: batch.targets,
            options: headOptions(temperature: temperature))
    }
}
