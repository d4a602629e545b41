extension ConfigurationFile {
    /// The treatment of a key in a configuration file that another program wrote.
    package enum Fate: Sendable, Equatable {
        /// It determines the computation, or is checked against a key that does.
        case honored
        /// It has no effect on the computation.
        case harmless
        /// Any value other than these, or null, would need an unsupported feature.
        case only([String])
        /// Any value other than null, false or an empty one would need an unsupported feature.
        case refused
    }

    /// Refuses a value that a table of fates says is not supported.
    ///
    /// - Parameters:
    ///   - fates: The fate of each key that is known.
    ///   - others: The fate of all other keys.
    ///   - subject: Whose keys they are, for messages.
    package func check(
        _ fates: [String: Fate], others: Fate, of subject: String
    ) throws(ModelDirectoryError) {
        for key in keys {
            let supported: String
            switch fates[key, default: others] {
            case .only(let values):
                guard let value = text(key), !values.contains(value) else { continue }
                supported = values.isEmpty ? "no such key in \(subject)" : values.joined(separator: ", ")
            case .refused where isSet(key): supported = "null, false or nothing"
            case .honored, .harmless, .refused: continue
            }
            throw .unsupported(file: file, key: key, found: found(key), supported: supported)
        }
    }
}

/// The fate of each key, for every family: all that transformers' configuration class of the family knows, and those
/// that its code asks every configuration for. Transformers ignores any other key too.
extension TransformerConfiguration.Family {
    /// Every key with an explicit fate.
    package var keys: [String: ConfigurationFile.Fate] {
        var keys = Self.everyFamily
        switch self {
        case .gpt2: keys.merge(Self.gpt2Keys) { $1 }
        case .llama: keys.merge(Self.llamaLike.merging(Self.llamaKeys) { $1 }) { $1 }
        case .mistral: keys.merge(Self.llamaLike.merging(Self.mistralKeys) { $1 }) { $1 }
        case .qwen2: keys.merge(Self.llamaLike.merging(Self.qwenKeys) { $1 }) { $1 }
        case .qwen3:
            keys.merge(Self.llamaLike.merging(Self.qwenKeys) { $1 }) { $1 }
            keys["attention_bias"] = .honored
        case .mixtral:
            keys.merge(Self.llamaLike.merging(Self.mistralKeys) { $1 }) { $1 }
            keys.merge(Self.expertKeys) { $1 }
        case .qwen3MoE:
            keys.merge(Self.llamaLike.merging(Self.qwenKeys) { $1 }) { $1 }
            keys.merge(Self.expertKeys.merging(Self.qwen3MoEKeys) { $1 }) { $1 }
        case .olmo2:
            keys.merge(Self.llamaLike.merging(Self.llamaKeys) { $1 }) { $1 }
            keys["mlp_bias"] = .harmless
        case .granite:
            keys.merge(Self.llamaLike.merging(Self.llamaKeys) { $1 }) { $1 }
            keys.merge(Self.graniteKeys) { $1 }
        case .smollm3: keys.merge(Self.llamaLike.merging(Self.smollm3Keys) { $1 }) { $1 }
        case .phi3: keys.merge(Self.llamaLike.merging(Self.phi3Keys) { $1 }) { $1 }
        case .gptNeoX: keys.merge(Self.llamaLike.merging(Self.gptNeoXKeys) { $1 }) { $1 }
        case .gemma2:
            keys.merge(Self.llamaLike.merging(Self.gemmaKeys) { $1 }) { $1 }
            // Read by none of its code.
            keys["use_bidirectional_attention"] = .harmless
        case .gemma3:
            keys.merge(Self.llamaLike.merging(Self.gemmaKeys) { $1 }) { $1 }
            keys.merge(Self.gemma3Keys) { $1 }
        }
        return keys
    }

