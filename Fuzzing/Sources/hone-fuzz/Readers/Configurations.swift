import Alignment
import Foundation
import LanguageModel
import NeuralCore

extension Reader {
    /// Files that say what a model, its generation or its adapter is.
    static let configurations = [
        Reader(
            "config", tokens: configurationTokens,
            seeds: { scratch in
                try ["gpt2", "llama", "mistral", "qwen2", "qwen3"].map {
                    try scratch.fixture("LanguageModelTests/Fixtures/Families/\($0)/config.json")
                }
            },
            read: { bytes, scratch in
                _ = scratch.file("config.json", bytes)
                let directory = ModelDirectory(scratch.folder)
                _ = try? directory.contents()
                _ = try directory.configuration()
            }),
        Reader(
            "generation-config", tokens: configurationTokens,
            seeds: { _ in
                [
                    Array(
                        #"{"bos_token_id": 1, "eos_token_id": [2, 3], "pad_token_id": 0, "temperature": 0.6, "top_p": 0.9, "max_length": 20}"#
                            .utf8)
                ]
            },
            read: { bytes, scratch in
                _ = scratch.file(
                    "config.json",
                    try scratch.fixture("LanguageModelTests/Fixtures/Families/qwen3/config.json"))
                _ = scratch.file("generation_config.json", bytes)
                _ = try ModelDirectory(scratch.folder).configuration()
            }),
        Reader(
            "adapter-config",
            tokens: configurationTokens + [
                "alpha_pattern", "rank_pattern", "modules_to_save", "(.*)+$", "q_proj", "[0-9]", "a{1000}",
                "(?<x>",
            ],
            seeds: { scratch in
                try ["lora", "dora", "patterns", "rslora"].map {
                    try scratch.fixture("AlignmentTests/Fixtures/Adapters/\($0)/adapter_config.json")
                }
            },
            read: { bytes, scratch in
                let weights = scratch.folder.appending(component: "adapter_model.safetensors")
                if !FileManager.default.fileExists(atPath: weights.path) {
                    var random = RandomSource(seed: 1)
                    let base = try base(scratch)
                    let adapter = LowRankAdapter(
                        LowRankConfiguration(rank: 2, alpha: 4), for: base, using: &random)
                    let adapted = base.applying(adapter)
                    try ModelDirectory(scratch.folder).write(adapted, base: "base")
                }
                _ = scratch.file("adapter_config.json", bytes)
                _ = try ModelDirectory(scratch.folder).adapter(for: base(scratch))
            }),
    ]

    static let configurationTokens = [
        "model_type", "qwen3", "gpt2", "llama", "architectures", "vocab_size", "hidden_size",
        "num_hidden_layers",
        "num_attention_heads", "num_key_value_heads", "head_dim", "intermediate_size",
        "max_position_embeddings",
        "rope_scaling", "rope_parameters", "rope_theta", "llama3", "linear", "factor", "layer_types",
        "sliding_attention",
        "sliding_window", "max_window_layers", "tie_word_embeddings", "rms_norm_eps", "n_embd", "n_head",
        "n_layer", "n_positions",
        "eos_token_id", "quantization_config", "torch_dtype", "1.5", "[1,2]",
    ]

    private static func base(_ scratch: Scratch) throws -> Transformer {
        _ = try model(scratch)
        return try ModelDirectory(scratch.folder.appending(component: "qwen3")).transformer()
    }
}
