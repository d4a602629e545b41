import CKernels
import Testing

@Suite struct DropoutTests {
    /// Known answers of Philox4x32-10 from the authors' Random123 distribution, of blocks that our streams contain.
    @Test(arguments: supportedVariants)
    func philoxGivesItsPublishedAnswers(_ variant: ProcessorVariant) {
        variant.forced {
            var words = [UInt32](repeating: 0, count: 4)
            ck_philox(&words, 0, 4, 0, 0)
            #expect(words == [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8])
        }
    }

    @Test(arguments: supportedVariants)
    func anyPartOfAStreamIsTheSameAsInTheWhole(_ variant: ProcessorVariant) {
        let key: UInt64 = 0x0123_4567_89ab_cdef, stream: UInt64 = 0xfedc_ba98_7654_3210
        var whole = [UInt32](repeating: 0, count: 300)
        ck_variant_force(CK_VARIANT_PLAIN)
        ck_philox(&whole, 0, 300, key, stream)
        ck_variant_reset()
        variant.forced {
            for (begin, end) in [(0, 300), (4, 9), (120, 263), (296, 300)] {
                var part = [UInt32](repeating: 0, count: 300)
                ck_philox(&part, begin, end, key, stream)
                #expect(part[begin..<end] == whole[begin..<end])
                #expect(part[..<begin].allSatisfy { $0 == 0 } && part[end...].allSatisfy { $0 == 0 })
            }
        }
    }

    @Test(arguments: supportedVariants)
    func survivorsAreScaledAndTheOthersAreZero(_ variant: ProcessorVariant) {
        let count = 40_001, probability: Float = 0.3
        let x = normalFloats(count, seed: 1).map { $0 == 0 ? 1 : $0 }
        var words = [UInt32](repeating: 0, count: count)
        let (out, undropped) = variant.forced {
            ck_philox(&words, 0, count, 7, 9)
            return (
                filled(count) { ck_dropout($0, x, 0, count, 7, 9, probability) },
                filled(count) { ck_dropout($0, x, 0, count, 7, 9, 0) }
            )
        }
        #expect(undropped == x)
        let kept = out.indices.filter { out[$0] != 0 }
        #expect(kept.allSatisfy { out[$0] == x[$0] * (1 / (1 - probability)) })
        let threshold = UInt32(Double(probability) * 4_294_967_296)
        #expect(out.indices.allSatisfy { (out[$0] != 0) == (words[$0] >= threshold) })
        // Six standard deviations of the binomial distribution.
        let deviation = (Double(count) * 0.3 * 0.7).squareRoot()
        #expect(abs(Double(kept.count) - 0.7 * Double(count)) < 6 * deviation)
    }
}
