import CKernels
import Testing

/// Products of weights in four bits with activations that are rounded to integers of 16 bits, as AVX2 has them.
@Suite struct IntegerProductTests {
    static let variants = supportedVariants.filter {
        ProcessorVariant.roundsToIntegers(CK_STORED_INT4, CK_PRECISION_BFLOAT16, $0)
    }

    /// The greatest magnitude of the block of 128 that each element of a row stands in.
    static func greatest(_ x: ArraySlice<Float>) -> [Double] {
        stride(from: x.startIndex, to: x.endIndex, by: 128).flatMap { begin in
            let block = x[begin..<min(begin + 128, x.endIndex)]
            return repeatElement(Double(block.lazy.map(abs).max()!), count: block.count)
        }
    }

    /// x · weightᵀ + bias in Double, and how far from it a product may be.
    ///
    /// An activation is rounded by half of greatest / 32767. The scale, its inverse and the quotient are rounded before that,
    /// by 2⁻²⁴ of up to 32767 each: less than 2⁻⁷ more. A sum of integers is exact; it is multiplied and added by four groups and once
    /// for a block, the lanes are added in three steps, and then comes the bias.
    static func reference(
        _ x: ArraySlice<Float>, _ weight: ArraySlice<Float>, bias: Float
    ) -> (value: Double, bound: Double) {
        var (value, magnitude, rounding) = (Double(bias), Double(abs(bias)), 0.0)
        for ((x, w), greatest) in zip(zip(x, weight), greatest(x)) {
            value += Double(x) * Double(w)
            magnitude += (abs(Double(x)) + greatest * 0x1p-15) * abs(Double(w))
            rounding += greatest / 32_767 * (0.5 + 0x1p-7) * abs(Double(w))
        }
        let roundings = Double(5 * ((x.count + 127) / 128) + 6)
        return (value, rounding + roundings * 0x1p-24 * magnitude)
    }

    static func product(
        _ x: [Float], _ weight: StoredProductTests.Weight, bias: [Float], rows: Int
    ) -> [Float] {
        StoredProductTests.product(
            x, weight, storage: CK_STORED_INT4, precision: CK_PRECISION_BFLOAT16, bias: bias, rows: rows)
    }

    @Test(arguments: variants)
    func rowsAreAsNearAsTheirRounding(variant: ProcessorVariant) {
        for (rows, outputs, inputs) in StoredProductTests.extents {
            // Rows of magnitudes far apart.
            var x = normalFloats(rows * inputs, seed: 1)
            for index in x.indices {
                x[index] *= Float(sign: .plus, exponent: index / inputs % 60 - 30, significand: 1)
            }
            let weight = StoredProductTests.Weight(
                normalFloats(outputs * inputs, seed: 2), rows: outputs, storage: CK_STORED_INT4)
            let bias = normalFloats(outputs, seed: 3, scale: 1e-6)
            let out = variant.forced { Self.product(x, weight, bias: bias, rows: rows) }
            var worst = 0.0
            for (index, value) in out.enumerated() {
                let (row, output) = (index / outputs, index % outputs)
                let expected = Self.reference(
                    x[row * inputs..<(row + 1) * inputs],
                    weight.elements[output * inputs..<(output + 1) * inputs], bias: bias[output])
                worst = max(worst, abs(Double(value) - expected.value) / expected.bound)
            }
            #expect(worst <= 1, "\(rows) rows, \(outputs) outputs, \(inputs) inputs: \(worst) of the bound")
        }
    }

