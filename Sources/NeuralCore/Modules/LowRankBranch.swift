/// What an adapter adds to a frozen linear map: the product of two thin matrices, and perhaps a gain.
///
///     y = g ⊙ (x · Wᵀ + s · (x · Aᵀ) · Bᵀ) + bias
///
/// Kept beside the map's weight and not added to it, so that its gradient costs 4 · rank · (inputs + outputs) operations
/// for a token instead of the 2 · inputs · outputs of a whole weight's.
package struct LowRankBranch: Sendable {
    /// A, `[rank, inputs]`.
    package var down: Tensor
    /// B, `[outputs, rank]`.
    package var up: Tensor
    /// s, what the product is multiplied by.
    package var scale: Float
    /// g, `[outputs]`; nil for ones.
    package var gain: Tensor?
    /// What is dropped from the rows that A reads; the source says which, and the same at every call.
    package var dropout: (probability: Float, random: RandomSource)?

    /// A branch of the given matrices.
    package init(down: Tensor, up: Tensor, scale: Float, gain: Tensor? = nil) {
        self.down = down
        self.up = up
        self.scale = scale
        self.gain = gain
    }

    /// Every row of `x` through the map of this weight and bias and through the branch.
    func adapted(_ x: Tensor, weight: Tensor, bias: Tensor?, precision: MatrixPrecision) -> Tensor {
        var read = x
        if let dropout {
            var random = dropout.random
            read = x.dropped(withProbability: dropout.probability, using: &random)
        }
        let narrow = linear(read, weight: down, precision: precision) * scale
        let added = linear(narrow, weight: up, precision: precision)
        guard let gain else { return linear(x, weight: weight, bias: bias, precision: precision) + added }
        let scaled = (linear(x, weight: weight, precision: precision) + added) * gain
        return bias.map { scaled + $0 } ?? scaled
    }

    /// The one weight that does the same without dropout: g ⊙ (W + s · B · A).
    package func merged(into weight: Tensor) -> Tensor {
        let sum = weight + matmul(up, down) * scale
        return gain.map { sum * $0.reshaped(to: [$0.count, 1]) } ?? sum
    }
}

extension Linear {
    /// The same map with its branch worked into its weight.
    package var merged: Linear {
        branch.map { Linear(weight: $0.merged(into: weight), bias: bias) } ?? self
    }
}
