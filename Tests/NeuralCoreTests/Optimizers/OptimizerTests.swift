import Foundation
import NeuralCore
import Testing

/// A wide matrix, a tall one, and a vector.
private struct Weights: Module {
    var wide: Tensor
    var tall: Tensor
    var vector: Tensor

    init(_ values: [String: [Float]]) {
        wide = Tensor(values["wide"] ?? [], shape: [5, 7])
        tall = Tensor(values["tall"] ?? [], shape: [9, 4])
        vector = Tensor(values["vector"] ?? [], shape: [6])
    }

    mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
        visitor.visit(&wide, named: "wide")
        visitor.visit(&tall, named: "tall")
        visitor.visit(&vector, named: "vector")
    }

    /// What `gradient` is the gradient of.
    func slope(_ gradient: Weights) -> Tensor {
        (wide * gradient.wide).sum() + (tall * gradient.tall).sum() + (vector * gradient.vector).sum()
    }
}

/// What Fixtures/optimizers.py wrote.
private struct Golden: Decodable {
    let start: [String: [Float]]
    let gradients: [[String: [Float]]]
    let results: [String: [String: [Float]]]

    static func read() throws -> Golden {
        try JSONDecoder().decode(Golden.self, from: fixture("optimizers.json"))
    }
}

/// An optimizer of the fixture.
struct OptimizerCase: Sendable, CustomTestStringConvertible {
    let name: String
    let learningRate: Float
    let make: @Sendable () -> any Optimizer

    var testDescription: String { name }

    static let all = [
        OptimizerCase(name: "AdamW", learningRate: 1e-2) {
            AdamW(beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1)
        },
        OptimizerCase(name: "SGD", learningRate: 1e-2) { SGD() },
        OptimizerCase(name: "SGD with momentum", learningRate: 1e-2) { SGD(momentum: 0.9, weightDecay: 0.1) },
        OptimizerCase(name: "SGD with Nesterov", learningRate: 1e-2) {
            SGD(momentum: 0.9, isNesterov: true, weightDecay: 0.1)
        },
        OptimizerCase(name: "Adafactor", learningRate: 1e-2) { Adafactor(weightDecay: 0.1) },
        OptimizerCase(name: "Lion", learningRate: 1e-3) { Lion(beta1: 0.9, beta2: 0.99, weightDecay: 0.1) },
        OptimizerCase(name: "Muon", learningRate: 2e-2) { Muon(weightDecay: 0.1) },
    ]
}

@Suite struct OptimizerTests {
    private func step(
        _ optimizer: inout some Optimizer, _ weights: inout Weights, _ gradient: [String: [Float]],
        learningRate: Float
    ) {
        let constant = Weights(gradient)
        let (_, gradient) = valueWithGradient(at: weights) { $0.slope(constant) }
        optimizer.update(&weights, along: gradient, learningRate: learningRate)
    }

    private func run(
        _ optimizer: some Optimizer, from start: Weights, along gradients: [[String: [Float]]],
        learningRate: Float
    ) -> Weights {
        var (optimizer, weights) = (optimizer, start)
        for gradient in gradients { step(&optimizer, &weights, gradient, learningRate: learningRate) }
        return weights
    }

    private func greatestDifference(_ weights: Weights, _ expected: [String: [Float]]) -> Float {
        weights.parameters.reduce(0) { worst, parameter in
            let reference = expected[parameter.name] ?? []
            guard reference.count == parameter.value.count else { return .infinity }
            return zip(parameter.value.scalars, reference).reduce(worst) { max($0, abs($1.0 - $1.1)) }
        }
    }

    @Test(arguments: OptimizerCase.all)
    func tenStepsMatchPyTorch(_ optimizer: OptimizerCase) throws {
        let golden = try Golden.read()
        forEachVariant { variant in
            let weights = run(
                optimizer.make(), from: Weights(golden.start), along: golden.gradients,
                learningRate: optimizer.learningRate)
            // Ten steps move the weights by about a tenth; a wrong formula differs by a part of that.
            #expect(greatestDifference(weights, golden.start) > 5e-3, "\(variant)")
            #expect(greatestDifference(weights, golden.results[optimizer.name] ?? [:]) < 2e-6, "\(variant)")
        }
    }

    @Test(arguments: OptimizerCase.all)
    func stateCarriesOverToAnotherOptimizer(_ optimizer: OptimizerCase) throws {
        let golden = try Golden.read()
        var weights = Weights(golden.start)
        var first = optimizer.make()
        for gradient in golden.gradients.prefix(4) {
            step(&first, &weights, gradient, learningRate: optimizer.learningRate)
        }
        var second = optimizer.make()
        second.state = first.state
        let resumed = run(
            second, from: weights, along: Array(golden.gradients.dropFirst(4)),
            learningRate: optimizer.learningRate)
        let through = run(
            optimizer.make(), from: Weights(golden.start), along: golden.gradients,
            learningRate: optimizer.learningRate)
        #expect(resumed.parameters.map(\.value.scalars) == through.parameters.map(\.value.scalars))
    }

