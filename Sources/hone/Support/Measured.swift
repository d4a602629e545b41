import NeuralCore

/// An object of figures with the precision and the processor that they were computed with, as JSON spells them.
struct Measured<Figures: Encodable>: Encodable {
    private let figures: Figures
    private let arithmetic: Arithmetic

    private enum Key: CodingKey { case precision, processor }

    /// - Parameter figures: A value that is encoded as an object with keys.
    init(_ figures: Figures, _ arithmetic: Arithmetic) {
        (self.figures, self.arithmetic) = (figures, arithmetic)
    }

    func encode(to encoder: any Encoder) throws {
        try figures.encode(to: encoder)
        var keys = encoder.container(keyedBy: Key.self)
        try keys.encode("\(arithmetic.precision)", forKey: .precision)
        try keys.encode(arithmetic.processor, forKey: .processor)
    }
}
