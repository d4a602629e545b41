import Alignment
import Foundation
import LanguageModel
import NeuralCore
import TestSupport
import Testing

/// Adapters in PEFT's format, against what PEFT computes and writes.
@Suite struct PEFTTests {
    static let cases = AdapterFixture.maps + AdapterFixture.joined + AdapterFixture.tables

    @Test(arguments: cases) func outputsAndGradientsAreThoseOfPEFT(_ name: String) throws {
        let expected = try Checkpoint(
            AdapterFixture.folder(name).appending(component: "expected.safetensors"))
        let model = try AdapterFixture.adapted(name)
        let tokens: [Int32] = try expected.integers("tokens")
        let wanted = try expected.tensor("logits")
        #expect(distance(logits(model.transformer, tokens), wanted) < 1e-5)
        #expect(distance(logits(model.merged, tokens), wanted) < 1e-5)
        let (loss, gradient) = valueWithGradient(at: model) {
            $0.transformer.loss(on: TokenBatch(predicting: [tokens]))
        }
        #expect(abs(loss - (try expected.tensor("loss").item())) < 1e-5 * loss)
        let found = Dictionary(uniqueKeysWithValues: gradient.parameters.map { ($0.name, $0.value) })
        var checked = 0
        for key in expected.keys where key.hasPrefix("gradient.") {
            guard let own = Self.gradient(key, among: found) else { continue }
            #expect(distance(own, try expected.tensor(key)) < 1e-4, "\(name), \(key)")
            checked += 1
        }
        // Several maps may be one there, and PEFT trains the two adapters of tied tables as one.
        let least = AdapterFixture.maps.contains(name) ? found.count : name.isJoined ? 7 : 1
        #expect(checked >= least || name == "tied-ensured")
        let merged = Dictionary(uniqueKeysWithValues: model.merged.parameters.map { ($0.name, $0.value) })
        for key in expected.keys where key.hasPrefix("merged.") {
            let weight = try #require(merged[String(key.dropFirst("merged.".count))])
            #expect(distance(weight, try expected.tensor(key)) < 1e-6, "\(name), \(key)")
        }
    }

    /// Our gradient of one of PEFT's parameters, such as `gradient.base_model.model.transformer.h.0.attn.c_attn.lora_A.weight`.
    private static func gradient(_ key: String, among found: [String: Tensor]) -> Tensor? {
        let name = key.replacing("gradient.base_model.model.", with: "")
        let words = name.split(separator: ".").map(String.init)
        guard words.count > 5, let maps = maps[words[3...4].joined(separator: ".")] else {
            return found[ownName(name)]
        }
        let array = words[5...].joined(separator: ".")
        let own = maps.compactMap { found["model.layers.\(words[2]).\($0).\(array)"] }
        guard own.count == maps.count else { return nil }
        // The A that several maps share has the sum of their gradients; of B each has its rows.
        if array == "lora_A.weight" { return own.dropFirst().reduce(own[0], +) }
        let joined = concatenated(own)
        guard words[4] == "query_key_value" else { return joined }
        // Two heads of eight channels: the query, the key and the value of one after those of the other.
        let order = [0, 2, 4, 1, 3, 5].flatMap { block in (0..<8).map { Int32(block * 8 + $0) } }
        return joined.rows(at: order)
    }

    /// Our name of a parameter that stands for itself.
    private static func ownName(_ name: String) -> String {
        let others = [
            "transformer.wpe.": "model.embed_positions.", "gpt_neox.embed_in.": "model.embed_tokens.",
            "gpt_neox.final_layer_norm.": "model.norm.", "gpt_neox.": "model.",
        ]
        for (theirs, own) in others.sorted(by: { $0.key.count > $1.key.count }) where name.hasPrefix(theirs) {
            return own + name.dropFirst(theirs.count)
        }
        return name
    }

    private static let maps = [
        "self_attn.qkv_proj": ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"],
        "mlp.gate_up_proj": ["mlp.gate_proj", "mlp.up_proj"],
        "attention.query_key_value": ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"],
        "attention.dense": ["self_attn.o_proj"], "mlp.dense_h_to_4h": ["mlp.up_proj"],
        "mlp.dense_4h_to_h": ["mlp.down_proj"],
        "attn.c_attn": ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"],
        "attn.c_proj": ["self_attn.o_proj"], "mlp.c_fc": ["mlp.up_proj"], "mlp.c_proj": ["mlp.down_proj"],
    ]

