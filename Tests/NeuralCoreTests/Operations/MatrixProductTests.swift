import NeuralCore
import Testing

/// A product of two tensors, as a module so that both are differentiated.
private struct Factors: Module {
    var a: Tensor
    var b: Tensor

    mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
        visitor.visit(&a, named: "a")
        visitor.visit(&b, named: "b")
    }
}

@Suite struct MatrixProductTests {
    static let transpositions: [TransposedOperands] = [[], .first, .second, [.first, .second]]

    /// Sums of `terms` products of numbers below one, in 32 bits.
    static func tolerance(terms: Int) -> Double { Double(terms) * 1e-7 + 1e-7 }

    @Test(arguments: transpositions, MatrixPrecision.allCases)
    func productAndGradientsMatchReference(transposing: TransposedOperands, precision: MatrixPrecision) {
        let (rows, columns, contracted) = (37, 53, 71)
        let a = DoubleMatrix(rows: rows, columns: contracted, seed: 1)
        let b = DoubleMatrix(rows: contracted, columns: columns, seed: 2)
        let weights = DoubleMatrix(rows: rows, columns: columns, seed: 3)
        let factors = Factors(
            a: (transposing.contains(.first) ? a.transposed : a).tensor,
            b: (transposing.contains(.second) ? b.transposed : b).tensor)

        let value = matmul(factors.a, factors.b, transposing: transposing, precision: precision)
        let (_, gradient) = valueWithGradient(at: factors) { factors in
            total(
                product(
                    matmul(factors.a, factors.b, transposing: transposing, precision: precision),
                    weights.tensor))
        }

        let rounded = { (matrix: DoubleMatrix) in
            precision == .bfloat16 ? matrix.roundedToBFloat16 : matrix
        }
        #expect(value.shape == [rows, columns])
        #expect(
            (rounded(a) * rounded(b)).distance(to: value.scalars) < Self.tolerance(terms: contracted))
        let da = rounded(weights) * rounded(b).transposed
        let db = rounded(a).transposed * rounded(weights)
        #expect(
            (transposing.contains(.first) ? da.transposed : da).distance(to: gradient.a.scalars)
                < Self.tolerance(terms: columns))
        #expect(
            (transposing.contains(.second) ? db.transposed : db).distance(to: gradient.b.scalars)
                < Self.tolerance(terms: rows))
    }

    @Test(arguments: transpositions)
    func batchedProductEqualsSeparateProducts(transposing: TransposedOperands) {
        let (batch, rows, columns, contracted) = (6, 5, 7, 9)
        let a = DoubleMatrix(rows: batch * rows, columns: contracted, seed: 4).tensor
            .reshaped(
                transposing.contains(.first) ? [2, 3, contracted, rows] : [2, 3, rows, contracted])
        let b = DoubleMatrix(rows: batch * contracted, columns: columns, seed: 5).tensor
            .reshaped(
                transposing.contains(.second) ? [2, 3, columns, contracted] : [2, 3, contracted, columns])
        let weights = DoubleMatrix(rows: batch * rows, columns: columns, seed: 6).tensor
            .reshaped([2, 3, rows, columns])

        let value = matmul(a, b, transposing: transposing)
        let (_, gradient) = valueWithGradient(at: Factors(a: a, b: b)) { factors in
            total(product(matmul(factors.a, factors.b, transposing: transposing), weights))
        }

        #expect(value.shape == [2, 3, rows, columns])
        for index in 0..<batch {
            let left = DoubleMatrix(a, batch: index).transposed(if: transposing.contains(.first))
            let right = DoubleMatrix(b, batch: index).transposed(if: transposing.contains(.second))
            let weight = DoubleMatrix(weights, batch: index)
            let da = (weight * right.transposed).transposed(if: transposing.contains(.first))
            let db = (left.transposed * weight).transposed(if: transposing.contains(.second))
            #expect((left * right).distance(to: DoubleMatrix(value, batch: index).floats) < 1e-5)
            #expect(da.distance(to: DoubleMatrix(gradient.a, batch: index).floats) < 1e-5)
            #expect(db.distance(to: DoubleMatrix(gradient.b, batch: index).floats) < 1e-5)
        }
    }

    @Test func leadingAxesAreRows() {
        let x = DoubleMatrix(rows: 6, columns: 4, seed: 7).tensor
        let weight = DoubleMatrix(rows: 4, columns: 5, seed: 8).tensor
        let folded = matmul(x.reshaped([2, 3, 4]), weight)
        #expect(folded.shape == [2, 3, 5])
        #expect(folded.scalars == matmul(x, weight).scalars)
    }

    @Test(arguments: MatrixPrecision.allCases)
    func bitsDoNotDependOnTheNumberOfThreads(precision: MatrixPrecision) {
        let a = DoubleMatrix(rows: 301, columns: 257, seed: 9).tensor
        let b = DoubleMatrix(rows: 257, columns: 203, seed: 10).tensor
        let results = [1, 2, 3].map { threads in
            ThreadPoolTests.with(threads: threads) { matmul(a, b, precision: precision).scalars }
        }
        #expect(results[0] == results[1])
        #expect(results[0] == results[2])
    }

    @Test func nothingIsComputedForConstants() {
        let x = DoubleMatrix(rows: 3, columns: 4, seed: 11).tensor
        let weight = DoubleMatrix(rows: 4, columns: 2, seed: 12).tensor
        #expect(!matmul(x, weight).isRecorded)
    }

    @Test func mismatchStatesBothShapes() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = matmul(Tensor(zeros: [3, 4]), Tensor(zeros: [5, 2]))
        }
        let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(message.contains("[3, 4]") && message.contains("[5, 2]"))
    }
}

extension DoubleMatrix {
    fileprivate func transposed(if condition: Bool) -> DoubleMatrix { condition ? transposed : self }
    fileprivate var floats: [Float] { elements.map(Float.init) }
}

extension Tensor {
    fileprivate func reshaped(_ shape: Shape) -> Tensor { reinterpreted(as: shape) }
}
