import CKernels
import Testing

@Suite struct InterpolationTests {
    @Test(arguments: supportedVariants)
    func aPointBetweenTwoIsFoundInPlaceToo(_ variant: ProcessorVariant) {
        for count in [1, 7, 16, 83] {
            let a = normalFloats(count, seed: 1), b = normalFloats(count, seed: 2)
            let expected = zip(a, b).map { Double($0) + 0.125 * (Double($1) - Double($0)) }
            variant.forced {
                let out = filled(count) { ck_lerp($0, a, b, 0, count, 0.125) }
                #expect(relativeError(out, expected) < 2e-7)
                var place = a
                place.withUnsafeMutableBufferPointer {
                    ck_lerp($0.baseAddress, $0.baseAddress, b, 0, count, 0.125)
                }
                #expect(place == out)
            }
        }
    }
}
