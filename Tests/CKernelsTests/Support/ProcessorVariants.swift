import CKernels
import Testing

/// The variants this processor can run, each of which a test of a kernel forces in turn.
let supportedVariants: [ProcessorVariant] = (0..<CK_VARIANT_COUNT)
    .map { ProcessorVariant(value: ck_variant(UInt32($0))) }
    .filter { ck_variant_is_supported($0.value) }

/// One processor variant, printed by name.
struct ProcessorVariant: Sendable, CustomTestStringConvertible {
    let value: ck_variant

    var testDescription: String { String(cString: ck_variant_name(value)) }

    /// Whether rows are rounded to integers of 16 bits by a product with such a weight.
    static func roundsToIntegers(
        _ storage: ck_storage, _ precision: ck_precision, _ variant: ProcessorVariant
    ) -> Bool {
        storage == CK_STORED_INT4 && precision == CK_PRECISION_BFLOAT16 && variant.value == CK_VARIANT_AVX2
    }

    /// Runs `body` with kernels called from this thread using this variant.
    func forced<R>(_ body: () throws -> R) rethrows -> R {
        _ = ck_variant_force(value)
        defer { ck_variant_reset() }
        return try body()
    }
}
