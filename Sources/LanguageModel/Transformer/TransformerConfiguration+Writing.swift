package import Foundation
package import JSON
import NeuralCore

extension TransformerConfiguration {
    /// The contents of a Hugging Face `config.json` that transformers loads as the same model.
    ///
    /// - Parameters:
    ///   - architecture: The class transformers makes of it, such as `Qwen3ForCausalLM`.
    ///   - extra: Further keys, such as `num_labels`.
    package func configurationFile(
        architecture: String, dtype: String, extra: JSONObject = [:]
    ) -> Data {
        var values: JSONObject = family == .gpt2 ? gpt2Keys : llamaLikeKeys
        values["architectures"] = [.string(architecture)]
        values["model_type"] = .string(family.rawValue)
        values["dtype"] = .string(dtype)
        values["torch_dtype"] = .string(dtype)
        values["vocab_size"] = .integer(vocabularySize)
        values["tie_word_embeddings"] = .bool(tiesEmbeddings)
        values["initializer_range"] = .decimal(initializationScale)
        for key in ["bos_token_id", "eos_token_id"] { values[key] = .some(.null) }
        if family.standards.hasPadding { values["pad_token_id"] = .some(.null) }
        values.merge(tokenKeys)
        values.merge(extra)
        return Data(JSONValue.object(values).text(.sorted).utf8)
    }

    /// The contents of a `generation_config.json` that says where generation ends, as transformers makes one of a
    /// `config.json`.
    func generationFile() -> Data {
        var values = tokenKeys
        values["_from_model_config"] = true
        return Data(JSONValue.object(values).text(.sorted).utf8)
    }

    /// The tokens with a part to play, as far as there are any.
    private var tokenKeys: JSONObject {
        var values: JSONObject = [:]
        values["bos_token_id"] = beginOfSequence.map { .integer(Int($0)) }
        values["pad_token_id"] = padding.map { .integer(Int($0)) }
        let ends = endOfSequence.map { JSONValue.integer(Int($0)) }
        if !ends.isEmpty { values["eos_token_id"] = ends.count == 1 ? ends[0] : .array(ends) }
        return values
    }

    /// The class name of this family's language model in transformers.
    var causalArchitecture: String {
        "\(architecturePrefix)\(family == .gpt2 ? "LMHeadModel" : "ForCausalLM")"
    }

    /// The beginning of this family's class names.
    var architecturePrefix: String {
        switch family {
        case .gpt2: "GPT2"
        case .llama: "Llama"
        case .mistral: "Mistral"
        case .qwen2: "Qwen2"
        case .qwen3: "Qwen3"
        case .qwen3MoE: "Qwen3Moe"
        case .mixtral: "Mixtral"
        case .olmo2: "Olmo2"
        case .granite: "Granite"
        case .smollm3: "SmolLM3"
        case .phi3: "Phi3"
        case .gptNeoX: "GPTNeoX"
        case .gemma2: "Gemma2"
        case .gemma3: "Gemma3"
        }
    }

    private var gpt2Keys: JSONObject {
        [
            "n_embd": .integer(width), "n_layer": .integer(depth), "n_head": .integer(heads),
            "n_inner": .integer(feedForwardWidth), "n_positions": .integer(contextLength),
            "activation_function": "gelu_new", "layer_norm_epsilon": .decimal(normalizationEpsilon),
            "resid_pdrop": 0, "embd_pdrop": 0, "attn_pdrop": 0,
        ]
    }

    private var llamaLikeKeys: JSONObject {
        var values: JSONObject = [
            "hidden_size": .integer(width), "num_hidden_layers": .integer(depth),
            "num_attention_heads": .integer(heads), "num_key_value_heads": .integer(keyValueHeads),
            "head_dim": .integer(headSize), "intermediate_size": .integer(feedForwardWidth),
            "max_position_embeddings": .integer(contextLength), "hidden_act": "silu",
            "attention_bias": .bool(attentionBias == .all), "mlp_bias": .bool(feedForwardBias),
        ]
        values[family.epsilonKey] = .decimal(normalizationEpsilon)
        values.merge(rotaryKeys)
        values.merge(windowKeys)
        values.merge(expertKeys)
        values.merge(ownKeys)
        return values
    }

