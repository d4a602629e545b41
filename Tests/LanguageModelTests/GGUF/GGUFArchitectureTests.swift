import Foundation
import LanguageModel
import NeuralCore
import TestSupport
import Testing

/// The families with an architecture of their own in llama.cpp: files of the `gguf` package, and what has no form there.
@Suite struct GGUFArchitectureTests {
    struct Expected: Decodable {
        struct Model: Decodable {
            var transformers: [[Float]]
            var llamaCPP: [[Float]]

            enum CodingKeys: String, CodingKey {
                case transformers
                case llamaCPP = "llama.cpp"
            }
        }

        var ids: [Int32]
        var positions: [Int]
        var columns: [Int]
        var models: [String: Model]
    }

    static let names = [
        "granite", "olmo2", "smollm3", "gemma2", "gemma3", "phi3", "gptneox", "qwen3moe", "mixtral",
        "qwen3-yarn",
    ]

    @Test(arguments: names) func logitsAreThoseOfTransformersAndLlamaCPP(_ name: String) throws {
        let (logits, own) = try Self.logits(name)
        // Fixtures are rounded to five places; 32-bit sums of some hundred terms of order one.
        #expect(GGUFModelTests.greatestDifference(logits, own.transformers) < 1e-4)
        // llama.cpp looks GELU up in a table of 16-bit numbers, which are good to one part in 2048, and has only the one
        // that is computed with tanh: some thousandths of logits of order five.
        let isTable = ["gemma2", "gemma3", "gptneox"].contains(name)
        #expect(GGUFModelTests.greatestDifference(logits, own.llamaCPP) < (isTable ? 5e-3 : 1e-4))
    }

