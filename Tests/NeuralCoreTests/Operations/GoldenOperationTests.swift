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
    private static let capped = LanguageHeadOptions(softCap: 4, temperature: 0.7)

    static let all: [GoldenCase] = [
        GoldenCase(name: "exp") { $0[0].exp() },
        GoldenCase(name: "tanh") { $0[0].tanh() },
        GoldenCase(name: "sigmoid") { $0[0].sigmoid() },
        GoldenCase(name: "log sigmoid") { $0[0].logSigmoid() },
        GoldenCase(name: "gelu") { $0[0].gelu() },
        GoldenCase(name: "gelu (tanh)") { $0[0].gelu(.tanh) },
        GoldenCase(name: "silu") { $0[0].silu() },
        GoldenCase(name: "relu squared") { $0[0].reluSquared() },
        GoldenCase(name: "swiGLU") { swiGLU($0[0], $0[1]) },
        GoldenCase(name: "broadcast product") { $0[0] * $0[1] },
        GoldenCase(name: "quotient") { $0[0] / ($0[1].squared() + 1) },
        GoldenCase(name: "clip") { $0[0].clipped(to: -0.5...1) },
        GoldenCase(name: "minimum") { minimum($0[0], $0[1]) },
        GoldenCase(name: "softmax") { $0[0].softmax() },
        GoldenCase(name: "log softmax") { $0[0].logSoftmax() },
        GoldenCase(name: "RMS norm") { rmsNorm($0[0], weight: $0[1], epsilon: 1e-5) },
        GoldenCase(name: "layer norm") { layerNorm($0[0], weight: $0[1], bias: $0[2], epsilon: 1e-5) },
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
        let output = operation.apply(inputs.tensors)
        #expect(output.shape.extents == golden.output.shape)
        #expect(relativeError(output.scalars, golden.output.exact) < 3e-6)

        let arriving = golden.arriving.tensor
        let (_, gradient) = valueWithGradient(at: inputs) { (operation.apply($0.tensors) * arriving).sum() }
        for (found, expected) in zip(gradient.tensors, golden.gradients) {
            #expect(relativeError(found.scalars, expected.exact) < 5e-6)
        }
    }
}