    /// The keys that only this family has.
    private var ownKeys: JSONObject {
        let scale = attentionScale ?? 1 / Float(headSize).squareRoot()
        switch family {
        case .granite:
            return [
                "embedding_multiplier": .decimal(embeddingMultiplier),
                "residual_multiplier": .decimal(residualMultiplier),
                "attention_multiplier": .decimal(scale), "logits_scaling": .decimal(logitDivisor),
            ]
        case .phi3:
            guard case .longrope(_, _, let original, let longest, _)? = rotaryScaling else { return [:] }
            return [
                "max_position_embeddings": .integer(longest),
                "original_max_position_embeddings": .integer(original),
            ]
        case .gptNeoX:
            return [
                "hidden_act": activation == .gelu ? "gelu" : "gelu_new",
                "use_parallel_residual": .bool(hasParallelBranches),
                "rotary_emb_base": .number(rotaryBase ?? 10_000),
            ]
        case .smollm3:
            return [
                "no_rope_layers": .array(
                    (0..<depth).map { .integer(unrotatedLayers.contains($0) ? 0 : 1) })
            ]
        case .gemma2, .gemma3:
            return [
                "hidden_activation": "gelu_pytorch_tanh", "hidden_act": "gelu_pytorch_tanh",
                "query_pre_attn_scalar": .integer(Int((1 / (Double(scale) * Double(scale))).rounded())),
                "attn_logit_softcapping": attentionSoftCap.map(JSONValue.decimal) ?? .null,
                "final_logit_softcapping": logitSoftCap.map(JSONValue.decimal) ?? .null,
            ]
        default: return [:]
        }
    }

    private var windowKeys: JSONObject {
        guard family.hasWindows else { return [:] }
        let isGemma = family == .gemma2 || family == .gemma3
        // There a window is asked for even where no layer slides.
        let positions = slidingWindow ?? (isGemma ? contextLength : nil)
        var values: JSONObject = ["sliding_window": positions.map(JSONValue.integer) ?? .null]
        let isSliding = (0..<depth).map { window(ofLayer: $0) != nil }
        let firstSliding = isSliding.firstIndex(of: true) ?? depth
        if ![.mistral, .mixtral].contains(family), !isGemma {
            values["use_sliding_window"] = .bool(slidingWindow != nil)
            // Before there were types of layers, those from this one on slid.
            values["max_window_layers"] = .integer(firstSliding)
        }
        // A mistral file without types is read as one whose layers all slide, and with them as another class.
        if family.hasExperts { return values }
        let needsTypes = family == .smollm3 || isGemma
        if needsTypes || slidingWindow != nil && (family != .mistral || isSliding.contains(false)) {
            values["layer_types"] = .array(isSliding.map { $0 ? "sliding_attention" : "full_attention" })
        }
        return values
    }

    /// The rotary settings in both spellings.
    ///
    /// transformers 4 reads `rope_theta` and `rope_scaling`, whose unscaled form is null; 5 prefers them to
    /// `rope_parameters`, which is the form it writes. Factors have a decimal point, which 4 asks for.
    private var rotaryKeys: JSONObject {
        let base = rotaryBase ?? 10_000
        // Until it knew more than one kind, transformers 4 called the kind `type` and took no key besides the factor.
        let (kind, scaling): (JSONValue, JSONObject?) =
            switch rotaryScaling {
            case nil: ("default", nil)
            case .linear(let factor): ("linear", ["type": "linear", "factor": .number(factor)])
            case .dynamic(let factor): ("dynamic", ["type": "dynamic", "factor": .number(factor)])
            case .longrope(let short, let long, let original, let longest, let attentionFactor):
                ("longrope", longropeKeys(short, long, original, longest, attentionFactor))
            case .yarn(let factor, let original, let fast, let slow, let attentionFactor, let isRounded):
                (
                    "yarn",
                    [
                        "rope_type": "yarn", "factor": .number(factor),
                        "original_max_position_embeddings": .integer(original),
                        "beta_fast": .number(fast), "beta_slow": .number(slow),
                        "attention_factor": .number(attentionFactor), "truncate": .bool(isRounded),
                    ]
                )
            case .llama3(let factor, let low, let high, let original):
                (
                    "llama3",
                    [
                        "rope_type": "llama3", "factor": .number(factor), "low_freq_factor": .number(low),
                        "high_freq_factor": .number(high),
                        "original_max_position_embeddings": .integer(original),
                    ]
                )
            }
        var parameters = scaling ?? [:]
        parameters["type"] = nil
        parameters["rope_type"] = kind
        parameters["rope_theta"] = .number(base)
        var values: JSONObject = [
            "rope_theta": .number(base), "rope_scaling": scaling.map(JSONValue.object) ?? .null,
            "rope_parameters": .object(parameters),
        ]
        if let key = family.rotatedPartKey {
            let part = JSONValue.number(Double(rotatedChannels ?? headSize) / Double(headSize))
            parameters["partial_rotary_factor"] = part
            values[key] = part
            values["rope_parameters"] = .object(parameters)
        }
        if family == .gemma3 {
            let own: JSONObject? = slidingRotaryBase.map {
                ["rope_type": "default", "rope_theta": .number($0)]
            }
            values["rope_local_base_freq"] = .number(slidingRotaryBase ?? base)
            values["rope_parameters"] = [
                "full_attention": .object(parameters), "sliding_attention": .object(own ?? parameters),
            ]
        }
        return values
    }

