public import NeuralCore

/// Parameters that make a transformer: all of one, or an adapter on a frozen one.
///
/// The parameters that a method of training moves, so that each method is written once:
///
///     valueWithGradient(at: parameters) { $0.transformer.loss(on: batch) }
///
/// differentiates every weight of a ``Transformer``, and of an adapter only its own parameters.
public protocol TransformerParameters: Module {
    /// The transformer that these parameters make. Inside `valueWithGradient` it is recorded through them.
    var transformer: Transformer { get }

    /// The transformer for a step of training that drops something at random, if these parameters ask for that.
    ///
    /// - Parameter random: Determines the dropped elements. Methods that train without dropout use ``transformer``.
    func transformer(droppingWith random: RandomSource) -> Transformer
}

extension TransformerParameters {
    /// The transformer, with nothing dropped.
    public func transformer(droppingWith random: RandomSource) -> Transformer { transformer }
}

extension Transformer: TransformerParameters {
    /// The transformer itself.
    public var transformer: Transformer { self }
}

extension Transformer {
    /// The weighted cross-entropy of a batch's targets, nats, and how well each was predicted. Differentiable.
    ///
    ///     L = −Σ wᵢ log p(tokenᵢ | rowᵢ)
    ///
    /// - Parameters:
    ///   - batch: The tokens, and the targets to predict. Each target's weight multiplies its loss: one over the number of
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

    /// The mean cross-entropy of a batch's targets by their weights, nats per token, and the losses of routers as far as the
    /// configuration says. Differentiable.
    public func loss(on batch: TokenBatch) -> Tensor {
        var figures = RouterFigures()
        return figures.adding(to: self) { model in
            model.crossEntropy(on: batch).total / batch.targets.reduce(0) { $0 + $1.weight }
        }
    }

    /// Returns the log-probability and the entropy of each target of a batch, to build a loss from. Differentiable.
    public func predictions(on batch: TokenBatch, temperature: Float = 1) -> TokenPredictions {
        tokenPredictions(
            self(batch.tokens, over: batch.forest), weight: head, targets: batch.targets,
            options: headOptions(temperature: temperature))
    }
}

/// Uniform noise on the embeddings of a step of training: NEFTune.
///
///     x ← x + ε,  ε uniform within ±α / √(L · d)
///
/// - SeeAlso: [Jain et al. 2023](https://arxiv.org/abs/2310.05914), algorithm 1. Departure: L counts the tokens of a
///   sequence with all that continues it, as there is no padding to count.
package struct EmbeddingNoise: Sendable {
    /// α, 0 or more.
    package var magnitude: Float
    /// Decides the noise, the same at every call.
    package var random: RandomSource

    /// Noise of a magnitude.
    package init(magnitude: Float, random: RandomSource) {
        self.magnitude = magnitude
        self.random = random
    }

    /// The noise of every row of a forest, `[rows, width]`.
    package func rows(of forest: Forest, width: Int) -> Tensor {
        var random = random
        var bounds: [Float] = []
        for root in forest.roots {
            let length = forest.subtreeRows[root].count
            let bound = magnitude / (Float(length) * Float(width)).squareRoot()
            bounds += repeatElement(bound, count: length)
        }
        let noise = Tensor(of: [forest.rowCount, width], from: .uniform(in: -1..<1), using: &random)
        return noise * Tensor(bounds, shape: [forest.rowCount, 1])
    }
}