    @Test(arguments: OptimizerCase.all)
    func updateWritesInPlace(_ optimizer: OptimizerCase) throws {
        let golden = try Golden.read()
        var weights = Weights(golden.start)
        var moving = optimizer.make()
        let before = weights.addresses
        for gradient in golden.gradients {
            step(&moving, &weights, gradient, learningRate: optimizer.learningRate)
            #expect(weights.addresses == before)
        }
    }

    @Test func updateCopiesNoBytes() async {
        // In a process of its own, whose copies are all counted.
        await #expect(processExitsWith: .success) {
            let golden = try Golden.read()
            let constant = Weights(golden.gradients[0])
            for optimizer in OptimizerCase.all {
                var weights = Weights(golden.start)
                var moving = optimizer.make()
                for _ in 0..<3 {
                    let (_, gradient) = valueWithGradient(at: weights) { $0.slope(constant) }
                    let before = CopyCount.bytes
                    moving.update(&weights, along: gradient, learningRate: 1e-2)
                    #expect(CopyCount.bytes == before, "\(optimizer.name)")
                }
            }
        }
    }

    @Test func muonMovesMatricesSideBySideAsOneAfterAnother() throws {
        let golden = try Golden.read()
        let results = [0, 1 << 23].map { elements in
            var optimizer = Muon(weightDecay: 0.1)
            optimizer.elementsSideBySide = elements
            let weights = run(
                optimizer, from: Weights(golden.start), along: golden.gradients, learningRate: 2e-2)
            return weights.parameters.map(\.value.scalars)
        }
        #expect(results[0] == results[1])
    }

    /// Operands of the iteration's products lose all but eight bits; the direction of the update stays.
    @Test func muonInBfloat16MovesNearlyAlike() throws {
        let golden = try Golden.read()
        forEachVariant { variant in
            let moved = [MatrixPrecision.float32, .bfloat16].map { precision in
                run(
                    Muon(precision: precision), from: Weights(golden.start), along: golden.gradients,
                    learningRate: 2e-2)
            }
            for name in ["wide", "tall"] {
                guard let start = golden.start[name],
                    let exact = moved[0].parameters.first(where: { $0.name == name })?.value.scalars,
                    let rounded = moved[1].parameters.first(where: { $0.name == name })?.value.scalars
                else {
                    Issue.record("no matrix \(name)")
                    continue
                }
                let distance = zip(exact, rounded).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
                let path = zip(exact, start).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
                #expect((distance / path).squareRoot() < 0.05, "\(variant), \(name)")
                #expect(distance > 0, "\(variant), \(name)")
            }
        }
    }

    @Test func aSharedModelKeepsItsNumbers() throws {
        let golden = try Golden.read()
        var weights = Weights(golden.start)
        let reference = weights
        var optimizer: any Optimizer = AdamW()
        step(&optimizer, &weights, golden.gradients[0], learningRate: 1e-2)
        #expect(greatestDifference(reference, golden.start) == 0)
        #expect(greatestDifference(weights, golden.start) > 0)
    }

    @Test func ruleScalesRateAndDecayByNameAndShape() throws {
        let golden = try Golden.read()
        let rule = ParameterRule { name, shape in
            ParameterTreatment(
                learningRateScale: name == "tall" ? 0 : 1, weightDecayScale: shape.rank == 1 ? 1 : 0)
        }
        let zero = golden.start.mapValues { $0.map { _ in Float(0) } }
        let weights = run(
            AdamW(weightDecay: 0.5, rule: rule), from: Weights(golden.start), along: [zero], learningRate: 0.1
        )
        #expect(weights.wide.scalars == golden.start["wide"])
        #expect(weights.tall.scalars == golden.start["tall"])
        #expect(weights.vector.scalars == golden.start["vector"]?.map { $0 * (1 - Float(0.1) * 0.5) })
    }

    @Test(arguments: OptimizerCase.all)
    func sameBitsForAnyNumberOfThreads(_ optimizer: OptimizerCase) {
        var random = RandomSource(seed: 3)
        // Large enough for several ranges of elements and rows.
        let start = Inputs(
            tensors: [
                Tensor(of: [400, 300], from: .normal(), using: &random),
                Tensor(of: [70_000], from: .normal(), using: &random),
            ])
        let results = [1, 2, 3].map { threads in
            withThreads(threads) {
                var (weights, moving) = (start, optimizer.make())
                for _ in 0..<2 {
                    let (_, gradient) = valueWithGradient(at: weights) { weights in
                        (weights.tensors[0].squared() * 0.1).sum() + weights.tensors[1].tanh().sum()
                    }
                    moving.update(&weights, along: gradient, learningRate: 1e-2)
                }
                return weights.tensors.map(\.scalars)
            }
        }
        #expect(results[1] == results[0] && results[2] == results[0])
    }
}

extension Weights {
    /// Where the elements of each parameter lie.
    fileprivate var addresses: [UnsafePointer<Float>?] {
        parameters.map { $0.value.withUnsafeBuffer(\.baseAddress) }
    }
}