    @Test(arguments: cases) func whatIsWrittenIsWhatPEFTWrote(_ name: String) throws {
        let model = try AdapterFixture.adapted(name)
        try withTemporaryFolder { folder in
            let directory = ModelDirectory(folder)
            try directory.write(model, base: "somewhere")
            let (ours, theirs) = (
                try Checkpoint(folder.appending(component: "adapter_model.safetensors")),
                try Checkpoint(AdapterFixture.folder(name).appending(component: "adapter_model.safetensors"))
            )
            // PEFT also writes the base's own table, of which nothing was trained.
            let keys = theirs.keys.filter { !$0.contains("base_layer") }
            #expect(Set(ours.keys) == Set(keys))
            for key in keys {
                #expect(ours.shape(of: key) == theirs.shape(of: key), "\(key)")
                #expect(try ours.tensor(key).scalars == theirs.tensor(key).scalars, "\(key)")
            }
            let again = try directory.adapter(for: model.base)
            if !name.isJoined { #expect(again.configuration == model.adapter.configuration) }
            for (read, written) in [
                (again.maps, model.adapter.maps), (again.tables, model.adapter.tables),
            ] { #expect(read.map(\.alpha) == written.map(\.alpha)) }
            let configuration = try String(
                contentsOf: folder.appending(component: "adapter_config.json"), encoding: .utf8)
            let isTransposed = configuration.contains("\"fan_in_fan_out\": true")
            #expect(isTransposed == name.hasPrefix("gpt2"))
        }
    }

    @Test func theBaseIsFoundBesideTheAdapter() throws {
        let model = try AdapterFixture.adapted("lora")
        try withTemporaryFolder { folder in
            try ModelDirectory(folder.appending(component: "base")).write(model.base)
            let adapter = ModelDirectory(folder.appending(component: "adapter"))
            try adapter.write(model, base: "../base")
            let read = try adapter.languageModel()
            for (a, b) in zip(read.parameters, model.merged.parameters) {
                #expect(a.value.scalars == b.value.scalars, "\(a.name)")
            }
            try adapter.write(model, base: "nowhere")
            #expect(throws: ModelDirectoryError.self) { try adapter.languageModel() }
        }
    }

    @Test func aRewardAdapterIsReadBack() throws {
        var random = RandomSource(seed: 4)
        let model = AdaptedRewardModel(try AdapterFixture.adapted("dora"), using: &random)
        try withTemporaryFolder { folder in
            try ModelDirectory(folder.appending(component: "base")).write(model.body.base)
            let directory = ModelDirectory(folder.appending(component: "adapter"))
            try directory.write(model, base: "../base")
            #expect(try directory.contents() == .rewardAdapter)
            let texts: [[Int32]] = [[1, 2, 3], [4, 5, 6, 7]]
            #expect(try directory.rewardModel().rewards(of: texts) == model.merged.rewards(of: texts))
        }
    }

    @Test(arguments: [
        ("\"peft_type\": \"LORA\"", "\"peft_type\": \"VERA\""),
        ("\"bias\": \"none\"", "\"bias\": \"all\""),
        ("\"lora_alpha\": 8", "\"lora_alpha\": \"much\""),
        ("\"r\": 4", "\"r\": -1"),
        ("\"init_lora_weights\": true", "\"init_lora_weights\": \"pissa\""),
        ("\"use_dora\": false", "\"use_dora\": true"),
    ])
    func whatIsNotUnderstoodIsRefused(_ right: String, _ wrong: String) throws {
        let base = try ParityRun.model()
        try withTemporaryFolder { folder in
            for name in ["adapter_config.json", "adapter_model.safetensors"] {
                try FileManager.default.copyItem(
                    at: AdapterFixture.folder("lora").appending(component: name),
                    to: folder.appending(component: name))
            }
            let file = folder.appending(component: "adapter_config.json")
            let text = try String(contentsOf: file, encoding: .utf8)
            #expect(text.contains(right))
            try text.replacing(right, with: wrong).write(to: file, atomically: true, encoding: .utf8)
            #expect(throws: ModelDirectoryError.self) { try ModelDirectory(folder).adapter(for: base) }
        }
    }

    @Test func anAdapterOfAnotherModelIsRefused() throws {
        var random = RandomSource(seed: 1)
        let other = Transformer(
            TransformerConfiguration(family: .llama, vocabularySize: 37, width: 32, depth: 2),
            using: &random)
        #expect(throws: ModelDirectoryError.self) {
            try ModelDirectory(AdapterFixture.folder("lora")).adapter(for: other)
        }
    }

    /// Of what was trained here, queries, keys and values have an A each, or none.
    @Test(
        arguments: [
            [.query, .key, .value], [.query, .value], [.key, .output],
            Set(LowRankConfiguration.Target.allCases),
        ] as [Set<LowRankConfiguration.Target>], [false, true])
    func whatWasTrainedHereReadsBack(_ targets: Set<LowRankConfiguration.Target>, _ isDoRA: Bool) throws {
        for family in ["gpt2", "phi3", "gpt_neox"] { try expectItReadsBack(family, targets, isDoRA) }
    }

    private func expectItReadsBack(
        _ family: String, _ targets: Set<LowRankConfiguration.Target>, _ isDoRA: Bool
    ) throws {
        let base = try AdapterFixture.base(family)
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

extension String {
    /// True of an adapter whose maps PEFT keeps three in one.
    fileprivate var isJoined: Bool { AdapterFixture.joined.contains(self) }
}
