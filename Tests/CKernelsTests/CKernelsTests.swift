import CKernels
import Testing

@Suite struct ProcessorVariantTests {
    @Test func plainCodeRunsEverywhere() {
        #expect(ck_variant_is_supported(CK_VARIANT_PLAIN))
    }

    @Test func forcingHoldsUntilReset() {
        let richest = ck_variant_current()
        #expect(ck_variant_force(CK_VARIANT_PLAIN))
        #expect(ck_variant_current() == CK_VARIANT_PLAIN)
        ck_variant_reset()
        #expect(ck_variant_current() == richest)
    }
}
