import CKernels
import NeuralCore
import Testing

/// What the processor does at most, as far as a test can know.
@Suite struct MeasuredPeakTests {
    @Test(arguments: MatrixPrecision.allCases) func aPeakIsOfTheOrderOfAProcessor(
        _ precision: MatrixPrecision
    ) {
        let peak = precision.measuredPeak()
        #expect(peak > 1e8 && peak < 1e15, "\(peak) operations a second")
    }

    @Test func aLoopSaysHowManyOperationsItDid() {
        for number in 0..<CK_VARIANT_COUNT {
            let variant = ck_variant(rawValue: UInt32(number))
            guard ck_variant_force(variant) else { continue }
            defer { ck_variant_reset() }
            let lanes =
                switch variant {
                case CK_VARIANT_AVX2: 8
                case CK_VARIANT_AVX512, CK_VARIANT_AVX512_BF16: 16
                default: 4
                }
            #expect(ck_peak_float32(10) == Double(10 * 12 * 2 * lanes))
            #expect(ck_peak_bfloat16(10) == (variant == CK_VARIANT_AVX512_BF16 ? 10 * 12 * 4 * 16 : 0))
        }
    }
}