    /// Older versions of transformers know no more than the factors.
    private func longropeKeys(
        _ short: [Double], _ long: [Double], _ original: Int, _ longest: Int, _ attentionFactor: Double
    ) -> JSONObject {
        var values: JSONObject = [
            "type": "longrope", "short_factor": .array(short.map(JSONValue.number)),
            "long_factor": .array(long.map(JSONValue.number)),
        ]
        let common = RotaryEmbedding.Scaling.longropeAttentionFactor(
            factor: Double(longest) / Double(original), originalContextLength: original)
        if attentionFactor != common { values["attention_factor"] = .number(attentionFactor) }
        if family != .phi3 { values["original_max_position_embeddings"] = .integer(original) }
        return values
    }

    /// Refuses what no file of this family can say.
    ///
    /// - Parameter file: The path of the file that was to say it, for the message.
    func requireWritable(to file: String) throws(ModelDirectoryError) {
        func refuse(
            _ key: String, _ isSaid: Bool, _ found: String, _ supported: String
        ) throws(ModelDirectoryError) {
            guard isSaid else { return }
            throw .unsupported(
                file: file, key: key, found: found, supported: "\(supported) in the \(family) family")
        }
        try refuse(
            "sliding_window", slidingWindow != nil && !family.hasWindows, "\(slidingWindow ?? 0)", "no window"
        )
        let isFull = (0..<depth).first { window(ofLayer: $0) == nil }
        try refuse(
            "layer_types", family.hasExperts && slidingWindow != nil && isFull != nil,
            "full_attention in layer \(isFull ?? 0)", "a window in all layers")
        try refuse(
            "num_experts", unsayableExperts != nil, unsayableExperts ?? "",
            family.hasExperts ? "experts of intermediate_size in all layers" : "no experts")
        try refuse(
            "no_rope_layers", !unrotatedLayers.isEmpty && family != .smollm3, "\(unrotatedLayers.sorted())",
            "rotation in all layers")
        try refuse(
            "rope_local_base_freq", slidingRotaryBase != nil && family != .gemma3,
            "\(slidingRotaryBase ?? 0)", "one rotation for all layers")
        try refuse(
            "attn_logit_softcapping", attentionSoftCap != nil && family != .gemma2,
            "\(attentionSoftCap ?? 0)", "no cap of scores")
        try refuse(
            "partial_rotary_factor", rotatedChannels != nil && family.rotatedPartKey == nil,
            "\(rotatedChannels ?? 0) of \(headSize) channels", "rotation of all channels")
        try refuse(
            "use_parallel_residual", hasParallelBranches && family != .gptNeoX, "true",
            "one branch after the other")
        try refuse(
            "hidden_act", activation != family.design.activation && family != .gptNeoX, "\(activation)",
            "\(family.design.activation)")
        let isGemma = family == .gemma2 || family == .gemma3
        try refuse(
            "final_logit_softcapping", logitSoftCap != nil && !isGemma, "\(logitSoftCap ?? 0)",
            "no cap of logits")
        try refuse(
            "attention_multiplier", attentionScale != nil && family != .granite && !isGemma,
            "\(attentionScale ?? 0)", "1/√headSize")
        let multipliers = [embeddingMultiplier, residualMultiplier, logitDivisor]
        try refuse(
            "embedding_multiplier, residual_multiplier, logits_scaling",
            family != .granite && multipliers != [1, 1, 1], "\(multipliers)", "no multipliers")
    }
}

extension TransformerConfiguration.Family {
    /// Whether layers can see fewer positions than there are.
    fileprivate var hasWindows: Bool { keys["sliding_window"] == .honored }
}
