import Foundation
import NeuralCore
import Testing

@Suite struct OperationGradientTests {
    @Test(arguments: DifferentiableOperation.functions + DifferentiableOperation.arithmetic)
    func elementwisePullbackMatchesFiniteDifference(_ operation: DifferentiableOperation) {
        expectAgreement(operation)
    }

    @Test(arguments: DifferentiableOperation.reductions + DifferentiableOperation.rearrangements)
    func movingPullbackMatchesFiniteDifference(_ operation: DifferentiableOperation) {
        expectAgreement(operation)
    }

    @Test(arguments: DifferentiableOperation.rowwise)
    func rowwisePullbackMatchesFiniteDifference(_ operation: DifferentiableOperation) {
        expectAgreement(operation)
    }

    private func expectAgreement(_ operation: DifferentiableOperation) {
        forEachVariant { variant in
            let (value, gradients) = operation.errors(seed: 11)
            #expect(value < 2e-6, "\(variant)")
            for error in gradients { #expect(error < 1e-5, "\(variant)") }
        }
    }
}

extension DifferentiableOperation {
    /// A function of each element of a `[3, 7]` tensor.
    static func function(
        _ name: String, of domain: @escaping @Sendable (Float) -> Float = { 2 * $0 },
        _ apply: @escaping @Sendable (Tensor) -> Tensor, _ formula: @escaping @Sendable (Double) -> Double
    ) -> DifferentiableOperation {
        DifferentiableOperation(
            name: name, shapes: [[3, 7]], domain: domain, apply: { apply($0[0]) },
            reference: { $0[0].map(formula) })
    }

