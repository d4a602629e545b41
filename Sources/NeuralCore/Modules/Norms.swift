/// Layer normalization with a learned scale and shift.
///
///     let norm = LayerNorm(channels: 768)
///     let y = norm(x)                                        // [tokens, 768]
///     let (stream, z) = norm(adding: branch, to: stream)     // the residual sum and its normalization
///
/// In a checkpoint: `weight` and `bias`, both `[channels]`.
public struct LayerNorm: Module {
    /// The scale, `[channels]`; ones at first.
    public var weight: Tensor

    /// The shift, `[channels]`; zeros at first.
    public var bias: Tensor

    /// Added under the root, dimensionless.
    public var epsilon: Float

    /// A normalization that scales by one and shifts by zero.
    public init(channels: Int, epsilon: Float = 1e-5) {
        self.init(weight: Tensor(ones: [channels]), bias: Tensor(zeros: [channels]), epsilon: epsilon)
    }

    /// A normalization with the given scale and shift.
    public init(weight: Tensor, bias: Tensor, epsilon: Float) {
        self.weight = weight
        self.bias = bias
        self.epsilon = epsilon
    }

    /// Normalizes every row of `x`, `[…, channels]`.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        layerNorm(x, weight: weight, bias: bias, epsilon: epsilon)
    }

    /// Adds a branch to the residual stream, and normalizes the sum.
    public func callAsFunction(
        adding branch: Tensor, to stream: Tensor
    ) -> (sum: Tensor, normalized: Tensor) {
        layerNorm(adding: branch, to: stream, weight: weight, bias: bias, epsilon: epsilon)
    }

    /// Visits `weight` and `bias`.
    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
        visitor.visit(&weight, named: "weight")
        visitor.visit(&bias, named: "bias")
    }
}

/// Root-mean-square normalization with a learned scale.
///
///     let norm = RMSNorm(channels: 384)
///     let y = norm(x)                                        // [tokens, 384]
///     let (stream, z) = norm(adding: branch, to: stream)     // the residual sum and its normalization
///
/// In a checkpoint: `weight`, `[channels]`.
public struct RMSNorm: Module {
    /// The scale, `[channels]`; ones at first.
    public var weight: Tensor

    /// Added under the root, dimensionless.
    public var epsilon: Float

    /// A normalization that scales by one.
    public init(channels: Int, epsilon: Float = 1e-6) {
        self.init(weight: Tensor(ones: [channels]), epsilon: epsilon)
    }

    /// A normalization with the given scale.
    public init(weight: Tensor, epsilon: Float) {
        self.weight = weight
        self.epsilon = epsilon
    }

    /// Normalizes every row of `x`, `[…, channels]`.
    public func callAsFunction(_ x: Tensor) -> Tensor { rmsNorm(x, weight: weight, epsilon: epsilon) }

    /// Adds a branch to the residual stream, and normalizes the sum.
    public func callAsFunction(
        adding branch: Tensor, to stream: Tensor
    ) -> (sum: Tensor, normalized: Tensor) {
        rmsNorm(adding: branch, to: stream, weight: weight, epsilon: epsilon)
    }

    /// Visits `weight`.
    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
        visitor.visit(&weight, named: "weight")
    }
}
