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

    /// Runs `body` with kernels called from this thread using this variant.
    func forced<R>(_ body: () throws -> R) rethrows -> R {
        _ = ck_variant_force(value)
        defer { ck_variant_reset() }
        return try body()
    }
}
