import CKernels

/// Runs `body` with each variant of the kernels that this processor has, and its name.
func forEachVariant(_ body: (_ name: String) throws -> Void) rethrows {
    defer { ck_variant_reset() }
    for number in 0..<CK_VARIANT_COUNT {
        let variant = ck_variant(UInt32(number))
        guard ck_variant_force(variant) else { continue }
        try body(String(cString: ck_variant_name(variant)))
    }
}
