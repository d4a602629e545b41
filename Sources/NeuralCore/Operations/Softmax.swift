internal import CKernels

extension Tensor {
    /// Turns each row of scores into probabilities.
    ///
    ///     y = exp(x) / Σ exp(x)
    ///
    /// - Returns: The shape of `self`; every row sums to one.
    public func softmax() -> Tensor {
        rowwise(ck_softmax_forward, backward: ck_softmax_backward)
    }

    /// Turns each row of scores into logarithms of probabilities, in nats.
    ///
    ///     y = x − log Σ exp(x)
    public func logSoftmax() -> Tensor {
        rowwise(ck_log_softmax_forward, backward: ck_log_softmax_backward)
    }

    /// A recorded function of each row whose backward kernel reads the output.
    private func rowwise(
        _ forward: (UnsafeMutablePointer<Float>?, UnsafePointer<Float>?, Int, Int, Int) -> Void,
        backward:
            @escaping @Sendable (
                UnsafeMutablePointer<Float>?, UnsafePointer<Float>?, UnsafePointer<Float>?, Int, Int, Int
            ) -> Void
    ) -> Tensor {
        let (rows, channels) = (rows, channels)
        let output = Tensor(uninitialized: shape)
        withExtendedLifetime((self, output)) {
            parallelRows(rows, channels: channels) {
                forward(output.storage.pointer, storage.pointer, $0.lowerBound, $0.upperBound, channels)
            }
        }
        return recorded(output, from: [self]) { cotangent in
            var gradient = cotangent
            withExtendedLifetime(output) {
                gradient.replaceElements { new, old in
                    parallelRows(rows, channels: channels) {
                        backward(new, old, output.storage.pointer, $0.lowerBound, $0.upperBound, channels)
                    }
                }
            }
            return [gradient]
        }
    }
}

/// The mean of the squared differences, a scalar.
///
/// - Parameters:
///   - predictions: Any shape.
///   - targets: The shape of `predictions`.
public func meanSquaredError(predictions: Tensor, targets: Tensor) -> Tensor {
    requireEqualShapes(predictions, targets)
    return (predictions - targets).squared().mean()
}

/// The mean cross-entropy of classifications, a scalar, in nats.
///
///     loss = −mean(log softmax(logits)[row, target of row])
///
/// For a language model's vocabulary use `languageHeadLoss`, which never stores its logits.
///
/// - Parameters:
///   - logits: `[examples, classes]`.
///   - targets: The right class of each example, in `0..<classes`.
public func crossEntropy(logits: Tensor, targets: [Int32]) -> Tensor {
    guard logits.shape.rank == 2, logits.shape[0] == targets.count else {
        misuse("\(targets.count) targets for logits of shape \(logits.shape), which are [examples, classes]")
    }
    let classes = logits.channels
    let flat = logits.logSoftmax().reshaped(to: [logits.count])
    let chosen = targets.enumerated().map { row, target in
        guard 0 <= target, Int(target) < classes else { misuse("target \(target) of \(classes) classes") }
        return Int32(row * classes) + target
    }
    return -flat.rows(at: chosen).mean()
}
