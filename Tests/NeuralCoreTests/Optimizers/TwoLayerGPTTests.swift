import Foundation
import NeuralCore
import Testing

/// The whole of the library at once, against PyTorch: `Fixtures/TwoLayerGPT/make_gpt.py`.
@Suite struct TwoLayerGPTTests {
    let expected: Checkpoint
    let model: TwoLayerGPT
    let ids: [Int32]
    let forest: Forest
    let targets: [TokenTarget]

    init() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/TwoLayerGPT")
        expected = try Checkpoint(folder.appending(component: "gpt.safetensors"))
        var model = TwoLayerGPT()
        let layout = ParameterLayout(ignoring: { !$0.hasPrefix("parameter.") }) {
            .init(key: "parameter." + $0)
        }
        try expected.loadParameters(into: &model, layout: layout)
        self.model = model
        ids = try expected.integers("tokens")
        let lengths = try expected.integers("lengths", as: Int.self)
        forest = Forest(sequenceLengths: lengths)
        var targets: [TokenTarget] = []
        for rows in forest.rows {
            for row in rows.dropLast() { targets.append(TokenTarget(row: Int32(row), token: ids[row + 1])) }
        }
        self.targets = targets
    }

    func loss(of model: TwoLayerGPT) -> Tensor {
        languageHeadLoss(model.hidden(ids, over: forest), weight: model.tokens.weight, targets: targets).total
            / Float(targets.count)
    }

    /// Key biases shift all scores of a row alike, so their true gradient is zero and what is computed is rounding.
    func isExempt(_ name: String) -> Bool { name.hasSuffix("key.bias") }

    @Test func logitsMatch() throws {
        let logits = linear(model.hidden(ids, over: forest), weight: model.tokens.weight)
        let error = relativeError(logits, try expected.tensor("logits"))
        #expect(error < 1e-4, "\(error)")
    }

    @Test func lossAndEveryGradientMatch() throws {
        let (value, gradient) = valueWithGradient(at: model) { loss(of: $0) }
        let expectedLoss = try expected.tensor("loss").item()
        #expect(abs(value - expectedLoss) < 1e-4 * expectedLoss)
        let found = gradient.parameters
        let wanted = try found.map { try expected.tensor("gradient.\($0.name)") }
        let total = wanted.reduce(0) { $0 + norm($1) * norm($1) }.squareRoot()
        for (gradient, wanted) in zip(found, wanted) where !isExempt(gradient.name) {
            let error = distance(gradient.value, wanted) / total
            #expect(error < 1e-4, "\(gradient.name): \(error) of the global norm")
        }
    }

    @Test func tenStepsOfAdamWMatch() throws {
        try train(AdamW(beta1: 0.9, beta2: 0.95, weightDecay: 0.1), learningRate: 1e-3, as: "adamw")
    }

    @Test func tenStepsOfMuonMatch() throws {
        let muon = Muon(
            adamW: AdamW(beta1: 0.9, beta2: 0.95, weightDecay: 0.1), adamWScale: 0.05,
            isMoved: { name, shape in name.hasPrefix("blocks") && shape.rank == 2 })
        try train(muon, learningRate: 0.02, as: "muon")
    }

    private func train(_ optimizer: some Optimizer, learningRate: Float, as run: String) throws {
        var (model, optimizer) = (model, optimizer)
        let losses = try expected.tensor("\(run).losses").scalars
        for step in 0..<10 {
            let (value, gradient) = valueWithGradient(at: model) { loss(of: $0) }
            #expect(
                abs(value - losses[step]) < 1e-4 * losses[step], "step \(step): \(value), not \(losses[step])"
            )
            optimizer.update(&model, along: gradient, learningRate: learningRate)
        }
        for (name, value) in model.parameters where !isExempt(name) {
            let error = relativeError(value, try expected.tensor("\(run).\(name)"))
            #expect(error < 1e-4, "\(name): \(error)")
        }
    }
}

/// In processes of their own, because pool and copy count are the process's.
@Suite struct SteadyStepTests {
    @Test func aStepCopiesNoParameterAndTakesNoBufferFromTheSystem() async {
        await #expect(processExitsWith: .success) {
            let test = try TwoLayerGPTTests()
            var (model, optimizer) = (test.model, AdamW())
            for step in 0..<10 {
                let buffers = BufferPool.shared.statistics.systemAllocations
                let (_, gradient) = valueWithGradient(at: model) { test.loss(of: $0) }
                let copies = CopyCount.bytes
                optimizer.update(&model, along: gradient, learningRate: 1e-3)
                // The first step copies the parameters once, because the test still holds them.
                if step > 0 { #expect(CopyCount.bytes == copies) }
                // The next few replace buffers by larger ones, as many as the processor's workspaces ask for.
                if step > 4 { #expect(BufferPool.shared.statistics.systemAllocations == buffers) }
            }
        }
    }
}
