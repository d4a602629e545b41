public import LanguageModel
public import NeuralCore

/// A model's log-probabilities and logits on the completions of a batch.
struct CompletionScores {
    /// Of each target, `[targets]`; differentiable.
    let predictions: TokenPredictions
    /// The mean over the vocabulary of the logits each target was predicted from, `[targets]`; a constant.
    let meanLogits: Tensor
    /// log Σ p² of each target's distribution, `[targets]`; a constant, nil unless asked for.
    let logCollisions: Tensor?

    /// Runs a model over a batch.
    ///
    /// - Parameter wantsCollisions: True if log Σ p² is needed; it takes the language head a second time.
    init(
        _ model: Transformer, on batch: CompletionBatch, temperature: Float = 1, wantsCollisions: Bool = false
    ) {
        let hidden = model(batch.tokens.tokens, over: batch.tokens.forest)
        let targets = batch.tokens.targets
        let head = model.head
        let precision = model.precision
        predictions = tokenPredictions(
            hidden, weight: head, targets: targets,
            options: LanguageHeadOptions(temperature: temperature, precision: precision))
        // The mean logit is the product with the mean row of the head.
        let meanRow = head.detached.mean(along: 0).reshaped(to: [1, head.channels])
        meanLogits = linear(hidden.detached, weight: meanRow).rows(at: targets.map(\.row)).reshaped(to: [
            targets.count
        ])
        // With p' ∝ p², log p' = 2 log p − log Σ p².
        logCollisions =
            wantsCollisions
            ? predictions.logProbabilities.detached * 2
                - tokenPredictions(
                    hidden.detached, weight: head.detached, targets: targets,
                    options: LanguageHeadOptions(temperature: temperature / 2, precision: precision)
                ).logProbabilities : nil
    }

    /// The logarithm of each target's probability, `[targets]`.
    var logProbabilities: Tensor { predictions.logProbabilities }
}

extension CompletionBatch {
    /// The log-probability of every target under a model, `[targets]`; a constant.
    ///
    /// Computed once for a frozen reference, and kept with the batch.
    public func logProbabilities(under model: Transformer) -> Tensor {
        model.predictions(on: tokens).logProbabilities.detached
    }
}
