import Foundation
import LanguageModel
import NeuralCore
import TestSupport
import Testing

@Suite struct MixtureOfExpertsTests {
    static let families: [TransformerConfiguration.Family] = [.mixtral, .qwen3MoE]

    static func model(_ family: TransformerConfiguration.Family) -> Transformer {
        var configuration = TransformerConfiguration(
            family: family, vocabularySize: 60, width: 32, depth: 3, heads: 2, feedForwardWidth: 64)
        if family == .qwen3MoE { configuration.experts?.denseLayers = [1] }
        configuration.experts?.losses.balances = true
        configuration.experts?.losses.balance = 0.5
        configuration.experts?.losses.z = 0.25
        var random = RandomSource(seed: 1)
        var model = Transformer(configuration, using: &random)
        // Routers that choose, not ones that are almost equal.
        model.forEachParameter { name, parameter in
            if name.hasSuffix("mlp.gate.weight") { parameter = parameter * 40 }
        }
        return model
    }

    static func batch(_ lengths: [Int], seed: UInt64 = 2) -> TokenBatch {
        var random = RandomSource(seed: seed)
        return TokenBatch(
            predicting: lengths.map { length in (0..<length).map { _ in Int32(random.integer(in: 0..<60)) } })
    }

    /// Every expert on every token, those that were not chosen with the weight zero.
    @Test(arguments: [true, false]) func aTokenGoesThroughItsExpertsAlone(_ normalizesWeights: Bool) throws {
        var configuration = TransformerConfiguration(
            family: .qwen3MoE, vocabularySize: 60, width: 32, depth: 1, heads: 2, feedForwardWidth: 64)
        configuration.experts = .init(count: 5, perToken: 3, width: 24)
        configuration.experts?.normalizesWeights = normalizesWeights
        configuration.initializationScale = 0.5
        var random = RandomSource(seed: 3)
        let model = Transformer(configuration, using: &random)
        let layer = try #require(model.blocks[0].experts)
        let x = Tensor(of: [9, 32], from: .normal(), using: &random)
        let (output, logits) = layer(x, precision: .float32)
        let probabilities = logits.softmax().scalars
        var expected = Tensor(zeros: [9, 32])
        for (index, expert) in layer.experts.enumerated() {
            let weights = (0..<9).map { row -> Float in
                let own = probabilities[row * 5..<row * 5 + 5].map(\.self)
                let chosen = own.sorted(by: >).prefix(3)
                guard chosen.contains(own[index]) else { return 0 }
                return own[index] / (normalizesWeights ? chosen.reduce(0, +) : 1)
            }
            expected = expected + expert(x, precision: .float32) * Tensor(weights, shape: [9, 1])
        }
        #expect(relativeError(output, expected) < 1e-5)
    }

    /// With a router of zeros all experts are equally probable: p = 1/E, log Σ exp x = log E.
    @Test func lossesOfAnIndifferentRouterHaveClosedForms() {
        var model = Self.model(.mixtral)
        model.forEachParameter { name, parameter in
            if name.hasSuffix("mlp.gate.weight") { parameter = Tensor(zeros: parameter.shape) }
        }
        let batch = Self.batch([7, 12])
        let sum = model.loss(on: batch).item()
        model.routerLosses = .init()
        let alone = model.loss(on: batch).item()
        // E · Σ fₑ / E is the number of experts that a token goes through.
        let expected = 0.5 * 2 + 0.25 * pow(log(Float(8)), 2)
        #expect(abs(sum - alone - expected) < 1e-5)
    }

    /// But for the order in which gradients are added up.
    @Test(arguments: families) func recomputingBlocksChangesNothing(
        _ family: TransformerConfiguration.Family
    ) {
        var model = Self.model(family)
        let batch = Self.batch([20, 13])
        let results = [false, true].map { recomputes in
            model.recomputesBlocks = recomputes
            let (loss, gradient) = valueWithGradient(at: model) { $0.loss(on: batch) }
            return (loss, gradient.parameters)
        }
        #expect(results[0].0 == results[1].0)
        for (plain, recomputed) in zip(results[0].1, results[1].1) {
            #expect(relativeError(recomputed.value, plain.value) < 1e-5, "\(plain.name)")
        }
    }

