import Foundation
import NeuralCore
import Testing

@Suite struct AttentionTests {
    // MARK: - Gradients

    static let operations: [DifferentiableOperation] = [
        operation("one sequence", Forest(sequenceLengths: [9]), heads: 1, keyValueHeads: 1, size: 3),
        operation(
            "depth three",
            Forest([
                .init(length: 4), .init(length: 3, parent: 0), .init(length: 2, parent: 1),
                .init(length: 5, parent: 0), .init(length: 3),
            ]), heads: 2, keyValueHeads: 1, size: 4),
        operation(
            "a window", Forest(prompt: 6, completions: [5, 4]), heads: 4, keyValueHeads: 2, size: 2, window: 4
        ),
        operation(
            "a soft-cap and a scale", Forest(sequenceLengths: [5, 0, 6]), heads: 2, keyValueHeads: 2, size: 3,
            scale: 0.9, softCap: 1.5),
    ]

    static func operation(
        _ name: String, _ forest: Forest, heads: Int, keyValueHeads: Int, size: Int, scale: Float? = nil,
        window: Int? = nil, softCap: Float? = nil
    ) -> DifferentiableOperation {
        let rows = forest.rowCount
        return DifferentiableOperation(
            name: name,
            shapes: [[rows, heads * size], [rows, keyValueHeads * size], [rows, keyValueHeads * size]],
            apply: {
                attention(
                    query: $0[0], key: $0[1], value: $0[2], over: forest, heads: heads,
                    keyValueHeads: keyValueHeads, scale: scale, window: window, softCap: softCap)
            },
            reference: {
                plainAttention(
                    $0, forest, heads: heads, keyValueHeads: keyValueHeads, size: size,
                    scale: scale.map(Double.init) ?? 1 / Double(size).squareRoot(), window: window ?? .max,
                    softCap: softCap.map(Double.init))
            })
    }

    @Test(arguments: operations)
    func pullbackMatchesFiniteDifference(_ operation: DifferentiableOperation) {
        let (value, gradients) = operation.errors(seed: 5)
        #expect(value < 2e-6)
        for error in gradients { #expect(error < 1e-5) }
    }

    // MARK: - PyTorch

    @Test(arguments: [
        GoldenAttention(name: "causal", heads: 1, keyValueHeads: 1),
        GoldenAttention(name: "grouped", heads: 6, keyValueHeads: 2),
        GoldenAttention(name: "forest", heads: 4, keyValueHeads: 2),
        GoldenAttention(name: "window", heads: 2, keyValueHeads: 1, scale: 0.3, window: 14),
        GoldenAttention(name: "capped", heads: 3, keyValueHeads: 3, scale: 0.5, window: 16, softCap: 1.25),
    ])
    func outputsAndGradientsMatchPyTorch(_ golden: GoldenAttention) throws {
        let file = try Checkpoint(fixtureURL("Attention/attention.safetensors"))
        let inputs = Inputs(
            tensors: try ["query", "key", "value"].map { try file.tensor("\(golden.name).\($0)") })
        let cotangent = try file.tensor("\(golden.name).cotangent")
        let forest = try golden.forest(file)
        #expect(distance(golden.apply(inputs, forest), try file.tensor("\(golden.name).output")) < 2e-6)
        let (_, gradient) = valueWithGradient(at: inputs) { (golden.apply($0, forest) * cotangent).sum() }
        for (index, role) in ["query", "key", "value"].enumerated() {
            let expected = try file.tensor("\(golden.name).\(role)_gradient")
            #expect(distance(gradient.tensors[index], expected) < 3e-6)
        }
    }

    // MARK: - Forests

    @Test func aForestIsItsSequencesEachAlone() {
        let forest = Forest([
            .init(length: 50), .init(length: 30, parent: 0), .init(length: 20, parent: 1),
            .init(length: 60, parent: 0), .init(length: 33),
        ])
        // The rows of each path from a root to a leaf, and those of a sequence's own among them.
        let paths: [[Int]] = [[0, 1, 2], [0, 3], [4]]
        let inputs = randomInputs(rows: forest.rowCount, heads: 4, keyValueHeads: 2, size: 16, seed: 1)
        let together = apply(inputs, forest)
        for path in paths {
            let rows = path.flatMap { Array(forest.rows[$0]) }
            let alone = apply(
                Inputs(tensors: inputs.tensors.map { $0.rows(at: rows.map(Int32.init)) }),
                Forest(sequenceLengths: [rows.count]))
            #expect(distance(together.rows(at: rows.map(Int32.init)), alone) < 2e-6)
        }
    }

    @Test(arguments: [
        Forest(sequenceLengths: [700]), Forest(sequenceLengths: Array(repeating: 13, count: 40)),
        Forest(prompt: 90, completions: [80, 1, 70, 120]),
    ])
    func theBitsDoNotDependOnTheNumberOfThreads(_ forest: Forest) {
        let inputs = randomInputs(rows: forest.rowCount, heads: 2, keyValueHeads: 1, size: 32, seed: 2)
        let results = [1, 2, 3].map { threads in
            withThreads(threads) {
                let (value, gradient) = valueWithGradient(at: inputs) {
                    (apply($0, forest, heads: 2, 1)).squared().sum()
                }
                return [[value]] + gradient.tensors.map(\.scalars)
            }
        }
        #expect(results[0] == results[1])
        #expect(results[0] == results[2])
    }

    @Test func aQueryOfAnotherNumberOfRowsIsRefused() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let x = Tensor(zeros: [3, 8])
            _ = attention(
                query: x, key: x, value: x, over: Forest(sequenceLengths: [4]), heads: 2, keyValueHeads: 2)
        }
        let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(message.contains("query [3, 8]") && message.contains("forest of 4 rows"))
    }

    private func apply(_ inputs: Inputs, _ forest: Forest, heads: Int = 4, _ keyValueHeads: Int = 2) -> Tensor
    {
        attention(
            query: inputs.tensors[0], key: inputs.tensors[1], value: inputs.tensors[2], over: forest,
            heads: heads,
            keyValueHeads: keyValueHeads)
    }

    private func randomInputs(rows: Int, heads: Int, keyValueHeads: Int, size: Int, seed: UInt64) -> Inputs {
        var random = RandomSource(seed: seed)
        return Inputs(
            tensors: [heads, keyValueHeads, keyValueHeads].map {
                Tensor(of: [rows, $0 * size], from: .normal(), using: &random)
            })
    }
}

