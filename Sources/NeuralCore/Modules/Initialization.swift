/// A distribution of the weight of a fresh linear map.
public enum Initialization: Sendable, Hashable {
    /// All zero.
    case zeros
    /// Normal with mean zero.
    case normal(standardDeviation: Float)
    /// Normal with mean zero, drawn again beyond two standard deviations.
    case truncatedNormal(standardDeviation: Float)
    /// Uniform within ±1/√inputs, the default of PyTorch's linear map.
    case fanIn
    /// Normal with variance 2 / (inputs + outputs).
    ///
    /// - SeeAlso: [Glorot & Bengio 2010](https://proceedings.mlr.press/v9/glorot10a.html), Eq. 12.
    case xavier
    /// Normal with variance 2 / inputs.
    ///
    /// - SeeAlso: [He et al. 2015](https://arxiv.org/abs/1502.01852), Eq. 10.
    case he

    /// A weight `[outputs, inputs]`.
    public func weight(inputs: Int, outputs: Int, using random: inout RandomSource) -> Tensor {
        let shape: Shape = [outputs, inputs]
        let (fanIn, fanOut) = (Float(inputs), Float(outputs))
        switch self {
        case .zeros:
            return Tensor(zeros: shape)
        case .normal(let deviation):
            return Tensor(of: shape, from: .normal(standardDeviation: deviation), using: &random)
        case .truncatedNormal(let deviation):
            return Tensor(of: shape, from: .truncatedNormal(standardDeviation: deviation), using: &random)
        case .fanIn:
            let bound = 1 / fanIn.squareRoot()
            return Tensor(of: shape, from: .uniform(in: -bound..<bound), using: &random)
        case .xavier:
            let deviation = (2 / (fanIn + fanOut)).squareRoot()
            return Tensor(of: shape, from: .normal(standardDeviation: deviation), using: &random)
        case .he:
            let deviation = (2 / fanIn).squareRoot()
            return Tensor(of: shape, from: .normal(standardDeviation: deviation), using: &random)
        }
    }
}

extension Linear {
    /// A fresh map; its bias, if it has one, is zero.
    ///
    /// - Parameters:
    ///   - inputs: The extent of the rows that the map takes, 1 or more.
    ///   - outputs: The extent of the rows that it gives, 1 or more.
    ///   - bias: Whether a learned row is added.
    ///   - initialization: The distribution of the weight.
    ///   - random: The source of the values.
    public init(
        inputs: Int, outputs: Int, bias: Bool = true, initialization: Initialization = .fanIn,
        using random: inout RandomSource
    ) {
        self.init(
            weight: initialization.weight(inputs: inputs, outputs: outputs, using: &random),
            bias: bias ? Tensor(zeros: [outputs]) : nil)
    }
}
