import NeuralCore

/// An object of figures with the precision and the processor that they were computed with, as JSON spells them.
struct Measured<Figures: Encodable>: Encodable {
    private let figures: Figures
    private let arithmetic: Arithmetic
    private let weights: String

    private enum Key: CodingKey { case precision, processor, weights }

    /// - Parameters:
    ///   - figures: A value that is encoded as an object with keys.
    ///   - weights: The storage format of the weights.
    init(_ figures: Figures, _ arithmetic: Arithmetic, weights: String) {
        (self.figures, self.arithmetic, self.weights) = (figures, arithmetic, weights)
    }

    func encode(to encoder: any Encoder) throws {
        try figures.encode(to: encoder)
        var keys = encoder.container(keyedBy: Key.self)
        try keys.encode("\(arithmetic.precision)", forKey: .precision)
        try keys.encode(arithmetic.processor, forKey: .processor)
        try keys.encode(weights, forKey: .weights)
    }
}
