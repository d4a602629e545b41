internal import CKernels

/// Drops a random part of its input while training. Holds no parameters.
///
///     let dropout = Dropout(probability: 0.1)
///     let y = dropout(x, using: &random)          // random: RandomSource?; nil when nothing is to be dropped
///
/// Training is not a mode of the model: dropout applies if the caller passes a source of randomness.
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

extension Tensor {
    /// Replaces a random part of the elements by zero and scales the others up, so that the mean stays.
    ///
    ///     y = 0 with the given probability, x / (1 − probability) otherwise
    ///
    /// - Parameters:
    ///   - probability: The part to drop, in `0..<1`.
    ///   - random: Advanced past one number for each element. The backward pass draws the same numbers again, so
    ///     no mask is kept.
    /// - SeeAlso: [Srivastava et al. 2014](https://jmlr.org/papers/v15/srivastava14a.html). Departures: scaled while
    ///   training instead of afterwards.
    public func dropped(withProbability probability: Float, using random: inout RandomSource) -> Tensor {
        guard 0..<1 ~= probability else {
            misuse("a probability of \(probability) to drop; it lies in 0..<1")
        }
        guard probability > 0 else { return self }
        let source = random.state
        random.skip(blocks: (count + 3) / 4)
        let drop: UnaryKernel = { ck_dropout($0, $1, source, $2, $3, probability) }
        return recorded(mapped(drop), from: [self]) { [$0.replaced(drop)] }
    }
}
