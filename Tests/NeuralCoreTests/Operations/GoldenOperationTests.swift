import Foundation
import NeuralCore
import Testing

/// What Fixtures/operations.py wrote of one operation.
private struct GoldenOperation: Decodable {
    struct Values: Decodable {
        let shape: [Int]
        let elements: [Float]

        var tensor: Tensor { Tensor(elements, shape: Shape(shape)) }
        var exact: [Double] { elements.map(Double.init) }
    }

    let inputs: [Values]
    let output: Values
    let arriving: Values
    let gradients: [Values]
}

/// The same operation here.
struct GoldenCase: Sendable, CustomTestStringConvertible {
    let name: String
    let apply: @Sendable ([Tensor]) -> Tensor

    var testDescription: String { name }

    private static let targets: [TokenTarget] = [6, 2, 0, 2, 12, 3].enumerated().map { row, token in
        TokenTarget(row: Int32(row), token: token)
    }
    private static let positions: [Int32] = [0, 5, 90]
    private static let capped = LanguageHeadOptions(softCap: 4, temperature: 0.7)

    static let all: [GoldenCase] = [
        GoldenCase(name: "sum of two") { $0[0] + $0[1] },
        GoldenCase(name: "difference") { $0[0] - $0[1] },
        GoldenCase(name: "negative") { -$0[0] },
        GoldenCase(name: "with numbers") { (3 - (2 * $0[0] + 1) / 4) + 5 / ($0[0].squared() + 1) - 2 },
        GoldenCase(name: "exp") { $0[0].exp() },
        GoldenCase(name: "log") { ($0[0].squared() + 0.1).log() },
        GoldenCase(name: "square root") { ($0[0].squared() + 0.1).squareRoot() },
        GoldenCase(name: "magnitude") { $0[0].magnitude() },
        GoldenCase(name: "tanh") { $0[0].tanh() },
        GoldenCase(name: "sigmoid") { $0[0].sigmoid() },
        GoldenCase(name: "log sigmoid") { $0[0].logSigmoid() },
        GoldenCase(name: "gelu") { $0[0].gelu() },
        GoldenCase(name: "gelu (tanh)") { $0[0].gelu(.tanh) },
        GoldenCase(name: "silu") { $0[0].silu() },
        GoldenCase(name: "relu") { $0[0].relu() },
        GoldenCase(name: "relu squared") { $0[0].reluSquared() },
        GoldenCase(name: "swiGLU") { swiGLU($0[0], $0[1]) },
        GoldenCase(name: "broadcast product") { $0[0] * $0[1] },
        GoldenCase(name: "quotient") { $0[0] / ($0[1].squared() + 1) },
        GoldenCase(name: "clip") { $0[0].clipped(to: -0.5...1) },
        GoldenCase(name: "minimum") { minimum($0[0], $0[1]) },
        GoldenCase(name: "maximum") { maximum($0[0], $0[1]) },
        GoldenCase(name: "replacing") { $0[0].squared().replacing(with: $0[1], where: $0[0] .> $0[1]) },
        GoldenCase(name: "broadcast") { $0[0].broadcast(to: [2, 3, 4]) },
        GoldenCase(name: "sum") { $0[0].sum() },
        GoldenCase(name: "mean") { $0[0].mean() },
        GoldenCase(name: "sums along the first axis") { $0[0].sum(along: 0) },
        GoldenCase(name: "sums along the middle axis") { $0[0].sum(along: 1) },
        GoldenCase(name: "means along the last axis") { $0[0].mean(along: 2) },
        GoldenCase(name: "row maxima") { $0[0].rowMaxima() },
        GoldenCase(name: "reshaped") { $0[0].reshaped(to: [2, 6]) },
        GoldenCase(name: "slice") { $0[0][1..<4] },
        GoldenCase(name: "transposed") { $0[0].transposed() },
        GoldenCase(name: "concatenated") { concatenated($0) },
        GoldenCase(name: "product") { matmul($0[0], $0[1]) },
        GoldenCase(name: "product, first transposed") { matmul($0[0], $0[1], transposing: .first) },
        GoldenCase(name: "product, second transposed") { matmul($0[0], $0[1], transposing: .second) },
        GoldenCase(name: "product, both transposed") {
            matmul($0[0], $0[1], transposing: [.first, .second])
        },
        GoldenCase(name: "batched product") { matmul($0[0], $0[1]) },
        GoldenCase(name: "batched product, both transposed") {
            matmul($0[0], $0[1], transposing: [.first, .second])
        },
        GoldenCase(name: "linear") { linear($0[0], weight: $0[1], bias: $0[2]) },
        GoldenCase(name: "mean squared error") { meanSquaredError(predictions: $0[0], targets: $0[1]) },
        GoldenCase(name: "cross-entropy") { crossEntropy(logits: $0[0], targets: [3, 0, 20]) },
        GoldenCase(name: "softmax") { $0[0].softmax() },
        GoldenCase(name: "log softmax") { $0[0].logSoftmax() },
        GoldenCase(name: "RMS norm") { rmsNorm($0[0], weight: $0[1], epsilon: 1e-5) },
        GoldenCase(name: "layer norm") { layerNorm($0[0], weight: $0[1], bias: $0[2], epsilon: 1e-5) },
        GoldenCase(name: "RMS norm of a sum") {
            let (sum, normalized) = rmsNorm(adding: $0[1], to: $0[0], weight: $0[2], epsilon: 1e-5)
            return concatenated([sum, normalized])
        },
        GoldenCase(name: "layer norm of a sum") {
            let (sum, normalized) = layerNorm(
                adding: $0[1], to: $0[0], weight: $0[2], bias: $0[3], epsilon: 1e-5)
            return concatenated([sum, normalized])
        },
        GoldenCase(name: "rotary, halves") {
            $0[0].rotated(by: RotaryEmbedding(headSize: 6), at: positions)
        },
        GoldenCase(name: "rotary, adjacent") {
            $0[0].rotated(by: RotaryEmbedding(headSize: 6, pairing: .adjacent), at: positions)
        },
        GoldenCase(name: "summed into rows") { $0[0].summed(into: 3, at: [2, 0, 2, 2, 0]) },
        GoldenCase(name: "embedding") { $0[0].rows(at: [2, 0, 2, 2, 3]) },
        GoldenCase(name: "head") { languageHeadLoss($0[0], weight: $0[1], targets: targets).total },
        GoldenCase(name: "head with z-loss") {
            languageHeadLoss($0[0], weight: $0[1], targets: targets, zLoss: 0.1).total
        },
        GoldenCase(name: "capped log-probabilities") {
            tokenPredictions($0[0], weight: $0[1], targets: targets, options: capped).logProbabilities
        },
        GoldenCase(name: "capped entropies") {
            tokenPredictions($0[0], weight: $0[1], targets: targets, options: capped).entropies
        },
    ]
}

@Suite struct GoldenOperationTests {
    @Test(arguments: GoldenCase.all)
    func valueAndGradientsMatchPyTorch(_ operation: GoldenCase) throws {
        let golden = try #require(
            JSONDecoder().decode([String: GoldenOperation].self, from: fixture("operations.json"))[
                operation.name])
        let inputs = Inputs(tensors: golden.inputs.map(\.tensor))
        let arriving = golden.arriving.tensor
        forEachVariant { variant in
            let output = operation.apply(inputs.tensors)
            #expect(output.shape.extents == golden.output.shape)
            #expect(relativeError(output.scalars, golden.output.exact) < 3e-6, "\(variant)")

            let (_, gradient) = valueWithGradient(at: inputs) {
                (operation.apply($0.tensors) * arriving).sum()
            }
            for (found, expected) in zip(gradient.tensors, golden.gradients) {
                #expect(relativeError(found.scalars, expected.exact) < 5e-6, "\(variant)")
            }
        }
    }
}
