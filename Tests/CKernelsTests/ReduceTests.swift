import CKernels
import Testing

@Suite struct ReduceTests {
    @Test(arguments: [0, 1, 9, 1024, 5000], supportedVariants)
    func sumsMatchReference(_ count: Int, _ variant: ProcessorVariant) {
        let x = normalFloats(count, seed: 1).map { $0 + 1 }
        variant.forced {
            let sum = x.reduce(0.0) { $0 + Double($1) }
            let squares = x.reduce(0.0) { $0 + Double($1) * Double($1) }
            #expect(abs(ck_sum(x, 0, count) - sum) <= 1e-6 * sum)
            #expect(abs(ck_sum_squares(x, 0, count) - squares) <= 1e-6 * squares)
        }
    }

    @Test(arguments: [1, 5, 33, 100], supportedVariants)
    func rowsAndColumnsMatchReference(_ C: Int, _ variant: ProcessorVariant) {
        let R = 7
        let x = normalFloats(R * C, seed: 2)
        let rows = (0..<R).map { r in (0..<C).reduce(0.0) { $0 + Double(x[r * C + $1]) } }
        let columns = (0..<C).map { c in (0..<R).reduce(0.0) { $0 + Double(x[$1 * C + c]) } }
        variant.forced {
            #expect(relativeError(filled(R) { ck_row_sums($0, x, 0, R, C) }, rows) < 1e-6)
            #expect(relativeError(filled(C, with: 0) { ck_column_sums($0, x, 0, R, C) }, columns) < 1e-6)
            let twice = filled(C, with: 0) {
                ck_column_sums($0, x, 0, R, C)
                ck_column_sums($0, x, 0, R, C)
            }
            #expect(relativeError(twice, columns.map { 2 * $0 }) < 1e-6)
        }
    }

    @Test(arguments: supportedVariants)
    func theFirstOfEqualMaximaCounts(_ variant: ProcessorVariant) {
        for C in [3, 8, 21, 64] {
            var x = normalFloats(3 * C, seed: 3)
            x[C / 2] = 9
            x[C - 1] = 9
            x[C] = 10
            x.replaceSubrange((2 * C)..., with: repeatElement(.nan, count: C))
            var index = [Int32](repeating: -1, count: 3)
            let greatest = variant.forced { filled(3) { ck_row_maxima($0, &index, x, 0, 3, C) } }
            #expect(greatest == [9, 10, -.infinity])
            #expect(index == [Int32(C / 2), 0, 0])
        }
    }
}
