import Foundation
import LanguageModel
import NeuralCore
import Testing

/// Each key of the table, put into a file with a value that its fate tells from others.
@Suite struct GGUFKeysTests {
    private static let base = fixture("GGUF/tiny-f32.gguf")

    /// Opens the tiny model with one key changed, as model and as tokenizer.
    @discardableResult
    private static func open(
        _ key: String, _ value: GGUFValue, in base: URL = base
    ) throws -> TransformerConfiguration {
        let file = try GGUFFile(base)
        var writer = GGUFWriter()
        for other in file.keys where other != key { writer.add(other, file.values[other]) }
        writer.add(key, value)
        for name in file.names {
            let tensor = try file.tensor(name)
            writer.add(name, shape: tensor.shape, as: .float32) { tensor }
        }
        let url = FileManager.default.temporaryDirectory.appending(component: "\(UUID()).gguf")
        defer { try? FileManager.default.removeItem(at: url) }
        try writer.write(to: url)
        _ = try BytePairTokenizer(directory: url)
        _ = try TokenizerConfiguration(directory: url)
        return try ModelDirectory(url).transformer().configuration
    }

    private static func error(_ key: String, _ value: GGUFValue, in base: URL = base) -> String? {
        do {
            try open(key, value, in: base)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: GGUFKeys.table.keys.sorted()) func everyKeyHasItsFate(_ name: String) throws {
        let key = GGUFKeys.isWhole(name) ? name : "llama." + name
        let fate = try #require(GGUFKeys.table[name])
        #expect(GGUFKeys.fate(of: key, architecture: "llama") == fate)
        // No key has a list of truth values, so that this is of another form than any.
        let odd = GGUFValue.bools([true])
        switch fate {
        case .harmless: #expect(Self.error(key, odd) == nil)
        case .honored, .refused: #expect(Self.error(key, odd)?.contains(key) == true)
        case .only(let value):
            #expect(Self.error(key, value) == nil)
            #expect(Self.error(key, odd)?.contains(key) == true)
        }
    }

    @Test func theEndOfAMessageEndsASequenceToo() throws {
        #expect(try Self.open("tokenizer.ggml.eom_token_id", .integer(5)).endOfSequence == [268, 269, 5])
        #expect(try Self.open("tokenizer.ggml.eom_token_id", .integer(268)).endOfSequence == [268, 269])
    }

    @Test func keysOutsideOfTheTableHaveFatesToo() {
        #expect(Self.error("general.author", .text("someone")) == nil)
        #expect(Self.error("quantize.imatrix.file", .text("x")) == nil)
        #expect(Self.error("tokenizer.chat_template.tool_use", .text("x")) == nil)
        #expect(Self.error("other.program", .integer(1)) == nil)
        for key in [
            "llama.expert_group_count", "tokenizer.ggml.other", "adapter.type", "split.other", "clip.x",
        ] {
            #expect(Self.error(key, .integer(1))?.contains(key) == true)
        }
    }

    @Test(arguments: GGUFKeys.ownTables.keys.sorted()) func keysOfOneArchitectureAreNotOfOthers(
        _ architecture: String
    ) {
        for (name, fate) in GGUFKeys.ownTables[architecture] ?? [:] {
            #expect(GGUFKeys.fate(of: "\(architecture).\(name)", architecture: architecture) == fate)
            #expect(GGUFKeys.fate(of: "llama.\(name)", architecture: "llama") != fate)
            // What changes a model elsewhere is refused in a llama.
            if name == "rope.scaling.finetuned" { continue }
            #expect(Self.error("llama.\(name)", .number(2))?.contains("llama.\(name)") == true)
        }
    }

    @Test(arguments: [
        ("granite.attention.scale", GGUFValue.number(-1)), ("granite.logit_scale", .number(.nan)),
        ("granite.rope.scaling.finetuned", .bool(false)),
        ("gemma2.attn_logit_softcapping", .number(0)), ("gemma2.final_logit_softcapping", .text("x")),
        ("gemma2.attention.sliding_window", .integer(-1)),
        ("gemma3.attention.sliding_window_pattern", .bools([true])),
        ("gemma3.attention.sliding_window_pattern", .integer(-1)),
        ("gemma3.attention.sliding_window_pattern", .number(2)), ("gemma3.rope.freq_base_swa", .number(0)),
        ("gemma3.attn_logit_softcapping", .number(50)),
        ("phi3.rope.scaling.attn_factor", .number(0)), ("phi3.rope.dimension_count", .integer(3)),
        ("phi3.rope.dimension_count", .integer(16)), ("phi3.rope.scaling.type", .text("yarn")),
        ("phi3.rope.scaling.original_context_length", .integer(1)),
        ("qwen3moe.expert_count", .integer(0)), ("qwen3moe.expert_count", .integer(1 << 20)),
        ("qwen3moe.expert_used_count", .integer(0)), ("qwen3moe.expert_used_count", .integer(6)),
        ("qwen3moe.expert_feed_forward_length", .integer(0)),
        ("qwen3moe.expert_feed_forward_length", .text("20")),
        ("qwen3moe.expert_weights_norm", .bool(false)), ("qwen3moe.expert_weights_scale", .number(2)),
        ("qwen3moe.expert_gating_func", .integer(2)), ("qwen3moe.expert_shared_count", .integer(1)),
        ("qwen3.rope.scaling.factor", .number(0.5)), ("qwen3.rope.scaling.factor", .number(.nan)),
        ("qwen3.rope.scaling.original_context_length", .integer(0)),
        ("qwen3.rope.scaling.attn_factor", .number(-1)), ("qwen3.rope.scaling.yarn_beta_fast", .number(16)),
        ("qwen3.rope.scaling.yarn_beta_slow", .number(2)), ("gemma3.rope.scaling.type", .text("yarn")),
        ("granite.expert_count", .integer(4)), ("granite.expert_used_count", .integer(2)),
        ("gptneox.use_parallel_residual", .integer(1)), ("gptneox.attention.head_count_kv", .integer(1)),
    ])
    func valuesOfOneArchitectureAreRefusedByKey(_ key: String, _ value: GGUFValue) {
        let architecture = String(key.prefix { $0 != "." })
        let name = architecture == "qwen3" ? "qwen3-yarn" : architecture
        let error = Self.error(key, value, in: fixture("GGUF/\(name).gguf"))
        #expect(error?.contains(key) == true, "\(error ?? "no error")")
    }

    @Test(arguments: [
        ("general.architecture", GGUFValue.text("gemma")), ("llama.embedding_length", .integer(0)),
        ("llama.embedding_length", .integer(64)), ("llama.block_count", .integer(1 << 30)),
        ("llama.block_count", .integer(2)), ("llama.vocab_size", .integer(3)),
        ("llama.attention.head_count_kv", .integer(5)), ("llama.attention.key_length", .integer(15)),
        ("llama.attention.value_length", .integer(8)), ("llama.rope.dimension_count", .integer(8)),
        ("llama.expert_used_count", .integer(2)),
        ("llama.attention.sliding_window", .integer(8)), ("llama.rope.freq_base", .number(-1)),
        ("llama.rope.scaling.type", .text("ntk")), ("llama.rope.scaling.attn_factor", .number(2)),
        ("llama.attention.layer_norm_rms_epsilon", .number(0)),
        ("tokenizer.ggml.model", .text("bert")), ("tokenizer.ggml.pre", .text("viking")),
        ("tokenizer.ggml.bos_token_id", .integer(1 << 20)), ("tokenizer.ggml.token_type", .integers([1])),
        ("tokenizer.ggml.merges", .strings([Array("hello".utf8)])),
        ("tokenizer.ggml.tokens", .strings([Array("a".utf8)])),
    ])
    func valuesOutOfRangeAreRefusedByKey(_ key: String, _ value: GGUFValue) {
        let error = Self.error(key, value)
        // What the embedding's shape contradicts is said of the tensor.
        let isTensor = ["llama.embedding_length", "llama.block_count"].contains(key)
        let isTokens = key == "tokenizer.ggml.tokens"
        #expect(
            error?.contains(key) == true || isTensor && error != nil
                || isTokens && error?.contains("tokenizer.ggml.") == true, "\(error ?? "no error")")
    }

    /// Tensors of experts that are fewer or narrower than the keys say.
    @Test(arguments: [
        ("qwen3moe.expert_count", 4, "blk.0.ffn_gate_inp.weight"),
        ("qwen3moe.expert_count", 4096, "blk.0.ffn_gate_inp.weight"),
        ("qwen3moe.expert_feed_forward_length", 21, "blk.0.ffn_gate_exps.weight"),
    ])
    func expertsOfAnotherShapeAreRefusedByTensor(_ key: String, _ value: Int, _ tensor: String) {
        let error = Self.error(key, .integer(value), in: fixture("GGUF/qwen3moe.gguf"))
        #expect(error?.contains(tensor) == true, "\(error ?? "no error")")
    }

    @Test func aLlamaIsAMixtralWhereItHasExperts() throws {
        let url = fixture("GGUF/mixtral.gguf")
        let model = try Self.open("llama.expert_used_count", .integer(3), in: url)
        #expect(model.family == .mixtral)
        #expect(model.experts == .init(count: 4, perToken: 3, width: 24))
        // Its experts would be tensors that no llama has.
        let error = Self.error("llama.expert_count", .integer(0), in: url)
        #expect(error?.contains("expert_used_count") == true, "\(error ?? "no error")")
    }
}
