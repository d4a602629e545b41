import Foundation
import NeuralCore
import Testing

@Suite struct RotaryTests {
    static let embeddings: [(name: String, rotary: RotaryEmbedding)] = [
        ("plain", RotaryEmbedding(headSize: 16)),
        ("linear", RotaryEmbedding(headSize: 16, scaling: .linear(factor: 4))),
        (
            "llama3",
            RotaryEmbedding(
                headSize: 16, base: 500_000,
                scaling: .llama3(
                    factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContextLength: 8192))
        ),
        ("adjacent", RotaryEmbedding(headSize: 16, pairing: .adjacent)),
    ]

    @Test(arguments: embeddings)
    func outputsAndGradientsMatchTransformers(_ name: String, _ rotary: RotaryEmbedding) throws {
        let file = try Checkpoint(fixtureURL("Attention/attention.safetensors"))
        let positions = try file.integers("rotary.positions", as: Int32.self)
        let inputs = Inputs(tensors: [try file.tensor("rotary.input")])
        let cotangent = try file.tensor("rotary.cotangent")
        // Angles of some thousand radians, which transformers computes in single precision, are off by 2⁻¹² of one.
        let tolerance = 5e-4
        let output = inputs.tensors[0].rotated(by: rotary, at: positions)
        #expect(distance(output, try file.tensor("rotary.\(name).output")) < tolerance)
        let (_, gradient) = valueWithGradient(at: inputs) {
            ($0.tensors[0].rotated(by: rotary, at: positions) * cotangent).sum()
        }
        #expect(distance(gradient.tensors[0], try file.tensor("rotary.\(name).gradient")) < tolerance)
    }

    @Test(arguments: [RotaryEmbedding.Pairing.halves, .adjacent], [2, 6, 14, 64, 70])
    func pullbackMatchesFiniteDifference(_ pairing: RotaryEmbedding.Pairing, _ size: Int) {
        let rotary = RotaryEmbedding(headSize: size, base: 100, pairing: pairing)
        let positions: [Int32] = [3, 0, 70]
        let operation = DifferentiableOperation(
            name: "rotated", shapes: [[3, 2 * size]], apply: { $0[0].rotated(by: rotary, at: positions) },
            reference: { x in
                var y = x[0]
                for (row, position) in positions.enumerated() {
                    for head in 0..<2 {
                        for pair in 0..<size / 2 {
                            let angle = Double(position) * Double(rotary.frequencies[pair])
                            let base = (row * 2 + head) * size
                            let a = base + (pairing == .halves ? pair : 2 * pair)
                            let b = pairing == .halves ? a + size / 2 : a + 1
                            y[a] = x[0][a] * cos(angle) - x[0][b] * sin(angle)
                            y[b] = x[0][b] * cos(angle) + x[0][a] * sin(angle)
                        }
                    }
                }
                return y
            })
        let (value, gradients) = operation.errors(seed: 3)
        #expect(value < 1e-6)
        #expect(gradients[0] < 1e-5)
    }

    /// Channels beyond the rotated ones stay, and a magnitude multiplies the others.
    @Test(arguments: [(RotaryEmbedding.Pairing.halves, 10), (.halves, 64), (.adjacent, 10), (.adjacent, 64)])
    func someChannelsAreRotatedAndScaled(_ pairing: RotaryEmbedding.Pairing, _ rotated: Int) {
        let size = 70
        let rotary = RotaryEmbedding(
            headSize: size, rotatedChannels: rotated, base: 100,
            scaling: .yarn(factor: 4, originalContextLength: 32, attentionFactor: 1.5), pairing: pairing)
        #expect(rotary.frequencies.count == rotated / 2)
        let positions: [Int32] = [3, 0, 70]
        let operation = DifferentiableOperation(
            name: "rotated", shapes: [[3, 2 * size]], apply: { $0[0].rotated(by: rotary, at: positions) },
            reference: { x in
                var y = x[0]
                for (row, position) in positions.enumerated() {
                    for head in 0..<2 {
                        for pair in 0..<rotated / 2 {
                            let angle = Double(position) * Double(rotary.frequencies[pair])
                            let base = (row * 2 + head) * size
                            let a = base + (pairing == .halves ? pair : 2 * pair)
                            let b = pairing == .halves ? a + rotated / 2 : a + 1
                            y[a] = 1.5 * (x[0][a] * cos(angle) - x[0][b] * sin(angle))
                            y[b] = 1.5 * (x[0][b] * cos(angle) + x[0][a] * sin(angle))
                        }
                    }
                }
                return y
            })
        let (value, gradients) = operation.errors(seed: 3)
        #expect(value < 1e-6)
        #expect(gradients[0] < 1e-5)
    }

    @Test func productsDependOnTheDistanceOfPositions() {
        let rotary = RotaryEmbedding(headSize: 32)
        var random = RandomSource(seed: 4)
        let q = Tensor(of: [1, 32], from: .normal(), using: &random)
        let k = Tensor(of: [1, 32], from: .normal(), using: &random)
        let products = [Int32(0), 5, 300].map { shift in
            (q.rotated(by: rotary, at: [7 + shift]) * k.rotated(by: rotary, at: [3 + shift])).sum().item()
        }
        for product in products { #expect(abs(product - products[0]) < 1e-5) }
    }

    @Test func theBitsOfAPositionDoNotDependOnThoseAskedForBefore() {
        let x = Tensor((0..<32).map { Float($0) }, shape: [1, 32])
        let (fresh, used) = (RotaryEmbedding(headSize: 32), RotaryEmbedding(headSize: 32))
        for position: Int32 in [0, 63, 64, 65, 1000] { _ = x.rotated(by: used, at: [position]) }
        #expect(x.rotated(by: fresh, at: [200]).scalars == x.rotated(by: used, at: [200]).scalars)
        #expect(fresh == used)
    }
}
