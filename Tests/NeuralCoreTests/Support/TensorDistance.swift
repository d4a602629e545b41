import NeuralCore

/// The norm of a difference relative to the norm of what is expected.
func relativeError(_ found: Tensor, _ expected: Tensor) -> Float {
    guard found.shape == expected.shape else { return .infinity }
    return distance(found, expected) / max(norm(expected), .leastNormalMagnitude)
}

/// The norm of a difference.
func distance(_ a: Tensor, _ b: Tensor) -> Float {
    Float(
        zip(a.scalars, b.scalars).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }.squareRoot())
}

/// The square root of the sum of squares.
func norm(_ a: Tensor) -> Float {
    Float(a.scalars.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot())
}
