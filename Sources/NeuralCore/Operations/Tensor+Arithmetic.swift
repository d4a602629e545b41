internal import CKernels

/// Arithmetic, element by element. All is differentiable.
///
/// Shapes are aligned at the last axis, and an extent of one (or a missing axis) is repeated to fit the other:
/// `[tokens, channels] * [channels]`, `[tokens, channels] - [tokens, 1]`, anything with a scalar.
extension Tensor {
    /// The sum.
    public static func + (a: Tensor, b: Tensor) -> Tensor {
        let (a, b) = repeatedToFit(a, b)
        return recorded(a.combined(with: b, ck_add), from: [a, b]) { cotangent in
            let gradient = cotangent
            return [gradient, gradient]
        }
    }

    /// The difference.
    public static func - (a: Tensor, b: Tensor) -> Tensor {
        let (a, b) = repeatedToFit(a, b)
        let wantsB = b.isRecorded
        return recorded(a.combined(with: b, ck_subtract), from: [a, b]) { cotangent in
            let gradient = cotangent
            return [gradient, wantsB ? gradient.scaled(by: -1) : nil]
        }
    }

    /// The product.
    public static func * (a: Tensor, b: Tensor) -> Tensor {
        let (a, b) = repeatedToFit(a, b)
        let (wantsA, wantsB) = (a.isRecorded, b.isRecorded)
        let output = a.combined(with: b, ck_multiply)
        guard wantsA || wantsB else { return output }
        let (keptA, keptB) = (wantsB ? a.detached : nil, wantsA ? b.detached : nil)
        return recorded(output, from: [a, b]) { cotangent in
            let ofB = keptA.map { cotangent.combined(with: $0, ck_multiply) }
            return [keptB.map { cotangent.replaced(with: $0, ck_multiply) }, ofB]
        }
    }

    /// The quotient.
    public static func / (a: Tensor, b: Tensor) -> Tensor {
        let (a, b) = repeatedToFit(a, b)
        let wantsB = b.isRecorded
        let output = a.combined(with: b, ck_divide)
        guard a.isRecorded || wantsB else { return output }
        let keptB = b.detached
        return recorded(output, from: [a, b]) { cotangent in
            let ofA = cotangent.replaced(with: keptB, ck_divide)
            guard wantsB else { return [ofA, nil] }
            return [ofA, ofA.combined(with: output, ck_multiply).scaled(by: -1)]
        }
    }

    /// The negative.
    public static prefix func - (x: Tensor) -> Tensor { x * -1 }

    /// Adds a number to every element.
    public static func + (x: Tensor, number: Float) -> Tensor {
        recorded(x.mapped { ck_add_scalar($0, $1, $2, $3, number) }, from: [x]) { [$0] }
    }

    /// Adds every element to a number.
    public static func + (number: Float, x: Tensor) -> Tensor { x + number }

    /// Subtracts a number from every element.
    public static func - (x: Tensor, number: Float) -> Tensor { x + -number }

    /// Subtracts every element from a number.
    public static func - (number: Float, x: Tensor) -> Tensor { -x + number }

    /// Multiplies every element by a number.
    public static func * (x: Tensor, number: Float) -> Tensor {
        recorded(x.detached.scaled(by: number), from: [x]) { [$0.scaled(by: number)] }
    }

    /// Multiplies a number by every element.
    public static func * (number: Float, x: Tensor) -> Tensor { x * number }

    /// Divides every element by a number.
    public static func / (x: Tensor, number: Float) -> Tensor { x * (1 / number) }

    /// Divides a number by every element.
    public static func / (number: Float, x: Tensor) -> Tensor { Tensor(number) / x }

    /// Every element times `number`, in place if no other tensor shares them; nothing is recorded.
    consuming func scaled(by number: Float) -> Tensor {
        replaced { ck_scale($0, $1, $2, $3, number) }
    }
}

/// Comparisons, element by element: 1 where they hold, 0 elsewhere. No gradient flows through them.
extension Tensor {
    /// Returns 1 where `a` is less than `b`, 0 elsewhere.
    public static func .< (a: Tensor, b: Tensor) -> Tensor { compared(a, b, ck_less) }

    /// Returns 1 where `a` is less than or equal to `b`, 0 elsewhere.
    public static func .<= (a: Tensor, b: Tensor) -> Tensor { compared(a, b, ck_less_or_equal) }

    /// Returns 1 where `a` is greater than `b`, 0 elsewhere.
    public static func .> (a: Tensor, b: Tensor) -> Tensor { compared(b, a, ck_less) }

    /// Returns 1 where `a` is greater than or equal to `b`, 0 elsewhere.
    public static func .>= (a: Tensor, b: Tensor) -> Tensor { compared(b, a, ck_less_or_equal) }

    /// Returns 1 where `a` and `b` are equal, 0 elsewhere.
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
