import NeuralCore
import Testing

@Suite struct LinearTests {
    @Test(arguments: [true, false], MatrixPrecision.allCases)
    func mapAndGradientsMatchReference(hasBias: Bool, precision: MatrixPrecision) {
        let (rows, inputs, outputs) = (131, 19, 23)
        let x = DoubleMatrix(rows: rows, columns: inputs, seed: 1)
        let weight = DoubleMatrix(rows: outputs, columns: inputs, seed: 2)
        let bias = DoubleMatrix(rows: 1, columns: outputs, seed: 3)
        let cotangent = DoubleMatrix(rows: rows, columns: outputs, seed: 4)
        let map = Linear(
            weight: weight.tensor, bias: hasBias ? Tensor(bias.elements.map(Float.init)) : nil)

        let (_, gradient) = valueWithGradient(at: Pair(first: x.tensor, second: map.weight)) { pair in
            let map = Linear(weight: pair.second, bias: map.bias)
            return total(product(map(pair.first, precision: precision), cotangent.tensor))
        }
        let (_, mapGradient) = valueWithGradient(at: map) { map in
            total(product(map(x.tensor, precision: precision), cotangent.tensor))
        }

        let rounded = { (matrix: DoubleMatrix) in
            precision == .bfloat16 ? matrix.roundedToBFloat16 : matrix
        }
        let column = DoubleMatrix(rows: rows, columns: 1, elements: Array(repeating: 1, count: rows))
        var y = rounded(x) * rounded(weight).transposed
        if hasBias { y.elements = zip(y.elements, (column * bias).elements).map(+) }
        #expect(y.distance(to: map(x.tensor, precision: precision).scalars) < 1e-5)
        #expect((rounded(cotangent) * rounded(weight)).distance(to: gradient.first.scalars) < 1e-5)
        let dWeight = rounded(cotangent).transposed * rounded(x)
        #expect(dWeight.distance(to: gradient.second.scalars) < 5e-5)
        #expect(mapGradient.weight.scalars == gradient.second.scalars)
        if let dBias = mapGradient.bias {
            #expect((column.transposed * cotangent).distance(to: dBias.scalars) < 5e-5)
        }
    }

    /// The gradient of the weight from the same rows before and after one element changes, in its place or in a pass over all.
    @Test(arguments: [true, false])
    func rowsThatAreWrittenAreRoundedAnew(elementByElement: Bool) {
        let map = Linear(weight: Tensor([0.5, -1], shape: [1, 2]))
        var x = Tensor([1, 2], shape: [1, 2])
        func gradient() -> [Float] {
            valueWithGradient(at: map) { $0(x, precision: .bfloat16).sum() }.gradient.weight.scalars
        }
        #expect(gradient() == [1, 2])
        if elementByElement { x[0, 0] = 5 } else { x.add(Tensor([4, 0], shape: [1, 2])) }
        #expect(gradient() == [5, 2])
    }

    /// What a map keeps of its rows is what its products read.
    @Test func rowsAreKeptInHalfOfTheMemory() {
        let map = Linear(weight: Tensor(ones: [3, 64]))
        for precision in MatrixPrecision.allCases {
            let (_, gradient) = valueWithGradient(at: map) { map in
                weak var rows: Storage?
                func made() -> Tensor {
                    let x = Tensor(ones: [40, 64])
                    rows = x.storage
                    return x
                }
                let y = map(made(), precision: precision)
                #expect((rows == nil) == (precision == .bfloat16))
                return y.sum()
            }
            #expect(gradient.weight.scalars.allSatisfy { $0 == 40 })
        }
    }

    @Test func parametersAreNamedAsInPyTorch() {
        let map = Linear(weight: Tensor(zeros: [3, 2]), bias: Tensor(zeros: [3]))
        #expect(map.parameters.map(\.name) == ["weight", "bias"])
        #expect(Linear(weight: map.weight).parameters.map(\.name) == ["weight"])
    }
}
