import CKernels
import Testing

@Suite struct StoredProductTests {
    /// A weight in some storage, and what its elements are worth.
    struct Weight {
        var bytes: [UInt8]
        var scales: [Float]
        var elements: [Float]

        init(_ weight: [Float], rows: Int, storage: ck_storage) {
            let columns = weight.count / rows
            scales = [Float](repeating: 0, count: rows)
            elements = weight
            switch storage {
            case CK_STORED_BFLOAT16:
                var halves = [UInt16](repeating: 0, count: weight.count)
                ck_bfloat16_from_float32(&halves, weight, 0, weight.count)
                ck_float32_from_bfloat16(&elements, halves, 0, weight.count)
                bytes = halves.withUnsafeBytes { Array($0) }
            case CK_STORED_INT8:
                var integers = [Int8](repeating: 0, count: weight.count)
                ck_int8_from_float32(&integers, &scales, weight, 0, rows, columns)
                ck_float32_from_int8(&elements, integers, scales, 0, rows, columns)
                bytes = integers.withUnsafeBytes { Array($0) }
            case CK_STORED_INT4:
                var blocks = [ck_int4_block](
                    repeating: ck_int4_block(), count: rows * ck_int4_blocks(columns))
                ck_int4_from_float32(&blocks, weight, 0, rows, columns)
                ck_float32_from_int4(&elements, blocks, 0, rows, columns)
                bytes = blocks.withUnsafeBytes { Array($0) }
            default:
                bytes = weight.withUnsafeBytes { Array($0) }
            }
        }
    }

    static let storages = [CK_STORED_FLOAT32, CK_STORED_BFLOAT16, CK_STORED_INT8, CK_STORED_INT4].map(
        \.rawValue)

    /// x · weightᵀ + bias in independent rows.
    static func product(
        _ x: [Float], _ weight: Weight, storage: ck_storage, precision: ck_precision, bias: [Float], rows: Int
    ) -> [Float] {
        product(
            x.withUnsafeBytes { Array($0) }, of: CK_STORED_FLOAT32, weight, storage: storage,
            precision: precision, bias: bias, rows: rows)
    }

    /// That of the bytes of activations in either storage.
    static func product(
        _ x: [UInt8], of storageOfRows: ck_storage, _ weight: Weight, storage: ck_storage,
        precision: ck_precision, bias: [Float], rows: Int
    ) -> [Float] {
        let outputs = bias.count
        let inputs = x.count / rows / (storageOfRows == CK_STORED_BFLOAT16 ? 2 : 4)
        return filled(rows * outputs) { out in
            var description = ck_product()
            (description.c, description.c_stride) = (out, outputs)
            (description.M, description.N, description.K) = (rows, outputs, inputs)
            (description.precision, description.rows_are_independent) = (precision, true)
            x.withUnsafeBytes { x in
                weight.bytes.withUnsafeBytes { bytes in
                    weight.scales.withUnsafeBufferPointer { scales in
                        bias.withUnsafeBufferPointer { bias in
                            description.a = ck_operand(
                                elements: x.baseAddress, stride: inputs, storage: storageOfRows,
                                is_transposed: false)
                            description.b = ck_operand(
                                elements: bytes.baseAddress, stride: inputs, storage: storage,
                                is_transposed: true)
                            description.scales = storage == CK_STORED_INT8 ? scales.baseAddress : nil
                            description.bias = bias.baseAddress
                            withWorkspace(ck_matmul_workspace(&description)) { ck_matmul(&description, $0) }
                        }
                    }
                }
            }
        }
    }

    /// Few and many rows, around tiles, odd inputs, outputs that leave a part of a tile, and inputs of which six rows of
    /// activations fill the nearest cache.
    static let extents = [
        (1, 5, 17), (1, 37, 100), (2, 7, 8), (3, 6, 33), (7, 9, 257), (16, 4, 3), (13, 2, 64), (5, 4, 1),
        (65, 33, 70),
        (40, 21, 3_001), (200, 18, 1_500),
    ]

    @Test(arguments: storages, supportedVariants)
    func rowsMatchReference(storage: UInt32, variant: ProcessorVariant) {
        let storage = ck_storage(storage)
        for precision in [CK_PRECISION_FLOAT32, CK_PRECISION_BFLOAT16] {
            // IntegerProductTests say what those are.
            if ProcessorVariant.roundsToIntegers(storage, precision, variant) { continue }
            let rounded = { (x: [Float]) in
                precision == CK_PRECISION_FLOAT32 ? x : x.map(MatrixProductKernelTests.rounded)
            }
            for (rows, outputs, inputs) in Self.extents {
                let x = normalFloats(rows * inputs, seed: 1)
                let weight = Weight(normalFloats(outputs * inputs, seed: 2), rows: outputs, storage: storage)
                let bias = normalFloats(outputs, seed: 3)
                // Integers of eight bits are multiplied before their scale is, those of four are rounded where pairs of bfloat16
                // are multiplied; otherwise nothing of them is.
                let isExact =
                    storage == CK_STORED_INT8
                    || storage == CK_STORED_INT4 && variant.value != CK_VARIANT_AVX512_BF16
                let (a, b) = (rounded(x), isExact ? weight.elements : rounded(weight.elements))
                let expected = (0..<rows * outputs).map { index in
                    let (row, output) = (index / outputs, index % outputs)
                    return (0..<inputs).reduce(Double(bias[output])) {
                        $0 + Double(a[row * inputs + $1]) * Double(b[output * inputs + $1])
                    }
                }
                let out = variant.forced {
                    Self.product(x, weight, storage: storage, precision: precision, bias: bias, rows: rows)
                }
                #expect(relativeError(out, expected) < 2e-6)
            }
        }
    }

