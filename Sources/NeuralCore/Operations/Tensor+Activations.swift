internal import CKernels

/// How the Gaussian error linear unit is computed.
public enum GELUFormula: Sendable, Hashable {
    /// x Φ(x), with the cumulative normal distribution Φ.
    case exact

    /// x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2, with which GPT-2 was trained; at most 5e-4 from the exact.
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
