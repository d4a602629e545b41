import Foundation
import NeuralCore

extension TransformerConfiguration {
    /// The contents of a Hugging Face `config.json` that transformers loads as the same model.
    ///
    /// - Parameters:
    ///   - architecture: The class transformers makes of it, such as `Qwen3ForCausalLM`.
    ///   - extra: Further keys, such as `num_labels`.
    func configurationFile(
        architecture: String, dtype: String, extra: [String: any Sendable] = [:]
    ) throws -> Data {
        var values: [String: Any] = family == .gpt2 ? gpt2Keys : llamaLikeKeys
        values["architectures"] = [architecture]
        values["model_type"] = family.rawValue
        values["dtype"] = dtype
        values["torch_dtype"] = dtype
        values["vocab_size"] = vocabularySize
        values["tie_word_embeddings"] = tiesEmbeddings
        values["initializer_range"] = decimal(initializationScale)
        for key in ["bos_token_id", "eos_token_id"] { values[key] = NSNull() }
        values.merge(tokenKeys) { _, new in new }
        values.merge(extra) { _, new in new }
        return try JSONSerialization.data(withJSONObject: values, options: [.prettyPrinted, .sortedKeys])
    }

    /// The contents of a `generation_config.json` that says where generation ends, as transformers makes one of a
    /// `config.json`.
    func generationFile() throws -> Data {
        try JSONSerialization.data(
            withJSONObject: tokenKeys.merging(["_from_model_config": true]) { $1 },
            options: [.prettyPrinted, .sortedKeys])
    }

    /// The tokens with a part to play, as far as there are any.
    private var tokenKeys: [String: Any] {
        var values: [String: Any] = [:]
        values["bos_token_id"] = beginOfSequence.map { Int($0) }
        values["pad_token_id"] = padding.map { Int($0) }
        let ends = endOfSequence.map { Int($0) }
        if !ends.isEmpty { values["eos_token_id"] = ends.count == 1 ? ends[0] as Any : ends as Any }
        return values
    }

    /// The class name of this family's language model in transformers.
    var causalArchitecture: String {
        "\(architecturePrefix)\(family == .gpt2 ? "LMHeadModel" : "ForCausalLM")"
    }

    /// What the class names of this family begin with.
    var architecturePrefix: String {
        switch family {
        case .gpt2: "GPT2"
        case .llama: "Llama"
        case .mistral: "Mistral"
        case .qwen2: "Qwen2"
        case .qwen3: "Qwen3"
        }
    }

    private var gpt2Keys: [String: Any] {
        [
            "n_embd": width, "n_layer": depth, "n_head": heads, "n_inner": feedForwardWidth,
            "n_positions": contextLength, "activation_function": "gelu_new",
            "layer_norm_epsilon": decimal(normalizationEpsilon),
            "resid_pdrop": 0, "embd_pdrop": 0, "attn_pdrop": 0,
        ]
    }

    private var llamaLikeKeys: [String: Any] {
        var values: [String: Any] = [
            "hidden_size": width, "num_hidden_layers": depth, "num_attention_heads": heads,
            "num_key_value_heads": keyValueHeads, "head_dim": headSize, "intermediate_size": feedForwardWidth,
            "max_position_embeddings": contextLength, "rms_norm_eps": decimal(normalizationEpsilon),
            "hidden_act": "silu",
            "attention_bias": attentionBias == .all, "mlp_bias": feedForwardBias,
            "rope_theta": rotaryBase ?? 10_000, "rope_parameters": rotaryKeys,
            "use_sliding_window": slidingWindow != nil,
            "sliding_window": slidingWindow.map { $0 as Any } ?? NSNull(),
        ]
        // The qwen families apply their window from this layer on.
        if slidingWindow != nil { values["max_window_layers"] = 0 }
        return values
    }

    private var rotaryKeys: [String: Any] {
        var values: [String: Any] = ["rope_theta": rotaryBase ?? 10_000, "rope_type": "default"]
        switch rotaryScaling {
        case nil: break
        case .linear(let factor):
            values["rope_type"] = "linear"
            values["factor"] = factor
        case .llama3(let factor, let low, let high, let original):
            values["rope_type"] = "llama3"
            values["factor"] = factor
            values["low_freq_factor"] = low
            values["high_freq_factor"] = high
            values["original_max_position_embeddings"] = original
        }
        return values
    }

    /// The shortest decimal that reads back as the same 32-bit float, so that 1e-6 is not written with a tail.
    private func decimal(_ value: Float) -> NSDecimalNumber { NSDecimalNumber(string: "\(value)") }
}
