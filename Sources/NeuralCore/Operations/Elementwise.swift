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

/// What a backward kernel of one variable needs beside the gradient of the output.
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