    /// Activations that all lie just below the middle between two integers, times positive weights.
    @Test(arguments: variants)
    func theBoundIsReached(variant: ProcessorVariant) {
        var x = (0..<256).map { (index: Int) -> Float in (Float(index * 97) + 0.49) / 32_767 }
        var numbers = (0..<256).map { (index: Int) -> Float in index % 32 == 1 ? 2 : 1.75 }
        // The greatest of each block sets the scale.
        for begin in [0, 128] { (x[begin], numbers[begin]) = (1, 0) }
        let weight = StoredProductTests.Weight(numbers, rows: 1, storage: CK_STORED_INT4)
        let expected = Self.reference(x[...], weight.elements[...], bias: 0)
        let error = variant.forced { Double(Self.product(x, weight, bias: [0], rows: 1)[0]) } - expected.value
        #expect(abs(error) <= expected.bound)
        #expect(abs(error) > 0.9 * expected.bound, "\(error / expected.bound)")
    }

    /// 32767 times every weight that there is, whose sums are the largest.
    @Test(arguments: variants)
    func theLargestSumsAreExact(variant: ProcessorVariant) {
        for sign in [Float(1), -1] {
            let weight = StoredProductTests.Weight(
                [Float](repeating: -8 * sign, count: 512), rows: 1, storage: CK_STORED_INT4)
            #expect(weight.elements == [Float](repeating: -8 * sign, count: 512))
            for rows in [1, 7] {
                let x = [Float](repeating: 32_767, count: rows * 512)
                let out = variant.forced { Self.product(x, weight, bias: [0], rows: rows) }
                #expect(out == [Float](repeating: -8 * sign * 32_767 * 512, count: rows))
            }
        }
    }

    @Test(arguments: variants)
    func blocksOfZerosAndOfTheSmallestAndLargestNumbersAreMultiplied(variant: ProcessorVariant) {
        let weight = StoredProductTests.Weight(
            (0..<384).map { (index: Int) -> Float in Float(index % 15 - 7) * 0x1p-10 }, rows: 1,
            storage: CK_STORED_INT4)
        func product(_ x: [Float]) -> Float {
            variant.forced { Self.product(x, weight, bias: [0], rows: 1)[0] }
        }
        #expect(product([Float](repeating: 0, count: 384)) == 0)
        #expect(product([Float](repeating: .leastNonzeroMagnitude, count: 384)).isFinite)
        // A block of zeros beside others, and one that does not count beside them.
        let x = normalFloats(384, seed: 1)
        let expected = Self.reference(x[..<128], weight.elements[..<128], bias: 0)
        for other in [0, Float(0x1p-120)] {
            let others = [Float](repeating: other, count: 256)
            let near = Double(product(Array(x[..<128]) + others))
            #expect(abs(near - expected.value) <= expected.bound)
        }
        let large = x.map { (x: Float) -> Float in x * 0x1p123 }
        let ofLarge = Self.reference(large[...], weight.elements[...], bias: 0)
        #expect(abs(Double(product(large)) - ofLarge.value) <= ofLarge.bound)
    }

    /// Rows of bfloat16 are rounded as the numbers that they are.
    @Test(arguments: variants)
    func rowsOfBFloat16HaveTheBitsOfTheirNumbers(variant: ProcessorVariant) {
        let (outputs, inputs) = (5, 200)
        let weight = StoredProductTests.Weight(
            normalFloats(outputs * inputs, seed: 2), rows: outputs, storage: CK_STORED_INT4)
        for rows in [1, 9] {
            var halves = [UInt16](repeating: 0, count: rows * inputs)
            ck_bfloat16_from_float32(&halves, normalFloats(rows * inputs, seed: 1), 0, halves.count)
            var x = [Float](repeating: 0, count: halves.count)
            ck_float32_from_bfloat16(&x, halves, 0, halves.count)
            let bias = [Float](repeating: 0, count: outputs)
            variant.forced {
                let ofHalves = StoredProductTests.product(
                    halves.withUnsafeBytes { Array($0) }, of: CK_STORED_BFLOAT16, weight,
                    storage: CK_STORED_INT4, precision: CK_PRECISION_BFLOAT16, bias: bias, rows: rows)
                #expect(ofHalves == Self.product(x, weight, bias: bias, rows: rows))
            }
        }
    }
}
