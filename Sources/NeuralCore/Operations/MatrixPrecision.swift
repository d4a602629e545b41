internal import CKernels

/// The precision of a matrix product, whose operands and result are 32-bit floats either way.
public enum MatrixPrecision: Sendable, Hashable, CaseIterable {
    /// Operands as they are.
    case float32

    /// Operands rounded to bfloat16 (8 bits of precision, ties to even), sums in 32 bits.
    ///
    /// Twice as fast where the processor multiplies bfloat16 itself, and no faster elsewhere. Gradients are
    /// products too, and are computed in the same way.
    case bfloat16
}

/// The arithmetic that two machines must share to produce the same bits: the precision of products and the instructions
/// of the kernels.
package struct Arithmetic: Sendable, Hashable, CustomStringConvertible {
    /// The precision of products.
    package var precision: MatrixPrecision
    /// The kernels' instructions, such as `avx512bf16`, `avx2` or `neon`.
    package var processor: String

    /// A precision on the processor that this thread runs on.
    package init(_ precision: MatrixPrecision) {
        self.precision = precision
        processor = String(cString: ck_variant_name(ck_variant_current()))
    }

    /// `bfloat16 on avx512bf16`.
    package var description: String { "\(precision) on \(processor)" }
}

extension MatrixPrecision {
    /// The most floating-point operations a second that the threads of this process do in this precision, measured now.
    ///
    /// Multiply-adds that stay in registers: no product of matrices can be faster. It takes some forty milliseconds,
    /// and the best of several rounds counts, so that a moment in which the processor is busy elsewhere does not.
    ///
    ///     let share = operations / seconds / MatrixPrecision.bfloat16.measuredPeak()
    ///
    /// If the processor has no bfloat16 multiplication, its peak is that of float32.
    public func measuredPeak() -> Double {
        let hasPairs = ck_peak_bfloat16(1) > 0
        let loop = self == .bfloat16 && hasPairs ? ck_peak_bfloat16 : ck_peak_float32
        // More tasks than threads, so that a thread that wakes up late does not leave the others waiting.
        let tasks = 8 * ThreadPool.count
        let operationsInRound = loop(1) * Double(tasks)
        func rate(rounds: Int) -> Double {
            let begin = ContinuousClock.now
            parallelFor(tasks: tasks) { _ in _ = loop(rounds) }
            let seconds = (ContinuousClock.now - begin) / .seconds(1)
            return operationsInRound * Double(rounds) / max(seconds, 1e-9)
        }
        let first = rate(rounds: Self.firstRounds)
        let rounds = max(1, Int(first * Self.secondsInPass / operationsInRound))
        return (0..<Self.passes).reduce(first) { best, _ in max(best, rate(rounds: rounds)) }
    }

    private static let firstRounds = 2_000
    private static let passes = 8
    private static let secondsInPass = 0.005
}