    static let functions: [DifferentiableOperation] = [
        function("exp", { $0.exp() }, { exp($0) }),
        function("log", of: { abs($0) + 0.1 }, { $0.log() }, { log($0) }),
        function("square root", of: { abs($0) + 0.1 }, { $0.squareRoot() }, { $0.squareRoot() }),
        function("tanh", { $0.tanh() }, { tanh($0) }),
        function("sigmoid", { $0.sigmoid() }, { 1 / (1 + exp(-$0)) }),
        function("log sigmoid", { $0.logSigmoid() }, { -log(1 + exp(-$0)) }),
        function("magnitude", { $0.magnitude() }, { abs($0) }),
        function("squared", { $0.squared() }, { $0 * $0 }),
        function("clipped", { $0.clipped(to: -0.5...1) }, { min(max($0, -0.5), 1) }),
        function("gelu", { $0.gelu() }, { $0 / 2 * (1 + erf($0 / 2.0.squareRoot())) }),
        function(
            "gelu (tanh)", { $0.gelu(.tanh) },
            { $0 / 2 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0))) }),
        function("silu", { $0.silu() }, { $0 / (1 + exp(-$0)) }),
        function("relu", { $0.relu() }, { max($0, 0) }),
        function("relu²", { $0.reluSquared() }, { max($0, 0) * max($0, 0) }),
        function("negative", { -$0 }, { -$0 }),
        function("plus a number", { 3 + $0 }, { 3 + $0 }),
        function("from a number", { 3 - $0 }, { 3 - $0 }),
        function("times a number", { 3 * $0 }, { 3 * $0 }),
        function("by a number", { $0 / 3 }, { $0 / 3 }),
        function("into a number", of: { abs($0) + 0.5 }, { 3 / $0 }, { 3 / $0 }),
    ]

    /// A function of two tensors of one shape, of a tensor and its trailing axes, and of rows and columns.
    static func binary(
        _ name: String, of domain: @escaping @Sendable (Float) -> Float = { $0 },
        _ apply: @escaping @Sendable (Tensor, Tensor) -> Tensor,
        _ formula: @escaping @Sendable (Double, Double) -> Double
    ) -> [DifferentiableOperation] {
        let shapes: [(Shape, Shape)] = [
            ([2, 3, 4], [2, 3, 4]), ([2, 3, 4], [4]), ([2, 3, 4], [2, 1, 4]), ([5, 1], [1, 6]), ([2, 3], []),
            ([3, 1], [2, 3, 4]),
        ]
        return shapes.map { a, b in
            DifferentiableOperation(
                name: "\(name) \(a) \(b)", shapes: [a, b], domain: domain, apply: { apply($0[0], $0[1]) },
                reference: { inputs in
                    let shape = apply(Tensor(ones: a), Tensor(ones: b)).shape
                    return (0..<shape.count).map {
                        formula(
                            inputs[0][position($0, of: shape, in: a)],
                            inputs[1][position($0, of: shape, in: b)])
                    }
                })
        }
    }

    /// Where the element at `offset` of a repeated tensor stands in the original.
    static func position(_ offset: Int, of shape: Shape, in original: Shape) -> Int {
        var (rest, result, stride) = (offset, 0, 1)
        for axis in 1...max(1, shape.rank) where shape.rank > 0 {
            let index = rest % shape[-axis]
            rest /= shape[-axis]
            guard axis <= original.rank else { continue }
            if original[-axis] > 1 { result += index * stride }
            stride *= original[-axis]
        }
        return result
    }

    static let arithmetic: [DifferentiableOperation] = [
        binary("plus", { $0 + $1 }, { $0 + $1 }),
        binary("minus", { $0 - $1 }, { $0 - $1 }),
        binary("times", { $0 * $1 }, { $0 * $1 }),
        binary("divided by", of: { $0 < 0 ? $0 - 0.5 : $0 + 0.5 }, { $0 / $1 }, { $0 / $1 }),
        binary("minimum", { minimum($0, $1) }, { min($0, $1) }),
        binary("maximum", { maximum($0, $1) }, { max($0, $1) }),
        binary("replacing", { $0.replacing(with: $1, where: $0 .> Tensor(0)) }, { $0 > 0 ? $1 : $0 }),
        pairs,
    ].flatMap { $0 }

    static let pairs: [DifferentiableOperation] = [
        DifferentiableOperation(
            name: "a tensor by itself", shapes: [[9]], apply: { $0[0] * $0[0] * $0[0] },
            reference: { $0[0].map { (x: Double) -> Double in x * x * x } }),
        DifferentiableOperation(
            name: "swiGLU", shapes: [[5, 9], [5, 9]], apply: { swiGLU($0[0], $0[1]) },
            reference: { x in
                zip(x[0], x[1]).map { (gate: Double, up: Double) -> Double in gate / (1 + exp(-gate)) * up }
            }),
        DifferentiableOperation(
            name: "mean squared error", shapes: [[5, 9], [5, 9]],
            apply: { meanSquaredError(predictions: $0[0], targets: $0[1]) },
            reference: { x in
                let squares = zip(x[0], x[1]).map { (a: Double, b: Double) -> Double in (a - b) * (a - b) }
                return [squares.reduce(0, +) / 45]
            }),
    ]

    static let reductions: [DifferentiableOperation] =
        [0, 1, 2, -1].map { axis in
            DifferentiableOperation(
                name: "sum along \(axis)", shapes: [[3, 4, 5]], apply: { $0[0].sum(along: axis) },
                reference: { sums($0[0], [3, 4, 5], axis < 0 ? axis + 3 : axis) })
        } + [
            DifferentiableOperation(
                name: "mean along", shapes: [[3, 4, 5]], apply: { $0[0].mean(along: 1) },
                reference: { sums($0[0], [3, 4, 5], 1).map { $0 / 4 } }),
            DifferentiableOperation(
                name: "sum", shapes: [[3, 4]], apply: { $0[0].sum() }, reference: { [$0[0].reduce(0, +)] }),
            DifferentiableOperation(
                name: "mean", shapes: [[3, 4]], apply: { $0[0].mean() },
                reference: { [$0[0].reduce(0, +) / 12] }),
            DifferentiableOperation(
                name: "row maxima", shapes: [[3, 4, 5]], apply: { $0[0].rowMaxima() },
                reference: { x in (0..<12).map { x[0][$0 * 5..<$0 * 5 + 5].max() ?? 0 } }),
        ]

    static func sums(_ x: [Double], _ extents: [Int], _ axis: Int) -> [Double] {
        let inner = extents[(axis + 1)...].reduce(1, *), length = extents[axis]
        return (0..<x.count / length).map { index in
            let start = index / inner * length * inner + index % inner
            return (0..<length).reduce(0) { $0 + x[start + $1 * inner] }
        }
    }

    /// Three groups of rows, of which one is empty, each through a map of its own.
    static let grouped = DifferentiableOperation(
        name: "grouped linear maps", shapes: [[5, 3], [2, 3], [2, 3], [2, 3]],
        apply: { x in groupedLinear(x[0], x[1...].map { Linear(weight: $0) }, counts: [2, 0, 3]) },
        reference: { x in
            (0..<10).map { (index: Int) -> Double in
                let (row, output) = (index / 2, index % 2)
                let weight = x[row < 2 ? 1 : 3]
                return (0..<3).reduce(0.0) { $0 + x[0][row * 3 + $1] * weight[output * 3 + $1] }
            }
        })

    static let rearrangements: [DifferentiableOperation] = [
        grouped,
        DifferentiableOperation(
            name: "reshaped", shapes: [[3, 4]], apply: { $0[0].reshaped(to: [2, 6]) }, reference: { $0[0] }),
        DifferentiableOperation(
            name: "slice", shapes: [[5, 2, 3]], apply: { $0[0][1..<4] }, reference: { Array($0[0][6..<24]) }),
        DifferentiableOperation(
            name: "transposed", shapes: [[3, 17, 21]], apply: { $0[0].transposed() },
            reference: { exchanged($0[0], 3, 17, 21) }),
        DifferentiableOperation(
            name: "concatenated", shapes: [[2, 3], [1, 3], [4, 3]], apply: { concatenated($0) },
            reference: { $0.flatMap { $0 } }),
        DifferentiableOperation(
            name: "rows", shapes: [[4, 3]], apply: { $0[0].rows(at: [2, 0, 2, 2, 3]) },
            reference: { x in [2, 0, 2, 2, 3].flatMap { (row: Int) in x[0][row * 3..<row * 3 + 3] } }),
        DifferentiableOperation(
            name: "summed into rows", shapes: [[5]], apply: { $0[0].summed(into: 3, at: [2, 0, 2, 2, 0]) },
            reference: { x in
                let row = x[0]
                return [row[1] + row[4], 0, row[0] + row[2] + row[3]]
            }),
        DifferentiableOperation(
            name: "broadcast", shapes: [[3, 1]], apply: { $0[0].broadcast(to: [2, 3, 4]) },
            reference: { x in (0..<24).map { (index: Int) -> Double in x[0][index / 4 % 3] } }),
    ]

    static func exchanged(_ x: [Double], _ batch: Int, _ rows: Int, _ columns: Int) -> [Double] {
        (0..<x.count).map { index in
            let (matrix, column, row) = (index / (rows * columns), index / rows % columns, index % rows)
            return x[matrix * rows * columns + row * columns + column]
        }
    }

    static let rowwise: [DifferentiableOperation] = [
        DifferentiableOperation(
            name: "softmax", shapes: [[3, 11]], apply: { $0[0].softmax() },
            reference: { x in
                rows(x[0], 11) { row in
                    let sum = row.reduce(0) { $0 + exp($1) }
                    return row.map { exp($0) / sum }
                }
            }),
        DifferentiableOperation(
            name: "log softmax", shapes: [[3, 11]], apply: { $0[0].logSoftmax() },
            reference: { x in
                rows(x[0], 11) { row in
                    let sum = row.reduce(0) { $0 + exp($1) }
                    return row.map { $0 - log(sum) }
                }
            }),
        DifferentiableOperation(
            name: "cross entropy", shapes: [[3, 5]],
            apply: { crossEntropy(logits: $0[0], targets: [4, 0, 2]) },
            reference: { x in
                let losses = zip([4, 0, 2], stride(from: 0, to: 15, by: 5)).map { target, start in
                    log(x[0][start..<start + 5].reduce(0) { $0 + exp($1) }) - x[0][start + target]
                }
                return [losses.reduce(0, +) / 3]
            }),
        // More rows than one chunk of the weight's gradient holds.
        DifferentiableOperation(
            name: "RMS norm", shapes: [[5, 7, 11], [11]],
            apply: { rmsNorm($0[0], weight: $0[1], epsilon: 1e-5) },
            reference: { rmsNormalized($0[0], $0[1]) }),
        DifferentiableOperation(
            name: "RMS norm of a sum", shapes: [[20, 11], [20, 11], [11]],
            apply: {
                let (sum, normalized) = rmsNorm(adding: $0[0], to: $0[1], weight: $0[2], epsilon: 1e-5)
                return concatenated([sum, normalized])
            },
            reference: {
                let sum = zip($0[0], $0[1]).map(+)
                return sum + rmsNormalized(sum, $0[2])
            }),
        DifferentiableOperation(
            name: "layer norm", shapes: [[5, 7, 11], [11], [11]],
            apply: { layerNorm($0[0], weight: $0[1], bias: $0[2], epsilon: 1e-5) },
            reference: { layerNormalized($0[0], $0[1], $0[2]) }),
        DifferentiableOperation(
            name: "layer norm of a sum", shapes: [[20, 11], [20, 11], [11], [11]],
            apply: {
                let (sum, normalized) = layerNorm(
                    adding: $0[0], to: $0[1], weight: $0[2], bias: $0[3], epsilon: 1e-5)
                return concatenated([sum, normalized])
            },
            reference: {
                let sum = zip($0[0], $0[1]).map(+)
                return sum + layerNormalized(sum, $0[2], $0[3])
            }),
        DifferentiableOperation(
            name: "the normalized alone", shapes: [[4, 11], [4, 11], [11]],
            apply: { rmsNorm(adding: $0[0], to: $0[1], weight: $0[2], epsilon: 1e-5).normalized },
            reference: { rmsNormalized(zip($0[0], $0[1]).map(+), $0[2]) }),
        DifferentiableOperation(
            name: "the sum alone", shapes: [[4, 11], [4, 11], [11]],
            apply: { rmsNorm(adding: $0[0], to: $0[1], weight: $0[2], epsilon: 1e-5).sum },
            reference: { zip($0[0], $0[1]).map(+) }),
    ]

    static func rows(_ x: [Double], _ width: Int, _ body: (ArraySlice<Double>) -> [Double]) -> [Double] {
        stride(from: 0, to: x.count, by: width).flatMap { body(x[$0..<$0 + width]) }
    }

    static func rmsNormalized(_ x: [Double], _ weight: [Double]) -> [Double] {
        rows(x, weight.count) { row in
            let scale = (row.reduce(0) { $0 + $1 * $1 } / Double(row.count) + 1e-5).squareRoot()
            return zip(row, weight).map { $0 / scale * $1 }
        }
    }

    static func layerNormalized(_ x: [Double], _ weight: [Double], _ bias: [Double]) -> [Double] {
        rows(x, weight.count) { row in
            let mean = row.reduce(0, +) / Double(row.count)
            let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(row.count)
            let scale = (variance + 1e-5).squareRoot()
            return zip(zip(row, weight), bias).map { ($0.0 - mean) / scale * $0.1 + $1 }
        }
    }
}
