/// Drops a random part of its input while training. Holds no parameters.
///
///     let dropout = Dropout(probability: 0.1)
///     let y = dropout(x, using: &random)          // random: RandomSource?; nil when nothing is to be dropped
///
/// Whether a model is training is not a mode of the model: it is whether its caller has randomness to give.
public struct Dropout: Module {
    /// The part of the elements to drop, in `0..<1`.
    public var probability: Float

    /// Drops elements with the given probability.
    public init(probability: Float) { self.probability = probability }

    /// Drops elements of `x`, or returns it unchanged when there is no source of randomness.
    public func callAsFunction(_ x: Tensor, using random: inout RandomSource?) -> Tensor {
        guard var source = random else { return x }
        defer { random = source }
        return x.dropped(withProbability: probability, using: &source)
    }

    /// Visits nothing.
    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) {}
}
