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
            default:
                bytes = weight.withUnsafeBytes { Array($0) }
            }
        }
    }

    static let storages = [CK_STORED_FLOAT32, CK_STORED_BFLOAT16, CK_STORED_INT8].map(\.rawValue)

    @Test(arguments: storages, supportedVariants)
    func fewRowsMatchReference(storage: UInt32, variant: ProcessorVariant) {
        let storage = ck_storage(storage)
        variant.forced {
            for (rows, outputs, inputs) in [
                (1, 5, 17), (1, 37, 100), (2, 7, 8), (3, 6, 33), (7, 9, 257), (16, 4, 3),
            ] {
                let x = normalFloats(rows * inputs, seed: 1)
                let weight = Weight(
                    normalFloats(outputs * inputs, seed: 2), rows: outputs, storage: storage)
                let bias = normalFloats(outputs, seed: 3)
                func product(_ x: [Float], rows: Int) -> [Float] {
                    var out = [Float](repeating: .nan, count: rows * outputs)
                    ck_stored_product(
                        &out, x, weight.bytes, storage, weight.scales, bias, 0, outputs, rows, outputs, inputs
                    )
                    return out
                }
                let out = product(x, rows: rows)
                let expected = (0..<rows * outputs).map { index in
                    let (row, output) = (index / outputs, index % outputs)
                    return (0..<inputs).reduce(Double(bias[output])) {
                        $0 + Double(x[row * inputs + $1]) * Double(weight.elements[output * inputs + $1])
                    }
                }
                #expect(relativeError(out, expected) < 2e-6)
                let separately = (0..<rows).flatMap {
                    product(Array(x[$0 * inputs..<($0 + 1) * inputs]), rows: 1)
                }
                #expect(separately == out)
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

    @Test func whatIsNoNumberIsStoredAsZero() {
        var integers = [Int8](repeating: 1, count: 2)
        var scales: [Float] = [0]
        ck_int8_from_float32(&integers, &scales, [.nan, 2], 0, 1, 2)
        #expect(integers == [0, 127])
    }
}
