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
