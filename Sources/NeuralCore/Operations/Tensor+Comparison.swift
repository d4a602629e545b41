internal import CKernels

/// Comparisons, element by element: 1 where they hold, 0 elsewhere. No gradient flows through them.
extension Tensor {
    /// Where `a` is less than `b`.
    public static func .< (a: Tensor, b: Tensor) -> Tensor { compared(a, b, ck_less) }

    /// Where `a` is not greater than `b`.
    public static func .<= (a: Tensor, b: Tensor) -> Tensor { compared(a, b, ck_less_or_equal) }

    /// Where `a` is greater than `b`.
    public static func .> (a: Tensor, b: Tensor) -> Tensor { compared(b, a, ck_less) }

    /// Where `a` is not less than `b`.
    public static func .>= (a: Tensor, b: Tensor) -> Tensor { compared(b, a, ck_less_or_equal) }

    /// Where `a` and `b` are equal.
    public static func .== (a: Tensor, b: Tensor) -> Tensor { compared(a, b, ck_equal) }

    private static func compared(_ a: Tensor, _ b: Tensor, _ kernel: BinaryKernel) -> Tensor {
        let (a, b) = repeatedToFit(a.detached, b.detached)
        return a.combined(with: b, kernel)
    }

    /// The elements of `other` where `condition` is not zero, and those of `self` elsewhere.
    ///
    ///     let safe = ratio.replacing(with: Tensor(1), where: ratio .> Tensor(limit))
    ///
    /// Gradients flow to each tensor where it was chosen. All three are repeated to one shape.
    public func replacing(with other: Tensor, where condition: Tensor) -> Tensor {
        let (x, y) = repeatedToFit(self, other)
        let (keptCondition, _) = repeatedToFit(condition.detached, x.detached)
        guard keptCondition.shape == x.shape else {
            misuse(
                "a condition of shape \(condition.shape) for tensors of shapes \(shape) and \(other.shape)")
        }
        let output = Tensor.chosen(keptCondition, y, x)
        let (wantsX, wantsY) = (x.isRecorded, y.isRecorded)
        return recorded(output, from: [x, y]) { cotangent in
            let gradient = cotangent
            let zero = Tensor(zeros: gradient.shape)
            return [
                wantsX ? Tensor.chosen(keptCondition, zero, gradient) : nil,
                wantsY ? Tensor.chosen(keptCondition, gradient, zero) : nil,
            ]
        }
    }

    private static func chosen(_ condition: Tensor, _ yes: Tensor, _ no: Tensor) -> Tensor {
        let result = Tensor(uninitialized: condition.shape)
        withExtendedLifetime((condition, yes, no, result)) {
            parallelElements(result.count) {
                ck_select(
                    result.storage.pointer, condition.storage.pointer, yes.storage.pointer,
                    no.storage.pointer, $0.lowerBound, $0.upperBound)
            }
        }
        return result
    }
}

/// The lesser of each two elements; the gradient flows to it, and to `a` where they are equal.
public func minimum(_ a: Tensor, _ b: Tensor) -> Tensor { a.replacing(with: b, where: b .< a) }

/// The greater of each two elements; the gradient flows to it, and to `a` where they are equal.
public func maximum(_ a: Tensor, _ b: Tensor) -> Tensor { a.replacing(with: b, where: b .> a) }
