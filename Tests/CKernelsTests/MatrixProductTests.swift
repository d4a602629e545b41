import CKernels
import Testing

/// A product to be checked: its extents and how its operands lie in memory.
struct ProductCase: Sendable, CustomTestStringConvertible {
    var (rows, columns, contracted): (Int, Int, Int)
    var transposesA = false
    var transposesB = false

    init(_ rows: Int, _ columns: Int, _ contracted: Int) {
        (self.rows, self.columns, self.contracted) = (rows, columns, contracted)
    }

    var testDescription: String {
        "\(rows)×\(columns)×\(contracted)\(transposesA ? " Aᵀ" : "")\(transposesB ? " Bᵀ" : "")"
    }

    /// Odd sizes around the edges of tiles, panels and blocks, single rows and columns, and few rows, each with all transposes.
    static let all: [ProductCase] = [
        (1, 1, 1), (7, 5, 3), (37, 53, 71), (193, 17, 300), (9, 49, 2), (5, 800, 11), (1, 601, 71),
        (601, 1, 71), (31, 77, 300), (45, 600, 263), (50, 20, 3000),
    ]
    .flatMap { extents in
        [(false, false), (true, false), (false, true), (true, true)].map { transposes in
            var product = ProductCase(extents.0, extents.1, extents.2)
            (product.transposesA, product.transposesB) = transposes
            return product
        }
    }
}

@Suite struct MatrixProductKernelTests {
    /// The upper half of the nearest bfloat16, ties to even.
    static func rounded(_ x: Float) -> Float {
        Float(bitPattern: (x.bitPattern + 0x7fff + ((x.bitPattern >> 16) & 1)) & 0xffff_0000)
    }

    /// The product by the kernels, with padding between rows that must stay as it is.
    static func product(
        _ product: ProductCase, _ a: [Float], _ b: [Float], precision: ck_precision,
        bias: [Float]? = nil, accumulatingOnto start: Float? = nil
    ) -> [Float] {
        let padding = 3
        let stride = product.columns + padding
        var c = [Float](repeating: start ?? .nan, count: product.rows * stride)
        c.withUnsafeMutableBufferPointer { c in
            a.withUnsafeBufferPointer { a in
                b.withUnsafeBufferPointer { b in
                    (bias ?? []).withUnsafeBufferPointer { biasElements in
                        var description = ck_product()
                        description.c = c.baseAddress
                        description.c_stride = stride
                        description.a = ck_operand(
                            elements: a.baseAddress,
                            stride: product.transposesA ? product.rows : product.contracted,
                            storage: CK_STORED_FLOAT32, is_transposed: product.transposesA)
                        description.b = ck_operand(
                            elements: b.baseAddress,
                            stride: product.transposesB ? product.contracted : product.columns,
                            storage: CK_STORED_FLOAT32, is_transposed: product.transposesB)
                        (description.M, description.N) = (product.rows, product.columns)
                        description.K = product.contracted
                        description.precision = precision
                        description.accumulate = start != nil
                        description.bias = bias == nil ? nil : biasElements.baseAddress
                        let workspace = UnsafeMutableRawPointer.allocate(
                            byteCount: ck_matmul_workspace(&description), alignment: 64)
                        defer { workspace.deallocate() }
                        ck_matmul(&description, workspace)
                    }
                }
            }
        }
        return (0..<product.rows).flatMap { row in
            let padded = c[row * stride + product.columns..<(row + 1) * stride]
            #expect(padded.allSatisfy { start == nil ? $0.isNaN : $0 == start })
            return c[row * stride..<row * stride + product.columns]
        }
    }

    static func reference(_ product: ProductCase, _ a: [Float], _ b: [Float]) -> [Double] {
        var result = [Double](repeating: 0, count: product.rows * product.columns)
        for i in 0..<product.rows {
            for j in 0..<product.columns {
                for k in 0..<product.contracted {
                    let x = a[product.transposesA ? k * product.rows + i : i * product.contracted + k]
                    let y = b[product.transposesB ? j * product.contracted + k : k * product.columns + j]
                    result[i * product.columns + j] += Double(x) * Double(y)
                }
            }
        }
        return result
    }

    @Test(arguments: ProductCase.all, supportedVariants)
    func productMatchesReference(product: ProductCase, variant: ProcessorVariant) {
        let a = normalFloats(product.rows * product.contracted, seed: 1)
        let b = normalFloats(product.contracted * product.columns, seed: 2)
        let bias = normalFloats(product.columns, seed: 3)
        variant.forced {
            for precision in [CK_PRECISION_FLOAT32, CK_PRECISION_BFLOAT16] {
                let rounded = { (x: [Float]) in precision == CK_PRECISION_FLOAT32 ? x : x.map(Self.rounded) }
                let expected = Self.reference(product, rounded(a), rounded(b))
                // Rounding errors of a sum grow with its terms, at most as fast as their number.
                let tolerance = 1e-6 + 1e-7 * Double(product.contracted).squareRoot() * 2
                #expect(
                    relativeError(Self.product(product, a, b, precision: precision), expected) < tolerance)
                let withBias = expected.indices.map { expected[$0] + Double(bias[$0 % product.columns]) + 2 }
                let accumulated = Self.product(
                    product, a, b, precision: precision, bias: bias, accumulatingOnto: 2)
                #expect(relativeError(accumulated, withBias) < tolerance)
            }
        }
    }

    // The products of bfloat16 numbers are exact in float32, so it does not matter whether they are fused with the
    // addition; AVX512-BF16 adds pairs in an order of its own.
    @Test func roundedProductsHaveTheSameBitsOnEveryVariantWithoutPairs() {
        let product = ProductCase(37, 53, 300)
        let a = normalFloats(product.rows * product.contracted, seed: 4)
        let b = normalFloats(product.contracted * product.columns, seed: 5)
        let results = supportedVariants.filter { $0.value != CK_VARIANT_AVX512_BF16 }.map { variant in
            variant.forced { Self.product(product, a, b, precision: CK_PRECISION_BFLOAT16) }
        }
        #expect(results.allSatisfy { $0 == results[0] })
    }

    // Half of a matrix times its own transpose is mirrored; that of a copy is computed whole.
    @Test(arguments: [(7, 3), (37, 71), (130, 300), (400, 263), (900, 20), (130, 30_001)], supportedVariants)
    func aMatrixTimesItsTransposeHasTheBitsOfAnyProduct(extents: (Int, Int), variant: ProcessorVariant) {
        let a = normalFloats(extents.0 * extents.1, seed: 6)
        let copy = a.map { $0 }
        variant.forced {
            for transposesA in [false, true] {
                var product = ProductCase(extents.0, extents.0, extents.1)
                (product.transposesA, product.transposesB) = (transposesA, !transposesA)
                for precision in [CK_PRECISION_FLOAT32, CK_PRECISION_BFLOAT16] {
                    let own = Self.product(product, a, a, precision: precision)
                    #expect(own == Self.product(product, a, copy, precision: precision))
                }
            }
        }
    }

    @Test(arguments: supportedVariants)
    func emptySumsAreTheBias(variant: ProcessorVariant) {
        variant.forced {
            let product = ProductCase(2, 3, 0)
            #expect(
                Self.product(product, [], [], precision: CK_PRECISION_FLOAT32, bias: [1, 2, 3]) == [
                    1, 2, 3, 1, 2, 3,
                ])
        }
    }
}
