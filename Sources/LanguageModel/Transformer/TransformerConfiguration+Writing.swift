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
        let text = String(
            decoding: try JSONSerialization.data(
                withJSONObject: values, options: [.prettyPrinted, .sortedKeys]), as: UTF8.self)
        // transformers 4 asks for a decimal point in a factor, which is left out of whole numbers.
        return Data(text.replacing(/factor" ?: ?[0-9]+(?=\s*[,}\n])/) { "\($0.output).0" }.utf8)
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
        ]
        values.merge(rotaryKeys) { _, new in new }
        values.merge(windowKeys) { _, new in new }
        return values
    }

    private var windowKeys: [String: Any] {
        guard family != .llama else { return [:] }
        var values: [String: Any] = ["sliding_window": slidingWindow.map { $0 as Any } ?? NSNull()]
        let isSliding = (0..<depth).map { window(ofLayer: $0) != nil }
        let firstSliding = isSliding.firstIndex(of: true) ?? depth
        if family != .mistral {
            values["use_sliding_window"] = slidingWindow != nil
            // Before there were types of layers, those from this one on slid.
            values["max_window_layers"] = firstSliding
        }
        // A mistral file without types is read as one whose layers all slide, and with them as another class.
        if slidingWindow != nil, family != .mistral || isSliding.contains(false) {
            values["layer_types"] = isSliding.map { $0 ? "sliding_attention" : "full_attention" }
        }
        return values
    }

    /// The rotary settings in both spellings.
    ///
    /// transformers 4 reads `rope_theta` and `rope_scaling`, whose unscaled form is null; 5 prefers them to
    /// `rope_parameters`, which is the form it writes.
    private var rotaryKeys: [String: Any] {
        let base = rotaryBase ?? 10_000
        // Until it knew more than one kind, transformers 4 called the kind `type` and took no key besides the factor.
        let (kind, scaling): (String, [String: Any]?) =
            switch rotaryScaling {
            case nil: ("default", nil)
            case .linear(let factor): ("linear", ["type": "linear", "factor": factor])
            case .llama3(let factor, let low, let high, let original):
                (
                    "llama3",
                    [
                        "rope_type": "llama3", "factor": factor, "low_freq_factor": low,
                        "high_freq_factor": high, "original_max_position_embeddings": original,
                    ]
                )
            }
        var parameters = scaling ?? [:]
        parameters["type"] = nil
        parameters["rope_type"] = kind
        parameters["rope_theta"] = base
        return [
            "rope_theta": base, "rope_scaling": scaling.map { $0 as Any } ?? NSNull(),
            "rope_parameters": parameters,
        ]
    }

    /// Refuses what no file of this family can say.
    ///
    /// - Parameter file: The path of the file that was to say it, for the message.
    func requireWritable(to file: String) throws(ModelDirectoryError) {
        guard slidingWindow == nil || (family != .gpt2 && family != .llama) else {
            throw .unsupported(
                file: file, key: "sliding_window", found: "\(slidingWindow ?? 0)",
                supported: "no window in the \(family) family")
        }
    }

    /// The shortest decimal that reads back as the same 32-bit float, so that 1e-6 is not written with a tail.
    private func decimal(_ value: Float) -> NSDecimalNumber { NSDecimalNumber(string: "\(value)") }
}
