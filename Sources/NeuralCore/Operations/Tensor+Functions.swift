internal import CKernels

/// Functions of each element. All are differentiable.
extension Tensor {
    /// eˣ, to within one unit in the last place.
    public func exp() -> Tensor {
        elementwise(ck_exp_forward, backward: ck_multiply, from: .output)
    }

    /// The natural logarithm; −∞ at zero and NaN below.
    public func log() -> Tensor {
        elementwise(ck_log_forward, backward: ck_divide, from: .input)
    }

    /// The square root; its slope at zero is infinite.
    public func squareRoot() -> Tensor {
        elementwise(ck_sqrt_forward, backward: ck_sqrt_backward, from: .output)
    }

    /// The hyperbolic tangent.
    public func tanh() -> Tensor {
        elementwise(ck_tanh_forward, backward: ck_tanh_backward, from: .output)
    }

    /// The logistic function, σ(x) = 1 / (1 + e⁻ˣ).
    public func sigmoid() -> Tensor {
        elementwise(ck_sigmoid_forward, backward: ck_sigmoid_backward, from: .output)
    }

    /// log σ(x) = −log(1 + e⁻ˣ), exact for large arguments of either sign.
    ///
    /// Preference losses are made of it; `-(-x).logSigmoid()` is the softplus.
    public func logSigmoid() -> Tensor {
        elementwise(ck_log_sigmoid_forward, backward: ck_log_sigmoid_backward, from: .input)
    }

    /// The magnitude; its slope at zero is taken as zero.
    public func magnitude() -> Tensor {
        elementwise(ck_abs_forward, backward: ck_abs_backward, from: .input)
    }

    /// The square.
    public func squared() -> Tensor { self * self }

    /// The nearest number within `limits`; the slope is one within them, and zero outside.
    public func clipped(to limits: ClosedRange<Float>) -> Tensor {
        let (low, high) = (limits.lowerBound, limits.upperBound)
        return elementwise(
            { ck_clip_forward($0, $1, $2, $3, low, high) },
            backward: { ck_clip_backward($0, $1, $2, $3, $4, low, high) }, from: .input)
    }
}
