import CKernels

/// How a matrix product is computed; its operands and its result are 32-bit floats either way.
public enum MatrixPrecision: Sendable, Hashable, CaseIterable {
    /// Operands as they are.
    case float32

    /// Operands rounded to bfloat16 (8 bits of precision, ties to even), sums in 32 bits.
    ///
    /// Twice as fast where the processor multiplies bfloat16 itself, and no faster elsewhere. Gradients are
    /// products too, and are computed in the same way.
    case bfloat16
}

/// What two machines must have in common for their figures to have the same bits: the precision of products and the
/// instructions that kernels use.
package struct Arithmetic: Sendable, Hashable, CustomStringConvertible {
    /// How products are computed.
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
