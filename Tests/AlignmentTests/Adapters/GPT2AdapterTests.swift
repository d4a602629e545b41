import Alignment
import Foundation
import LanguageModel
import NeuralCore
import TestSupport
import Testing

/// Adapters of gpt2 in PEFT's format, where one adapter serves queries, keys and values, against what PEFT computes;
/// `Fixtures/Adapters/make_gpt2_adapters.py` made the fixtures.
@Suite struct GPT2AdapterTests {
    static let cases = ["gpt2", "gpt2-dora", "gpt2-patterns"]

    private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/Adapters")

    private func base() throws -> Transformer {
        try ModelDirectory(Self.fixtures.appending(component: "gpt2-base")).transformer()
    }

    private func adapted(_ name: String) throws -> AdaptedTransformer {
        let base = try base()
        let directory = ModelDirectory(Self.fixtures.appending(component: name))
        return base.applying(try directory.adapter(for: base))
    }

    private func expected(_ name: String) throws -> Checkpoint {
        try Checkpoint(Self.fixtures.appending(components: name, "expected.safetensors"))
    }

    /// The norm of a difference, relative to that of what is expected.
    private func distance(_ found: Tensor, _ expected: Tensor) -> Double {
        guard found.shape == expected.shape else { return .infinity }
        return ((found - expected).sumOfSquares() / max(expected.sumOfSquares(), 1e-12)).squareRoot()
    }

    private func logits(_ transformer: Transformer, _ tokens: [Int32]) -> Tensor {
        transformer.logits(of: transformer(tokens, over: Forest(sequenceLengths: [tokens.count])))
    }

    @Test(arguments: cases) func outputsAndGradientsAreThoseOfPEFT(_ name: String) throws {
        let expected = try expected(name)
        let model = try adapted(name)
        let tokens: [Int32] = try expected.integers("tokens")
        #expect(distance(logits(model.transformer, tokens), try expected.tensor("logits")) < 1e-5)
        let (loss, gradient) = valueWithGradient(at: model) {
            $0.transformer.loss(on: TokenBatch(predicting: [tokens]))
        }
        #expect(abs(loss - (try expected.tensor("loss").item())) < 1e-5 * loss)
        let found = Dictionary(uniqueKeysWithValues: gradient.parameters.map { ($0.name, $0.value) })
        var checked = 0
        for key in expected.keys where key.hasPrefix("gradient.") {
            let words = key.split(separator: ".")
            // gradient.base_model.model.transformer.h.0.attn.c_attn.lora_A.weight
            let (block, map) = (words[5], words[6...7].joined(separator: "."))
            let array = words[8...].joined(separator: ".")
            let parts = try #require(Self.parts[map]).map { part in
                found["model.layers.\(block).\(part).\(array)"]
            }
            let own = try parts.map { try #require($0, "\(key)") }
            // The A that three maps share has the sum of their gradients; of B each has its rows.
            let gradient = array == "lora_A.weight" ? own.dropFirst().reduce(own[0], +) : concatenated(own)
            #expect(distance(gradient, try expected.tensor(key)) < 1e-4, "\(name), \(key)")
            checked += 1
        }
        #expect(checked > 6)
    }

    private static let parts = [
        "attn.c_attn": ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"],
        "attn.c_proj": ["self_attn.o_proj"], "mlp.c_fc": ["mlp.up_proj"], "mlp.c_proj": ["mlp.down_proj"],
    ]

    @Test(arguments: cases) func whatIsWrittenIsWhatPEFTWrote(_ name: String) throws {
        let model = try adapted(name)
        try withTemporaryFolder { folder in
            try ModelDirectory(folder).write(model, base: "somewhere")
            let (ours, theirs) = (
                try Checkpoint(folder.appending(component: "adapter_model.safetensors")),
                try Checkpoint(Self.fixtures.appending(components: name, "adapter_model.safetensors"))
            )
            #expect(Set(ours.keys) == Set(theirs.keys))
            for key in theirs.keys {
                #expect(ours.shape(of: key) == theirs.shape(of: key), "\(key)")
                #expect(try ours.tensor(key).scalars == theirs.tensor(key).scalars, "\(key)")
            }
            let configuration = try String(
                contentsOf: folder.appending(component: "adapter_config.json"), encoding: .utf8)
            #expect(configuration.contains("\"fan_in_fan_out\": true"))
            let again = try ModelDirectory(folder).adapter(for: model.base)
            #expect(again.maps.map(\.alpha) == model.adapter.maps.map(\.alpha))
        }
    }

    /// Of what was trained here, queries, keys and values have an A each, or none.
    @Test(
        arguments: [
            [.query, .key, .value], [.query, .value], [.key, .output],
            Set(LowRankConfiguration.Target.allCases),
        ] as [Set<LowRankConfiguration.Target>], [false, true])
    func whatWasTrainedHereReadsBack(_ targets: Set<LowRankConfiguration.Target>, _ isDoRA: Bool) throws {
        let base = try base()
        var random = RandomSource(seed: 3)
        var configuration = LowRankConfiguration(rank: 2, alpha: 4)
        configuration.targets = targets
        configuration.learnsMagnitudes = isDoRA
        configuration.scaling = isDoRA ? .byRootOfRank : .byRank
        var adapter = LowRankAdapter(configuration, for: base, using: &random)
        for index in adapter.maps.indices {
            let shape = adapter.maps[index].up.shape
            let noise = random.numbers(shape.count, from: .normal(mean: 0, standardDeviation: 0.1))
            adapter.maps[index].up = Tensor(noise, shape: shape)
        }
        let model = base.applying(adapter)
        try withTemporaryFolder { folder in
            try ModelDirectory(folder).write(model, base: "somewhere")
            let copy = base.applying(try ModelDirectory(folder).adapter(for: base))
            let tokens: [Int32] = [3, 1, 4, 1, 5, 9, 2, 6]
            let difference = distance(logits(copy.transformer, tokens), logits(model.transformer, tokens))
            #expect(difference < 1e-5)
            #expect(distance(logits(base, tokens), logits(model.transformer, tokens)) > 1e-3)
        }
    }
}