/// A case of make_attention.py.
struct GoldenAttention: Sendable, CustomTestStringConvertible {
    let name: String
    let heads: Int
    let keyValueHeads: Int
    var scale: Float?
    var window: Int?
    var softCap: Float?

    var testDescription: String { name }

    func forest(_ file: Checkpoint) throws -> Forest {
        let lengths = try file.integers("\(name).lengths", as: Int.self)
        let parents = try file.integers("\(name).parents", as: Int.self)
        return Forest(zip(lengths, parents).map { Forest.Segment(length: $0, parent: $1 < 0 ? nil : $1) })
    }

    func apply(_ inputs: Inputs, _ forest: Forest) -> Tensor {
        attention(
            query: inputs.tensors[0], key: inputs.tensors[1], value: inputs.tensors[2], over: forest,
            heads: heads,
            keyValueHeads: keyValueHeads, scale: scale, window: window, softCap: softCap)
    }
}

/// The greatest difference, in units of the greatest expected magnitude.
func distance(_ values: Tensor, _ expected: Tensor) -> Double {
    relativeError(values.scalars, expected.scalars.map(Double.init))
}

/// Attention by its definition, row by row.
private func plainAttention(
    _ inputs: [[Double]], _ forest: Forest, heads: Int, keyValueHeads: Int, size: Int, scale: Double,
    window: Int,
    softCap: Double?
) -> [Double] {
    let (q, k, v) = (inputs[0], inputs[1], inputs[2])
    var output = [Double](repeating: 0, count: q.count)
    for (index, rows) in forest.rows.enumerated() {
        var above: [Int] = []
        var parent = forest.segments[index].parent
        while let segment = parent {
            above += Array(forest.rows[segment])
            parent = forest.segments[segment].parent
        }
        for row in rows {
            let seen = (above + Array(rows.lowerBound...row)).filter {
                Int(forest.positions[row] - forest.positions[$0]) < window
            }
            for head in 0..<heads {
                let group = head * keyValueHeads / heads
                let scores = seen.map { other -> Double in
                    let dot = (0..<size).reduce(0.0) {
                        $0 + q[(row * heads + head) * size + $1]
                            * k[(other * keyValueHeads + group) * size + $1]
                    }
                    return softCap.map { $0 * tanh(scale * dot / $0) } ?? scale * dot
                }
                let total = scores.reduce(0) { $0 + exp($1) }
                for (score, other) in zip(scores, seen) {
                    for d in 0..<size {
                        output[(row * heads + head) * size + d] +=
                            exp(score) / total * v[(other * keyValueHeads + group) * size + d]
                    }
                }
            }
        }
    }
    return output
}
