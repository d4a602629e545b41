import CKernels
import Testing

@Suite struct DropoutTests {
    let source = ck_random(key: 7, stream: 9, position: 3)

    @Test(arguments: supportedVariants)
    func survivorsAreScaledAndTheOthersAreZero(_ variant: ProcessorVariant) {
        let count = 40_001, probability: Float = 0.3
        let x = normalFloats(count, seed: 1).map { $0 == 0 ? 1 : $0 }
        var words = [UInt32](repeating: 0, count: count)
        ck_random_words(&words, source, 0, count)
        let (out, undropped) = variant.forced {
            (
                filled(count) { ck_dropout($0, x, source, 0, count, probability) },
                filled(count) { ck_dropout($0, x, source, 0, count, 0) }
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

    @Test(arguments: supportedVariants)
    func aPartIsDroppedAsInTheWhole(_ variant: ProcessorVariant) {
        let x = normalFloats(5_000, seed: 2)
        let whole = filled(5_000) { ck_dropout($0, x, source, 0, 5_000, 0.5) }
        for (begin, end) in [(0, 3), (5, 6), (1_000, 3_500), (1_024, 2_048), (4_999, 5_000)] {
            let part = variant.forced {
                filled(5_000, with: 7) { ck_dropout($0, x, source, begin, end, 0.5) }
            }
            #expect(part[begin..<end] == whole[begin..<end])
            #expect(part[..<begin].allSatisfy { $0 == 7 } && part[end...].allSatisfy { $0 == 7 })
        }
    }
}