    private static let everyFamily: [String: ConfigurationFile.Fate] = [
        "model_type": .honored, "architectures": .honored,
        "vocab_size": .honored, "tie_word_embeddings": .honored, "initializer_range": .honored,
        "bos_token_id": .honored, "eos_token_id": .honored, "pad_token_id": .honored,
        // A classifier's labels: a reward model has one.
        "num_labels": .honored, "id2label": .honored, "label2id": .harmless, "problem_type": .harmless,
        // Keys that would change every token's numbers.
        "quantization_config": .only([]), "per_layer_config": .only([]), "is_causal": .only(["true"]),
        // Keys about how the model was stored, made or last used.
        "dtype": .harmless, "torch_dtype": .harmless, "transformers_version": .harmless,
        "_name_or_path": .harmless, "name_or_path": .harmless, "auto_map": .harmless,
        "finetuning_task": .harmless, "prefix": .harmless, "task_specific_params": .harmless,
        // Keys about how a forward pass is run and reported.
        "use_cache": .harmless, "chunk_size_feed_forward": .harmless, "gradient_checkpointing": .harmless,
        "output_hidden_states": .harmless, "output_attentions": .harmless, "return_dict": .harmless,
        // Parts of other classes.
        "is_encoder_decoder": .harmless, "is_decoder": .harmless, "tie_encoder_decoder": .harmless,
        "cross_attention_hidden_size": .harmless, "pruned_heads": .harmless, "sep_token_id": .harmless,
        "num_kv_shared_layers": .harmless,
        // Sampling settings; generation_config.json decides.
        "temperature": .harmless, "top_k": .harmless, "top_p": .harmless,
    ]

    private static let gpt2Keys: [String: ConfigurationFile.Fate] = [
        "n_embd": .honored, "n_layer": .honored, "n_head": .honored, "n_inner": .honored,
        "n_positions": .honored, "layer_norm_epsilon": .honored,
        // Other names of the same; they win.
        "hidden_size": .honored, "num_hidden_layers": .honored, "num_attention_heads": .honored,
        "max_position_embeddings": .honored,
        "activation_function": .only(["gelu_new", "gelu_pytorch_tanh"]),
        "scale_attn_weights": .only(["true"]), "scale_attn_by_inverse_layer_idx": .only(["false"]),
        "add_cross_attention": .only(["false"]),
        // Here transformers slides in its cache and nowhere else.
        "sliding_window": .only([]), "attention_chunk_size": .only([]), "layer_types": .honored,
        // The order of a scale and a product.
        "reorder_and_upcast_attn": .harmless,
        // Dropout, which is not used here.
        "resid_pdrop": .harmless, "embd_pdrop": .harmless, "attn_pdrop": .harmless,
        // The head of the class for multiple choice.
        "summary_type": .harmless, "summary_use_proj": .harmless, "summary_activation": .harmless,
        "summary_proj_to_labels": .harmless, "summary_first_dropout": .harmless,
        "n_ctx": .harmless, "rope_theta": .harmless,
    ]

    private static let llamaLike: [String: ConfigurationFile.Fate] = [
        "hidden_size": .honored, "intermediate_size": .honored, "num_hidden_layers": .honored,
        "num_attention_heads": .honored, "num_key_value_heads": .honored, "head_dim": .honored,
        "max_position_embeddings": .honored, "rms_norm_eps": .honored,
        "hidden_act": .only(["silu", "swish"]),
        "rope_theta": .honored, "rope_scaling": .honored, "rope_parameters": .honored,
        "original_max_position_embeddings": .honored, "partial_rotary_factor": .honored,
        "layer_types": .honored,
        // Dropout, which is not used here.
        "attention_dropout": .harmless,
    ]

    private static let llamaKeys: [String: ConfigurationFile.Fate] = [
        "attention_bias": .honored, "mlp_bias": .honored,
        // Here transformers slides in its cache and nowhere else.
        "sliding_window": .only([]), "attention_chunk_size": .only([]),
        "use_sliding_window": .harmless, "max_window_layers": .harmless,
        // Keys about how a product is split.
        "pretraining_tp": .harmless,
    ]

    private static let mistralKeys: [String: ConfigurationFile.Fate] = [
        "sliding_window": .honored, "attention_chunk_size": .only([]),
        "use_sliding_window": .harmless, "max_window_layers": .harmless,
        "attention_bias": .harmless, "mlp_bias": .harmless, "pretraining_tp": .harmless,
    ]

