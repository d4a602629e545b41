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

    /// What an adapter adds to the map; not a parameter of it.
    package var branch: LowRankBranch?

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

    /// The extent of the rows that the map takes.
    public var inputs: Int { weight.shape[1] }

    /// The extent of the rows that the map gives.
    public var outputs: Int { weight.shape[0] }

    /// Maps every row of `x`, `[…, inputs]`, to `[…, outputs]`.
    public func callAsFunction(_ x: Tensor, precision: MatrixPrecision = .float32) -> Tensor {
        guard let branch else { return linear(x, weight: weight, bias: bias, precision: precision) }
        return branch.adapted(x, weight: weight, bias: bias, precision: precision)
    }

    /// Visits `weight`, and `bias` if there is one.
    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
        visitor.visit(&weight, named: "weight")
        visitor.visit(&bias, named: "bias")
    }
}
