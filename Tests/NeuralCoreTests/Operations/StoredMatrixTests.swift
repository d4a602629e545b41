import NeuralCore
import Testing

@Suite struct StoredMatrixTests {
    @Test(arguments: StoredMatrix.Format.allCases, [1, 5, 16, 40])
    func mapWithStoredWeightEqualsMapWithItsTensor(format: StoredMatrix.Format, rows: Int) {
        let (inputs, outputs) = (67, 1_100)
        let x = DoubleMatrix(rows: rows, columns: inputs, seed: 1)
        let stored = StoredMatrix(DoubleMatrix(rows: outputs, columns: inputs, seed: 2).tensor, as: format)
        let bias = Tensor(DoubleMatrix(rows: 1, columns: outputs, seed: 3).elements.map(Float.init))
        let results = [1, 2, 3].map { threads in
            ThreadPoolTests.with(threads: threads) { linear(x.tensor, weight: stored, bias: bias) }
        }
        let expected = linear(x.tensor, weight: stored.tensor, bias: bias)
        #expect(results[0].shape == [rows, outputs])
        #expect(zip(results[0].scalars, expected.scalars).allSatisfy { abs($0 - $1) < 2e-5 })
        #expect(results.allSatisfy { $0.scalars == results[0].scalars })
    }

    @Test(arguments: StoredMatrix.Format.allCases, [MatrixPrecision.float32, .bfloat16])
    func rowsDoNotDependOnTheirNumber(format: StoredMatrix.Format, precision: MatrixPrecision) {
        let (inputs, outputs, rows) = (67, 1_100, 64)
        let x = DoubleMatrix(rows: rows, columns: inputs, seed: 1).tensor
        let stored = StoredMatrix(DoubleMatrix(rows: outputs, columns: inputs, seed: 2).tensor, as: format)
        let all = linear(x, weight: stored, precision: precision).scalars
        for (begin, end) in [(0, 1), (17, 18), (63, 64), (0, 8), (8, 40)] {
            let some = linear(
                x.rows(at: (begin..<end).map(Int32.init)), weight: stored, precision: precision)
            #expect(some.scalars == Array(all[begin * outputs..<end * outputs]))
        }
    }

    @Test func fewerBytesAreFewerBitsOfPrecision() {
        let weight = DoubleMatrix(rows: 6, columns: 33, seed: 4)
        let errors = StoredMatrix.Format.allCases.map { format in
            weight.distance(to: StoredMatrix(weight.tensor, as: format).tensor.scalars)
        }
        #expect(errors[0] < 1e-7 && errors[1] <= 0x1p-9 && errors[2] <= 0.5 / 127 + 1e-6 && errors[3] < 0.15)
        #expect(
            StoredMatrix.Format.allCases.map { StoredMatrix(weight.tensor, as: $0).byteCount } == [
                792, 396, 222, 432,
            ])
    }

    @Test func rowsAreThoseOfTheTensor() {
        let weight = DoubleMatrix(rows: 6, columns: 5, seed: 5).tensor
        for format in StoredMatrix.Format.allCases {
            let stored = StoredMatrix(weight, as: format)
            #expect(stored.rows(2..<4).scalars == Array(stored.tensor.scalars[10..<20]))
        }
    }
}