    private static let qwenKeys: [String: ConfigurationFile.Fate] = [
        "sliding_window": .honored, "use_sliding_window": .honored, "max_window_layers": .honored,
        // Its layers have types, which go before chunks.
        "attention_chunk_size": .harmless,
        "attention_bias": .harmless, "mlp_bias": .harmless, "pretraining_tp": .harmless,
    ]

    private static let expertKeys: [String: ConfigurationFile.Fate] = [
        "num_experts": .honored, "num_local_experts": .honored, "num_experts_per_tok": .honored,
        "attention_chunk_size": .honored,
        // Losses of training.
        "output_router_logits": .honored, "router_aux_loss_coef": .honored,
        // Noise of training, which is not used here.
        "router_jitter_noise": .harmless,
    ]

    private static let qwen3MoEKeys: [String: ConfigurationFile.Fate] = [
        "moe_intermediate_size": .honored, "norm_topk_prob": .honored,
        "decoder_sparse_step": .honored, "mlp_only_layers": .honored,
        "attention_bias": .honored, "max_window_layers": .harmless,
    ]

    private static let graniteKeys: [String: ConfigurationFile.Fate] = [
        "embedding_multiplier": .honored, "residual_multiplier": .honored, "attention_multiplier": .honored,
        "logits_scaling": .honored,
    ]

    private static let smollm3Keys: [String: ConfigurationFile.Fate] = [
        "attention_bias": .honored, "mlp_bias": .honored,
        "no_rope_layers": .honored, "no_rope_layer_interval": .honored,
        "sliding_window": .honored, "use_sliding_window": .honored, "max_window_layers": .harmless,
        "attention_chunk_size": .harmless, "pretraining_tp": .harmless,
    ]

    private static let phi3Keys: [String: ConfigurationFile.Fate] = [
        "sliding_window": .honored, "use_sliding_window": .harmless, "max_window_layers": .harmless,
        "attention_chunk_size": .honored,
        "attention_bias": .harmless, "mlp_bias": .harmless, "pretraining_tp": .harmless,
        // Dropout, which is not used here.
        "resid_pdrop": .harmless, "embd_pdrop": .harmless,
    ]

    private static let gptNeoXKeys: [String: ConfigurationFile.Fate] = [
        "hidden_act": .only(["gelu", "gelu_new", "gelu_fast", "gelu_pytorch_tanh"]),
        "layer_norm_eps": .honored, "rms_norm_eps": .harmless, "use_parallel_residual": .honored,
        "rotary_pct": .honored, "rotary_emb_base": .honored, "attention_bias": .honored,
        "rope_theta": .harmless, "partial_rotary_factor": .harmless, "num_key_value_heads": .harmless,
        "sliding_window": .only([]), "attention_chunk_size": .only([]),
        "use_sliding_window": .harmless, "max_window_layers": .harmless,
        "mlp_bias": .harmless, "pretraining_tp": .harmless, "head_dim": .honored,
        // Dropout, which is not used here, and the head of another class.
        "hidden_dropout": .harmless, "classifier_dropout": .harmless,
    ]

    private static let gemmaKeys: [String: ConfigurationFile.Fate] = [
        "hidden_activation": .only(["gelu_pytorch_tanh", "gelu_new"]),
        // A name of it that says another function and is not read.
        "hidden_act": .harmless,
        "query_pre_attn_scalar": .honored, "attn_logit_softcapping": .honored,
        "final_logit_softcapping": .honored, "attention_bias": .honored,
        "sliding_window": .honored, "use_sliding_window": .harmless, "max_window_layers": .harmless,
        "attention_chunk_size": .harmless, "mlp_bias": .harmless, "pretraining_tp": .harmless,
        "cache_implementation": .harmless,
    ]

    private static let gemma3Keys: [String: ConfigurationFile.Fate] = [
        "use_bidirectional_attention": .only(["false"]),
        "rope_local_base_freq": .honored,
        "sliding_window_pattern": .honored, "_sliding_window_pattern": .harmless,
        // Read by none of its code.
        "attn_logit_softcapping": .harmless,
    ]
}