    /// The logits of a fixture that were kept, and what others computed.
    private static func logits(_ name: String) throws -> ([[Float]], Expected.Model) {
        let url = fixture("GGUF/architectures.json")
        let expected = try JSONDecoder().decode(Expected.self, from: Data(contentsOf: url))
        let model = try ModelDirectory(fixture("GGUF/\(name).gguf")).transformer()
        let all = model.logits(
            of: model(expected.ids, over: Forest(sequenceLengths: [expected.ids.count])))
        let logits = expected.positions.map { row in
            let scalars = all[row..<row + 1].scalars
            return expected.columns.map { scalars[$0] }
        }
        return (logits, try #require(expected.models[name]))
    }

    /// llama.cpp rounds activations to 8 bits as well, in fourteen products, before and after the choice of experts;
    /// transformers has the rounded weights and nothing else.
    @Test func expertsQuantizedByLlamaCPPGiveItsLogits() throws {
        let (logits, own) = try Self.logits("qwen3moe-q8_0")
        let scale = own.llamaCPP.joined().map(abs).max() ?? 0
        #expect(GGUFModelTests.greatestDifference(logits, own.transformers) < 1e-4)
        #expect(GGUFModelTests.greatestDifference(logits, own.llamaCPP) < 0.05 * scale)
    }

    @Test(arguments: names) func tensorsAreWrittenAsTheConverterWritesThem(_ name: String) throws {
        try GGUFModelTests.expectSameContents(fixture("GGUF/\(name).gguf"))
    }

    // MARK: No form

    typealias Change = @Sendable (inout TransformerConfiguration) -> Void
    private static let llama3 = RotaryEmbedding.Scaling.llama3(
        factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContextLength: 64)
    private static let longrope = RotaryEmbedding.Scaling.longrope(
        shortFactors: [1, 1, 1, 1], longFactors: [2, 2, 2, 2], originalContextLength: 64, contextLength: 128,
        attentionFactor: 1)
    private static func yarn(
        _ factor: Double = 4, fast: Double = 32, slow: Double = 1, isRounded: Bool = true
    ) -> RotaryEmbedding.Scaling {
        .yarn(
            factor: factor, originalContextLength: 16, betaFast: fast, betaSlow: slow, attentionFactor: 1,
            isRounded: isRounded)
    }

    static let refusals: [(TransformerConfiguration.Family, String, Change)] = [
        (.qwen3, "qwen3.attention.sliding_window", { $0.slidingWindow = 16 }),
        (.qwen3, "blk.0.attn_output.bias", { $0.attentionBias = .all }),
        (.qwen3, "rope_freqs.weight", { $0.rotaryScaling = llama3 }),
        (.qwen2, "rope_freqs.weight", { $0.rotaryScaling = llama3 }),
        (.llama, "llama.rope.scaling.yarn_beta_fast", { $0.rotaryScaling = yarn(fast: 16) }),
        (.llama, "llama.rope.scaling.yarn_beta_slow", { $0.rotaryScaling = yarn(slow: 2) }),
        (.llama, "llama.rope.scaling.factor", { $0.rotaryScaling = yarn(0.5) }),
        (.llama, "truncate", { $0.rotaryScaling = yarn(isRounded: false) }),
        (.phi3, "phi3.rope.scaling.type", { $0.rotaryScaling = yarn() }),
        (
            .gemma3, "gemma3.rope.scaling.type",
            { ($0.slidingWindow, $0.slidingRotaryBase, $0.rotaryScaling) = (8, 500, yarn()) }
        ),
        (.granite, "rope_factors_short.weight", { $0.rotaryScaling = longrope }),
        (.smollm3, "no_rope_layers", { $0.unrotatedLayers = [0] }),
        (.smollm3, "blk.0.ffn_up.bias", { $0.feedForwardBias = true }),
        (.smollm3, "blk.0.attn_q.bias", { $0.attentionBias = .all }),
        (.olmo2, "blk.0.attn_q.bias", { $0.attentionBias = .all }),
        (.olmo2, "olmo2.attention.key_length", { $0.headSize = 16 }),
        (.olmo2, "rope_freqs.weight", { $0.rotaryScaling = llama3 }),
        (.phi3, "phi3.attention.sliding_window", { $0.slidingWindow = 16 }),
        (.phi3, "phi3.attention.key_length", { $0.headSize = 16 }),
        (.gptNeoX, "attention_bias", { $0.attentionBias = .none }),
        (.gptNeoX, "hidden_act", { $0.activation = .geluTanh }),
        (.gemma2, "gemma2.attn_logit_softcapping", { $0.attentionSoftCap = nil }),
        (.gemma2, "gemma2.final_logit_softcapping", { $0.logitSoftCap = nil }),
        (.gemma2, "output.weight", { $0.tiesEmbeddings = false }),
        (.gemma2, "query_pre_attn_scalar", { $0.attentionScale = 0.1 }),
        (.gemma3, "query_pre_attn_scalar", { $0.attentionScale = 0.1 }),
        (.gemma3, "gemma3.attn_logit_softcapping", { $0.attentionSoftCap = 50 }),
        (.gemma3, "blk.0.attn_q.bias", { $0.attentionBias = .all }),
        (
            .gemma3, "gemma3.rope.freq_base_swa",
            { ($0.slidingWindow, $0.rotaryScaling) = (8, .linear(factor: 2)) }
        ),
        (.qwen3MoE, "norm_topk_prob", { $0.experts?.normalizesWeights = false }),
        (.qwen3MoE, "mlp_only_layers", { $0.experts?.denseLayers = [0] }),
        (.qwen3MoE, "qwen3moe.expert_count", { $0.experts = nil }),
        (.qwen3MoE, "qwen3moe.expert_count", { $0.experts = .init(count: 1025, perToken: 1, width: 1) }),
        (.qwen3MoE, "qwen3moe.attention.sliding_window", { $0.slidingWindow = 16 }),
        (.qwen3MoE, "blk.0.attn_output.bias", { $0.attentionBias = .all }),
        (.qwen3MoE, "rope_freqs.weight", { $0.rotaryScaling = llama3 }),
        (.mixtral, "norm_topk_prob", { $0.experts?.normalizesWeights = false }),
        (.mixtral, "llama.attention.sliding_window", { $0.slidingWindow = 16 }),
        (.mixtral, "blk.0.attn_q.bias", { $0.attentionBias = .queryKeyValue }),
        (.llama, "tokenizer.ggml.eos_token_id", { $0.endOfSequence = [1, 2, 3, 4] }),
    ]

    @Test(arguments: refusals.indices) func whatLlamaCPPHasNoFormForIsRefusedByKey(_ index: Int) throws {
        let (family, key, change) = Self.refusals[index]
        var configuration = TransformerConfiguration(
            family: family, vocabularySize: 280, width: 32, depth: 1, heads: 4, contextLength: 64)
        if family == .gemma2 { (configuration.attentionSoftCap, configuration.logitSoftCap) = (50, 30) }
        let tokenizer = try BytePairTokenizer(directory: GGUFModelTests.plain)
        func write() throws {
            var random = RandomSource(seed: 6)
            let url = try GGUFModelTests.write(Transformer(configuration, using: &random), tokenizer)
            try FileManager.default.removeItem(at: url)
        }
        try write()
        change(&configuration)
        let error = #expect(throws: ModelDirectoryError.self) { try write() }
        guard case .checkpoint(.malformed(_, let found?, _, _))? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(found == key)
    }

    /// Scores of the largest gemmas are scaled by the width of a head's share, which no key says.
    @Test(arguments: [(TransformerConfiguration.Family.gemma2, 46), (.gemma3, 62)])
    func theLargestGemmasHaveAScaleOfTheirOwn(_ family: TransformerConfiguration.Family, _ depth: Int) throws
    {
        var configuration = TransformerConfiguration(
            family: family, vocabularySize: 280, width: 32, depth: depth, heads: 2, headSize: 8,
            feedForwardWidth: 8, contextLength: 64)
        configuration.logitSoftCap = 30
        if family == .gemma2 { configuration.attentionSoftCap = 50 }
        configuration.attentionScale = 0.25
        var random = RandomSource(seed: 7)
        let url = try GGUFModelTests.write(
            Transformer(configuration, using: &random), BytePairTokenizer(directory: GGUFModelTests.plain))
        defer { try? FileManager.default.removeItem(at: url) }
        #expect(try ModelDirectory(url).configuration().attentionScale == 0.25)
    }

    /// A window of the model that llama.cpp leaves out.
    @Test func theWindowOfAPhi3IsRead() throws {
        let file = try GGUFFile(fixture("GGUF/phi3.gguf"))
        var writer = GGUFWriter()
        for key in file.keys where key != "phi3.attention.sliding_window" {
            writer.add(key, file.values[key])
        }
        writer.add("phi3.attention.sliding_window", .integer(47))
        for name in file.names {
            let tensor = try file.tensor(name)
            writer.add(name, shape: tensor.shape, as: .float32) { tensor }
        }
        let url = FileManager.default.temporaryDirectory.appending(component: "\(UUID()).gguf")
        defer { try? FileManager.default.removeItem(at: url) }
        try writer.write(to: url)
        #expect(try ModelDirectory(url).configuration().slidingWindow == 47)
    }
}
