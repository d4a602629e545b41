internal import CKernels

/// A kernel that computes each output from the same element of one input.
typealias UnaryKernel =
    @Sendable (
        _ out: UnsafeMutablePointer<Float>?, _ x: UnsafePointer<Float>?, _ begin: Int, _ end: Int
    ) -> Void

/// A kernel that computes each output from the same element of two inputs.
typealias BinaryKernel =
    @Sendable (
        _ out: UnsafeMutablePointer<Float>?, _ a: UnsafePointer<Float>?, _ b: UnsafePointer<Float>?,
        _ begin: Int,
        _ end: Int
    ) -> Void

/// The value that the backward kernel of a function of one variable needs, besides the gradient of the output.
enum SavedValue {
    case input
    case output
}

extension Tensor {
    /// The result of a kernel on every element; nothing is recorded.
    func mapped(_ kernel: UnaryKernel) -> Tensor {
        let result = Tensor(uninitialized: shape)
        withExtendedLifetime((self, result)) {
            parallelElements(count) {
                kernel(result.storage.pointer, storage.pointer, $0.lowerBound, $0.upperBound)
            }
        }
        return result
    }

    /// The result of a kernel on every pair of elements of equal shapes; nothing is recorded.
    func combined(with other: Tensor, _ kernel: BinaryKernel) -> Tensor {
        let result = Tensor(uninitialized: shape)
        withExtendedLifetime((self, other, result)) {
            parallelElements(count) {
                kernel(
                    result.storage.pointer, storage.pointer, other.storage.pointer, $0.lowerBound,
                    $0.upperBound)
            }
        }
        return result
    }

    /// Replaces every element by the result of a kernel on it, in place if no other tensor shares them.
    consuming func replaced(_ kernel: UnaryKernel) -> Tensor {
        let count = count
        replaceElements { new, old in
            parallelElements(count) { kernel(new, old, $0.lowerBound, $0.upperBound) }
        }
        return self
    }

    /// Replaces every element by the result of a kernel on it and that of `other`, in place if possible.
    consuming func replaced(with other: Tensor, _ kernel: BinaryKernel) -> Tensor {
        let count = count
        withExtendedLifetime(other) {
            replaceElements { new, old in
                parallelElements(count) {
                    kernel(new, old, other.storage.pointer, $0.lowerBound, $0.upperBound)
                }
            }
        }
        return self
    }

    /// A recorded function of one variable from its two kernels.
    func elementwise(
        _ forward: UnaryKernel, backward: @escaping BinaryKernel, from saved: SavedValue
    ) -> Tensor {
        let output = mapped(forward)
        guard isRecorded else { return output }
        let kept = saved == .input ? detached : output
        return recorded(output, from: [self]) { cotangent in [cotangent.replaced(with: kept, backward)] }
    }
}

/// Stops the program unless two tensors have one shape.
func requireEqualShapes(_ a: Tensor, _ b: Tensor, _ operation: StaticString = #function) {
    guard a.shape == b.shape else {
        misuse("\(operation) takes two tensors of one shape, not \(a.shape) and \(b.shape)")
    }
}

/// Stops the program unless `parameter` has one element for each channel of `x`.
func requireOnePerChannel(
    _ parameter: Tensor, of x: Tensor, _ name: StaticString, _ operation: StaticString = #function
) {
    guard parameter.shape == [x.channels] else {
        misuse(
            "\(operation) of a tensor of shape \(x.shape) takes a \(name) of shape [\(x.channels)], "
                + "not \(parameter.shape)")
    }
}

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

/// A formula of the Gaussian error linear unit.
public enum GELUFormula: Sendable, Hashable {
    /// x Φ(x), with the cumulative normal distribution Φ.
    case exact

    /// x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2, which GPT-2 was trained with; at most 5e-4 from the exact formula.
    case tanh
}

/// Activation functions, of each element. All are differentiable.
extension Tensor {
    /// Gaussian error linear unit: x weighed by the probability that a standard normal number is less.
    ///
    /// - SeeAlso: [Hendrycks & Gimpel 2016](https://arxiv.org/abs/1606.08415), section 2. Departures: none.
    public func gelu(_ formula: GELUFormula = .exact) -> Tensor {
        switch formula {
        case .exact: elementwise(ck_gelu_forward, backward: ck_gelu_backward, from: .input)
        case .tanh: elementwise(ck_gelu_tanh_forward, backward: ck_gelu_tanh_backward, from: .input)
        }
    }

    /// Sigmoid linear unit: x σ(x), also called swish.
    ///
    /// - SeeAlso: [Elfwing et al. 2017](https://arxiv.org/abs/1702.03118), Eq. 4. Departures: none.
    public func silu() -> Tensor {
        elementwise(ck_silu_forward, backward: ck_silu_backward, from: .input)
    }

    /// Rectified linear unit: max(x, 0).
    public func relu() -> Tensor {
        elementwise(ck_relu_forward, backward: ck_relu_backward, from: .input)
    }

    /// The square of the rectified linear unit: max(x, 0)².
    ///
    /// - SeeAlso: [So et al. 2021](https://arxiv.org/abs/2109.08668), section 4. Departures: none.
    public func reluSquared() -> Tensor {
        elementwise(ck_relu_squared_forward, backward: ck_relu_squared_backward, from: .input)
    }
}

/// The gate of a transformer's feed-forward layer.
///
///     y = silu(gate) · up
///
/// - Parameters:
///   - gate: Any shape.
///   - up: The shape of `gate`.
/// - Returns: The shape of `gate`.
/// - SeeAlso: [Shazeer 2020](https://arxiv.org/abs/2002.05202), Eq. 6, without its linear maps.
public func swiGLU(_ gate: Tensor, _ up: Tensor) -> Tensor {
    guard gate.shape == up.shape else {
        misuse("swiGLU takes two tensors of one shape, not \(gate.shape) and \(up.shape)")
    }
    let output = gate.combined(with: up, ck_swiglu_forward)
    guard gate.isRecorded || up.isRecorded else { return output }
    let (keptGate, keptUp) = (gate.detached, up.detached)
    return recorded(output, from: [gate, up]) { cotangent in
        let upGradient = Tensor(uninitialized: keptUp.shape)
        var gateGradient = cotangent
        withExtendedLifetime((keptGate, keptUp, upGradient)) {
            gateGradient.replaceElements { new, old in
                parallelElements(keptGate.count) {
                    ck_swiglu_backward(
                        new, upGradient.storage.pointer, old, keptGate.storage.pointer,
                        keptUp.storage.pointer, $0.lowerBound, $0.upperBound)
                }
            }
        }
        return [gateGradient, upGradient]
    }
}
