import CKernels

extension Gradient {
    /// The Euclidean norm over all parameters.
    public var norm: Float {
        Float(parameters.reduce(0) { $0 + $1.value.sumOfSquares() }.squareRoot())
    }

    /// Scales the gradient down to `limit` if its norm is greater.
    ///
    /// - Returns: The norm before.
    /// - SeeAlso: [Pascanu et al. 2013](https://arxiv.org/abs/1211.5063), Algorithm 1. Departure: none; PyTorch adds
    ///   1e-6 to the norm it divides by.
    @discardableResult
    public mutating func clip(toNorm limit: Float) -> Float {
        let norm = norm
        if norm > limit { scale(by: limit / norm) }
        return norm
    }

    /// Multiplies every component.
    public mutating func scale(by factor: Float) {
        forEachParameter { _, gradient in
            gradient.withUnsafeMutableBuffer { elements in
                guard let pointer = elements.baseAddress else { return }
                parallelElements(elements.count) {
                    ck_scale(pointer, pointer, $0.lowerBound, $0.upperBound, factor)
                }
            }
        }
    }
}
