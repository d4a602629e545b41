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

extension MatrixPrecision {
    /// The one that this machine computes faster: `bfloat16` where the processor multiplies it itself.
    public static var fastest: MatrixPrecision {
        ck_variant_is_supported(CK_VARIANT_AVX512_BF16) ? .bfloat16 : .float32
    }
}