    /// Nothing hides an activation that is not finite, and the rows beside it keep their bits.
    @Test(arguments: storages, supportedVariants)
    func anActivationThatIsNotFiniteReachesEveryOutput(storage: UInt32, variant: ProcessorVariant) {
        let storage = ck_storage(storage)
        let (rows, outputs, inputs) = (9, 7, 300)
        let x = normalFloats(rows * inputs, seed: 1)
        let weight = Weight(normalFloats(outputs * inputs, seed: 2), rows: outputs, storage: storage)
        let bias = normalFloats(outputs, seed: 3)
        for precision in [CK_PRECISION_FLOAT32, CK_PRECISION_BFLOAT16] {
            variant.forced {
                func product(_ x: [Float]) -> [Float] {
                    Self.product(x, weight, storage: storage, precision: precision, bias: bias, rows: rows)
                }
                let finite = product(x)
                for (value, column) in [(Float.nan, 0), (-.nan, 299), (.infinity, 130), (-.infinity, 127)] {
                    let row = 4
                    var x = x
                    x[row * inputs + column] = value
                    let out = product(x)
                    let ofRow = row * outputs..<(row + 1) * outputs
                    #expect(out[ofRow].allSatisfy { !$0.isFinite }, "\(value)")
                    #expect(out[..<ofRow.lowerBound] == finite[..<ofRow.lowerBound])
                    #expect(out[ofRow.upperBound...] == finite[ofRow.upperBound...])
                }
            }
        }
    }

    @Test(arguments: storages, supportedVariants)
    func aRowAloneHasTheBitsItHasAmongOthers(storage: UInt32, variant: ProcessorVariant) {
        let storage = ck_storage(storage)
        for precision in [CK_PRECISION_FLOAT32, CK_PRECISION_BFLOAT16] {
            for (rows, outputs, inputs) in Self.extents {
                let x = normalFloats(rows * inputs, seed: 1)
                let weight = Weight(normalFloats(outputs * inputs, seed: 2), rows: outputs, storage: storage)
                let bias = normalFloats(outputs, seed: 3)
                func product(_ begin: Int, _ count: Int) -> [Float] {
                    Self.product(
                        Array(x[begin * inputs..<(begin + count) * inputs]), weight, storage: storage,
                        precision: precision, bias: bias, rows: count)
                }
                variant.forced {
                    let out = product(0, rows)
                    for row in 0..<rows {
                        #expect(product(row, 1) == Array(out[row * outputs..<(row + 1) * outputs]))
                    }
                    let half = rows / 2
                    if half > 0 { #expect(product(0, half) + product(half, rows - half) == out) }
                }
            }
        }
    }

    @Test func integersAreTheNearestOnTheRowsScale() {
        let weight: [Float] = [127, -63.4, 0.5, 1.5, 0, 0, 0, 0]
        var integers = [Int8](repeating: 0, count: 8)
        var scales: [Float] = [0, 0]
        ck_int8_from_float32(&integers, &scales, weight, 0, 2, 4)
        #expect(integers == [127, -63, 0, 2, 0, 0, 0, 0])
        #expect(scales == [1, 0])
    }

    /// -8 … 7 times a scale, of either sign, in each of the four groups of a block and beyond it.
    @Test func numbersOnAScaleOfFourBitsStayAsTheyAre() {
        let scales: [Float] = [0.25, -0.75, 0x1p-20, 6_000, -0x1p-24]
        var weight: [Float] = []
        for scale in scales { weight += (0..<32).map { Float($0 % 16 - 8) * scale } }
        weight += [3, -4]
        for variant in supportedVariants {
            variant.forced {
                #expect(
                    StoredProductTests.Weight(weight, rows: 1, storage: CK_STORED_INT4).elements == weight)
            }
        }
    }

    @Test func theScaleOfFourBitsHasTheLeastSquaredError() {
        // On a scale of 1, where -8 is, the others would be -8 and 0; a little more than one is lost of -8 on 0.8.
        var weight = [Float](repeating: 0, count: 32)
        (weight[0], weight[1]) = (-8, 0)
        weight.replaceSubrange(2..<32, with: repeatElement(2.4, count: 30))
        let stored = Weight(weight, rows: 1, storage: CK_STORED_INT4).elements
        let error = zip(stored, weight).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        #expect(error < 30 * 0.4 * 0.4)
        #expect(Weight([.nan, 2, .infinity], rows: 1, storage: CK_STORED_INT4).elements[0] == 0)
    }

    @Test func whatIsNoNumberIsStoredAsZero() {
        var integers = [Int8](repeating: 1, count: 2)
        var scales: [Float] = [0]
        ck_int8_from_float32(&integers, &scales, [.nan, 2], 0, 1, 2)
        #expect(integers == [0, 127])
    }
}
