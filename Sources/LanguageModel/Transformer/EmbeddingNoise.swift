package import NeuralCore

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