    @Test(arguments: families, MatrixPrecision.allCases) func theSameBitsWithAnyNumberOfThreads(
        _ family: TransformerConfiguration.Family, _ precision: MatrixPrecision
    ) {
        let batch = Self.batch([40, 33, 64, 12])
        let before = ThreadPool.count
        defer { ThreadPool.count = before }
        let results = [1, 2, 3].map { threads in
            ThreadPool.count = threads
            var model = Self.model(family)
            model.precision = precision
            var training = Pretraining(model, schedule: .constant(1e-2))
            for _ in 0..<3 { training.step(on: batch) }
            return training.model.parameters.map(\.value.scalars)
        }
        #expect(results[0] == results[1] && results[0] == results[2])
    }

    /// The rows of each expert differ from step to step.
    @Test func aSteadyStepTakesNoBufferFromTheSystem() async {
        await #expect(processExitsWith: .success) {
            var training = Pretraining(MixtureOfExpertsTests.model(.mixtral), schedule: .constant(1e-3))
            for step in 0..<24 {
                let buffers = BufferPool.shared.statistics.systemAllocations
                training.step(on: MixtureOfExpertsTests.batch([64, 64], seed: UInt64(step)))
                if step > 12 {
                    #expect(BufferPool.shared.statistics.systemAllocations == buffers, "step \(step)")
                }
            }
        }
    }

    @Test func numbersThatAreNoNumbersChooseSomeExperts() throws {
        var model = Self.model(.mixtral)
        model.forEachParameter { name, parameter in
            if name.contains("embed") { parameter = parameter * Float.infinity }
        }
        var training = Pretraining(model, schedule: .constant(1e-3))
        #expect(training.step(on: Self.batch([20])).refusal != nil)
    }

    @Test(arguments: families) func parametersAreCounted(_ family: TransformerConfiguration.Family) {
        let model = Self.model(family)
        #expect(model.configuration.parameterCount == model.parameters.reduce(0) { $0 + $1.value.count })
        // Two of eight experts of a layer are met.
        let experts = model.configuration.experts!
        let layers = family == .mixtral ? 3 : 2
        let unmet = 6 * layers * 3 * 32 * experts.width
        let operations = model.configuration.trainingOperationsPerToken(sequenceLength: 0)
        #expect(operations == 6 * Double(model.configuration.parameterCount - unmet))
    }

    @Test(arguments: [
        ("num_experts_per_tok", 7, "no more than the experts"), ("num_local_experts", 5000, "4096"),
        ("num_local_experts", -1, "4096"), ("router_aux_loss_coef", -1, "a number from 0"),
        ("moe_intermediate_size", 0, "from 1"), ("decoder_sparse_step", 0, "from 1"),
    ])
    func numbersOutOfRangeAreNamed(_ key: String, _ value: Int, _ expected: String) throws {
        let folder = fixture("Families/qwen3_moe")
        let error = #expect(throws: ModelDirectoryError.self) {
            try withModel(folder, changing: [key: value]) { try $0.configuration() }
        }
        guard case .malformed(file: _, key: let named, found: _, expected: let text) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(named == key && text.contains(expected))
    }

    /// A false number of experts costs no memory before it is refused.
    @Test func moreExpertsThanTheFileHoldsAreRefused() throws {
        let folder = fixture("Families/qwen3_moe")
        let changes: [String: Any] = [
            "num_local_experts": 4096, "num_hidden_layers": 4096, "moe_intermediate_size": 1,
        ]
        #expect(throws: ModelDirectoryError.self) {
            try withModel(folder, changing: changes) { try $0.transformer() }
        }
    }

    @Test func whatNoFileCanSayIsRefused() throws {
        try withTemporaryFolder { folder in
            func refused(
                _ family: TransformerConfiguration.Family, _ change: (inout TransformerConfiguration) -> Void
            ) {
                var configuration = TransformerConfiguration(
                    family: family, vocabularySize: 60, width: 32, depth: 2, heads: 2, feedForwardWidth: 64)
                change(&configuration)
                var random = RandomSource(seed: 1)
                let model = Transformer(configuration, using: &random)
                let error = #expect(throws: ModelDirectoryError.self) {
                    try ModelDirectory(folder).write(model)
                }
                guard case .unsupported = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
            }
            refused(.mixtral) { $0.experts = nil }
            refused(.mixtral) { $0.experts?.denseLayers = [0] }
            refused(.mixtral) { $0.experts?.width = 32 }
            refused(.mixtral) { $0.experts?.normalizesWeights = false }
            refused(.llama) { $0.experts = .init(count: 4, perToken: 2, width: 8) }
            refused(.qwen3MoE) { ($0.slidingWindow, $0.fullAttentionLayers) = (8, [0]) }
        }
    }

    /// The names of a layer's matrices in the files of each family.
    static let names:
        [TransformerConfiguration.Family: (layer: String, gate: String, up: String, down: String)] = [
            .mixtral: ("block_sparse_moe", "w1", "w3", "w2"),
            .qwen3MoE: ("mlp", "gate_proj", "up_proj", "down_proj"),
        ]

    @Test(arguments: families) func filesHaveTheNamesThatTransformersGives(
        _ family: TransformerConfiguration.Family
    ) throws {
        try withTemporaryFolder { folder in
            let original = fixture("Families/\(family.rawValue)")
            try ModelDirectory(folder).write(ModelDirectory(original).transformer())
            let (written, expected) = (try Checkpoint(folder), try Checkpoint(original))
            #expect(written.keys.sorted() == expected.keys.sorted())
            for key in expected.keys {
                #expect(try written.tensor(key).scalars == expected.tensor(key).scalars)
            }
        }
    }

    /// The form that transformers computes with: one array for all experts of a layer.
    @Test(arguments: families) func joinedExpertsAreRead(_ family: TransformerConfiguration.Family) throws {
        try withTemporaryFolder { folder in
            let original = fixture("Families/\(family.rawValue)")
            let checkpoint = try Checkpoint(original)
            let directory = ModelDirectory(original)
            let experts = try #require(try directory.configuration().experts)
            let names = try #require(Self.names[family])
            try FileManager.default.copyItem(
                at: original.appending(component: "config.json"),
                to: folder.appending(component: "config.json"))
            var writer = SafetensorsWriter()
            for key in checkpoint.keys where !key.contains(".experts.") {
                writer.add(
                    try checkpoint.tensor(key), named: key.replacing(".\(names.layer).", with: ".mlp."))
            }
            for layer in [0, 1, 2] {
                let old = "model.layers.\(layer).\(names.layer).experts"
                guard checkpoint.shape(of: "\(old).0.\(names.up).weight") != nil else { continue }
                func joined(_ maps: [String]) throws -> Tensor {
                    let parts = try (0..<experts.count).flatMap { expert in
                        try maps.map { try checkpoint.tensor("\(old).\(expert).\($0).weight") }
                    }
                    let all = concatenated(parts)
                    return all.reshaped(
                        to: [experts.count, all.shape[0] / experts.count, all.shape[1]])
                }
                let new = "model.layers.\(layer).mlp.experts"
                writer.add(try joined([names.gate, names.up]), named: "\(new).gate_up_proj")
                writer.add(try joined([names.down]), named: "\(new).down_proj")
            }
            try writer.write(to: folder.appending(component: "model.safetensors"))
            let (read, expected) = (try ModelDirectory(folder).transformer(), try directory.transformer())
            for (found, expected) in zip(read.parameters, expected.parameters) {
                #expect(found.name == expected.name)
                #expect(found.value.scalars == expected.value.scalars)
            }
            // Of another shape, such as that of another number of experts.
            let error = #expect(throws: ModelDirectoryError.self) {
                try withModel(folder, changing: ["num_local_experts": experts.count + 1]) {
                    try $0.transformer()
                }
            }
            guard case .checkpoint(.misshapen) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test func aModelWithoutExpertsIsOneToo() throws {
        try withTemporaryFolder { folder in
            var configuration = TransformerConfiguration(
                family: .qwen3MoE, vocabularySize: 60, width: 32, depth: 2, heads: 2)
            configuration.experts = nil
            var random = RandomSource(seed: 1)
            let model = Transformer(configuration, using: &random)
            try ModelDirectory(folder).write(model)
            #expect(try ModelDirectory(folder).transformer().configuration == configuration)
        }
    }
}
