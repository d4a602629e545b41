import NeuralCore
import Testing

/// Work is cut by shape, so the bits of a result and of its gradients do not depend on how many threads there are.
///
/// Attention, products, the head and the optimizers have tests of their own.
@Suite struct ThreadIndependenceTests {
    /// An operation on tensors large enough to be cut into several ranges of rows.
    struct Operation: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let shapes: [Shape]
        let apply: @Sendable ([Tensor]) -> Tensor
    }

    private static let positions = (0..<700).map { Int32($0 % 90) }

    static let operations = [
        Operation(testDescription: "RMS norm", shapes: [[700, 96], [96]]) {
            rmsNorm($0[0], weight: $0[1], epsilon: 1e-5)
        },
        Operation(testDescription: "layer norm", shapes: [[700, 96], [96], [96]]) {
            layerNorm($0[0], weight: $0[1], bias: $0[2], epsilon: 1e-5)
        },
        Operation(testDescription: "addition with RMS norm", shapes: [[700, 96], [700, 96], [96]]) {
            let (sum, normalized) = rmsNorm(adding: $0[1], to: $0[0], weight: $0[2], epsilon: 1e-5)
            return sum * normalized
        },
        Operation(testDescription: "softmax", shapes: [[700, 96]]) { $0[0].softmax() * $0[0].logSoftmax() },
        Operation(testDescription: "rows that many indices ask for", shapes: [[90, 96]]) {
            $0[0].rows(at: positions)
        },
        Operation(testDescription: "rows summed into fewer", shapes: [[700, 96]]) {
            $0[0].summed(into: 90, at: positions)
        },
        Operation(testDescription: "rotary embedding", shapes: [[700, 96]]) {
            $0[0].rotated(by: RotaryEmbedding(headSize: 32), at: positions)
        },
        Operation(testDescription: "SwiGLU", shapes: [[700, 96], [700, 96]]) { swiGLU($0[0], $0[1]) },
        Operation(testDescription: "GELU", shapes: [[700, 96]]) { $0[0].gelu() },
        Operation(testDescription: "a row added to all", shapes: [[700, 96], [96]]) { $0[0] + $0[1] },
        Operation(testDescription: "sum along the rows", shapes: [[700, 96]]) { $0[0].sum(along: 0) },
        Operation(testDescription: "sum along the channels", shapes: [[700, 96]]) { $0[0].sum(along: 1) },
        Operation(
            testDescription: "grouped linear maps", shapes: [[700, 96], [64, 96], [64, 96], [64, 96]]
        ) {
            groupedLinear($0[0], $0[1...].map { Linear(weight: $0) }, counts: [500, 1, 199])
        },
        Operation(
            testDescription: "large grouped linear maps", shapes: [[700, 256], [256, 256], [256, 256]]
        ) {
            groupedLinear($0[0], $0[1...].map { Linear(weight: $0) }, counts: [690, 10])
        },
        Operation(testDescription: "sum", shapes: [[70_000]]) { $0[0].sum() },
        Operation(testDescription: "transposition", shapes: [[700, 96]]) { $0[0].transposed() },
        Operation(testDescription: "dropout", shapes: [[700, 96]]) {
            var random = RandomSource(seed: 4)
            return $0[0].dropped(withProbability: 0.2, using: &random)
        },
    ]

    @Test(arguments: operations) func sameBitsForAnyNumberOfThreads(_ operation: Operation) {
        var random = RandomSource(seed: 1)
        let inputs = Inputs(
            tensors: operation.shapes.map { Tensor(of: $0, from: .normal(), using: &random) })
        forEachVariant { variant in
            let results = [1, 2, 3].map { threads in
                withThreads(threads) {
                    let (value, gradient) = valueWithGradient(at: inputs) {
                        operation.apply($0.tensors).squared().sum()
                    }
                    return [[value]] + gradient.tensors.map(\.scalars)
                }
            }
            #expect(results[1] == results[0] && results[2] == results[0], "\(variant)")
        }
    }
}
