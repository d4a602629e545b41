public import NeuralCore

/// The normalization of a transformer: by root-mean-square, or by mean and variance.
public struct Normalization: Module {
    /// The scale, `[channels]`; in the gemma families its difference from one.
    public var weight: Tensor
    /// The vector added after scaling, `[channels]`; nil for RMS normalization, which has none.
    public var bias: Tensor?

    let epsilon: Float
    private let countsFromOne: Bool

    /// - Parameter channels: Channels that are normalized together; nil for the model's width.
    init(_ configuration: TransformerConfiguration, channels: Int? = nil) {
        let channels = channels ?? configuration.width
        let normalizing = configuration.family.design.normalizing
        countsFromOne = normalizing == .rootMeanSquareFromOne
        weight = countsFromOne ? Tensor(zeros: [channels]) : Tensor(ones: [channels])
        bias = normalizing == .layer ? Tensor(zeros: [channels]) : nil
        epsilon = configuration.normalizationEpsilon
    }

    private var scale: Tensor { countsFromOne ? weight + 1 : weight }

    func callAsFunction(_ x: Tensor) -> Tensor {
        bias.map { layerNorm(x, weight: weight, bias: $0, epsilon: epsilon) }
            ?? rmsNorm(x, weight: scale, epsilon: epsilon)
    }

    /// Adds a branch to the stream and normalizes the sum, in one pass over both.
    func callAsFunction(adding branch: Tensor, to stream: Tensor) -> (sum: Tensor, normalized: Tensor) {
        bias.map { layerNorm(adding: branch, to: stream, weight: weight, bias: $0, epsilon: epsilon) }
            ?? rmsNorm(adding: branch, to: stream, weight: scale, epsilon: epsilon)
    }

    /// Visits the scale, and the bias if there is one.
    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
        visitor.visit(&weight, named: "weight")
        visitor.visit(&bias, named: "bias")
    }
}
