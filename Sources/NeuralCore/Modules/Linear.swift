/// A linear map of rows, with an optional bias.
///
///     let project = Linear(weight: weight, bias: bias)
///     let y = project(x)                                 // [tokens, inputs] to [tokens, outputs]
///
/// In a checkpoint: `weight`, `[outputs, inputs]`, and `bias`, `[outputs]`, as in PyTorch.
public struct Linear: Module {
    /// `[outputs, inputs]`.
    public var weight: Tensor

    /// `[outputs]`, or nil for a map without bias.
    public var bias: Tensor?

    /// An adapter's addition to the map; not a parameter of it.
    package var branch: LowRankBranch?

    /// The weight of a map that no longer learns; `weight` is empty then.
    package private(set) var stored: StoredMatrix?

    /// Creates a map from its parameters.
    public init(weight: Tensor, bias: Tensor? = nil) {
        guard weight.shape.rank == 2, bias == nil || bias?.shape == [weight.shape[0]] else {
            misuse(
                "a linear map takes a weight [outputs, inputs] and a bias [outputs], not \(weight.shape)"
                    + (bias.map { " and \($0.shape)" } ?? ""))
        }
        self.weight = weight
        self.bias = bias
    }

    /// A map that does not learn.
    private init(stored: StoredMatrix, bias: Tensor?) {
        weight = Tensor(zeros: [0, 0])
        self.stored = stored
        self.bias = bias
    }

    /// The extent of the rows that the map takes.
    public var inputs: Int { stored?.shape[1] ?? weight.shape[1] }

    /// The extent of the rows that the map gives.
    public var outputs: Int { stored?.shape[0] ?? weight.shape[0] }

    /// The same map as one that no longer learns, its weight kept in a format; what an adapter adds is merged.
    package func stored(as format: StoredMatrix.Format) -> Linear {
        var map = merged
        map.stored = StoredMatrix(map.weight.detached, as: format)
        map.weight = Tensor(zeros: [0, 0])
        return map
    }

    /// The same map as one of 32-bit floats that learns, with the weight that is multiplied.
    package var widened: Linear { stored.map { Linear(weight: $0.tensor, bias: bias) } ?? self }

    /// The map to some of the outputs.
    package func part(_ outputs: Range<Int>) -> Linear {
        if let stored { return Linear(stored: stored.part(outputs), bias: bias?[outputs]) }
        return Linear(weight: weight[outputs], bias: bias?[outputs])
    }

    /// The map whose outputs are these, in their order.
    package func reordered(_ outputs: [Int32]) -> Linear {
        if let stored { return Linear(stored: stored.reordered(outputs), bias: bias?.rows(at: outputs)) }
        return Linear(weight: weight.rows(at: outputs), bias: bias?.rows(at: outputs))
    }

    /// Maps every row of `x`, `[…, inputs]`, to `[…, outputs]`.
    public func callAsFunction(_ x: Tensor, precision: MatrixPrecision = .float32) -> Tensor {
        if let stored { return linear(x, weight: stored, bias: bias, precision: precision) }
        guard let branch else { return linear(x, weight: weight, bias: bias, precision: precision) }
        return branch.adapted(x, weight: weight, bias: bias, precision: precision)
    }

    /// Visits `weight`, and `bias` if there is one.
    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
        visitor.visit(&weight, or: &stored, named: "weight")
        visitor.visit(&bias, named: "bias")
    }
}

/// An adapter's addition to a frozen linear map: the product of two thin matrices, and optionally a gain.
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
    /// s, the factor of the product.
    package var scale: Float
    /// g, `[outputs]`; nil for ones.
    package var gain: Tensor?
    /// Dropout of the rows that A reads; the source determines the dropped elements, the same at every call.
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
