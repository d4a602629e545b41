import CKernels
import Testing

@Suite struct ConversionTests {
    static let everyHalf = (0...UInt16.max).map { $0 }

    @Test(arguments: supportedVariants)
    func everyFloat16WidensExactlyAndComesBack(_ variant: ProcessorVariant) {
        var floats = [Float](repeating: 0, count: 65_536), back = [UInt16](repeating: 0, count: 65_536)
        variant.forced {
            ck_float32_from_float16(&floats, Self.everyHalf, 0, 65_536)
            ck_float16_from_float32(&back, floats, 0, 65_536)
        }
        for bits in Self.everyHalf {
            let (exponent, fraction) = (Int(bits >> 10) & 31, Float(bits & 0x3ff))
            let sign: Float = bits >> 15 == 0 ? 1 : -1
            let value = floats[Int(bits)]
            switch exponent {
            case 31 where fraction != 0: #expect(value.isNaN)
            case 31: #expect(value == sign * .infinity)
            case 0: #expect(value == sign * fraction * 0x1p-24)
            default:
                #expect(
                    value == sign * (1024 + fraction)
                        * Float(sign: .plus, exponent: exponent - 25, significand: 1))
            }
            let quiet = exponent == 31 && fraction != 0 ? bits | 0x200 : bits
            #expect(back[Int(bits)] == quiet)
        }
    }

    @Test(arguments: supportedVariants)
    func everyBFloat16WidensExactlyAndComesBack(_ variant: ProcessorVariant) {
        var floats = [Float](repeating: 0, count: 65_536), back = [UInt16](repeating: 0, count: 65_536)
        variant.forced {
            ck_float32_from_bfloat16(&floats, Self.everyHalf, 0, 65_536)
            ck_bfloat16_from_float32(&back, floats, 0, 65_536)
        }
        for bits in Self.everyHalf {
            let value = floats[Int(bits)]
            #expect(value.bitPattern == UInt32(bits) << 16)
            #expect(back[Int(bits)] == (value.isNaN ? bits | 0x40 : bits))
        }
    }

    @Test(arguments: supportedVariants)
    func narrowingRoundsToNearestTiesToEven(_ variant: ProcessorVariant) {
        let x: [Float] = [
            1 + 0x1p-8, 1 + 0x3p-8, 1 + 0x1.0002p-8, .greatestFiniteMagnitude, -0.0, 0x1p-134, 0x1.8p-133,
        ]
        let y: [Float] = [
            1 + 0x1p-11, 1 + 0x3p-11, 1 + 0x1.001p-11, 65_519.99, 65_520, -1e9, 0x1p-25, 0x1.000002p-25,
            0x1.ffcp-15,
            -0.0,
        ]
        var b = [UInt16](repeating: 0, count: x.count), h = [UInt16](repeating: 0, count: y.count)
        variant.forced {
            ck_bfloat16_from_float32(&b, x, 0, x.count)
            ck_float16_from_float32(&h, y, 0, y.count)
        }
        #expect(b == [0x3f80, 0x3f82, 0x3f81, 0x7f80, 0x8000, 0, 2])
        #expect(h == [0x3c00, 0x3c02, 0x3c01, 0x7bff, 0x7c00, 0xfc00, 0, 1, 0x400, 0x8000])
    }

    @Test(arguments: supportedVariants)
    func nanStaysNaNWhateverItsPayload(_ variant: ProcessorVariant) {
        let x = [UInt32(0x7f80_0001), 0x7fff_ffff, 0xff80_0001, 0xffff_ffff].map { Float(bitPattern: $0) }
        var b = [UInt16](repeating: 0, count: 4), h = b
        variant.forced {
            ck_bfloat16_from_float32(&b, x, 0, 4)
            ck_float16_from_float32(&h, x, 0, 4)
        }
        #expect(b.allSatisfy { $0 & 0x7f80 == 0x7f80 && $0 & 0x7f != 0 })
        #expect(h.allSatisfy { $0 & 0x7c00 == 0x7c00 && $0 & 0x3ff != 0 })
    }
}
