public import NeuralCore

/// The normalization of a transformer: by root-mean-square, or in the gpt2 family by mean and variance.
public struct Normalization: Module {
    /// The scale, `[width]`.
    public var weight: Tensor
    /// What is added after scaling, `[width]`; nil for RMS normalization, which has none.
    public var bias: Tensor?

    let epsilon: Float

    init(_ configuration: TransformerConfiguration) {
        weight = Tensor(ones: [configuration.width])
        bias = configuration.family == .gpt2 ? Tensor(zeros: [configuration.width]) : nil
        epsilon = configuration.normalizationEpsilon
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        bias.map { layerNorm(x, weight: weight, bias: $0, epsilon: epsilon) }
            ?? rmsNorm(x, weight: weight, epsilon: epsilon)
    }

    /// Adds a branch to the stream and normalizes the sum, in one pass over both.
    func callAsFunction(adding branch: Tensor, to stream: Tensor) -> (sum: Tensor, normalized: Tensor) {
        bias.map { layerNorm(adding: branch, to: stream, weight: weight, bias: $0, epsilon: epsilon) }
            ?? rmsNorm(adding: branch, to: stream, weight: weight, epsilon: epsilon)
    }

    /// Visits the scale, and the bias if there is one.
    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
        visitor.visit(&weight, named: "weight")
        visitor.visit(&bias, named: "bias")
    }
}
