package import NeuralCore

/// The treatment of each key of a GGUF file.
///
/// Keys that describe where a file comes from change nothing. A key that decides what is computed is honored, or refused
/// where only one value of it is supported.
package enum GGUFKeys {
    /// The treatment of a key.
    package enum Fate: Sendable, Equatable {
        /// It determines the computation, or is checked against a key that does; a value of another form is refused.
        case honored(Form)
        /// It has no effect on the computation.
        case harmless
        /// Any value other than this would need an unsupported feature.
        case only(GGUFValue)
        /// The feature that it asks for is not supported.
        case refused
    }

    /// The form of a value.
    package enum Form: String, Sendable {
        case integer = "a whole number"
        case number = "a number"
        case flag = "true or false"
        case text = "text in UTF-8"
        case integers = "a list of whole numbers"
        case numbers = "a list of numbers"
        case strings = "a list of strings"
        case layers = "a whole number, or true or false for each layer"

        /// Whether a value is of this form.
        package func fits(_ value: GGUFValue) -> Bool {
            switch (self, value) {
            case (.integer, .integer), (.number, .integer), (.number, .number), (.flag, .bool): true
            case (.layers, .integer), (.layers, .bools): true
            case (.integers, .integers), (.numbers, .numbers), (.strings, .strings): true
            case (.text, .string): value.text != nil
            default: false
            }
        }
    }

    /// The fates of keys whose name is whole. Those of the model are without its architecture.
    package static let table: [String: Fate] = [
        "general.architecture": .honored(.text), "general.alignment": .honored(.integer),
        "general.type": .only(.text("model")),
        "general.quantization_version": .only(.integer(2)),
        "general.file_type": .harmless,
        "split.no": .only(.integer(0)), "split.count": .only(.integer(1)), "split.tensors.count": .harmless,

        "context_length": .honored(.integer), "embedding_length": .honored(.integer),
        "block_count": .honored(.integer),
        "feed_forward_length": .honored(.integer), "vocab_size": .honored(.integer),
        "attention.head_count": .honored(.integer), "attention.head_count_kv": .honored(.integer),
        "attention.key_length": .honored(.integer), "attention.value_length": .honored(.integer),
        "attention.layer_norm_rms_epsilon": .honored(.number),
        "attention.layer_norm_epsilon": .honored(.number),
        "attention.sliding_window": .honored(.integer), "attention.causal": .only(.bool(true)),
        "rope.dimension_count": .honored(.integer), "rope.freq_base": .honored(.number),
        "rope.scaling.type": .honored(.text), "rope.scaling.factor": .honored(.number),
        "rope.scaling.original_context_length": .honored(.integer), "rope.scaling.finetuned": .harmless,
        "rope.scaling.attn_factor": .honored(.number), "rope.scale_linear": .only(.number(1)),
        // Those of yarn, which llama.cpp reads for a few architectures, of which none is read here.
        "rope.scaling.yarn_ext_factor": .only(.number(1)), "rope.scaling.yarn_attn_factor": .only(.number(1)),
        "rope.scaling.yarn_beta_fast": .only(.number(32)), "rope.scaling.yarn_beta_slow": .only(.number(1)),
        "expert_count": .honored(.integer), "expert_used_count": .honored(.integer),
        "expert_weights_norm": .only(.bool(true)), "expert_weights_scale": .only(.number(1)),
        // The softmax.
        "expert_gating_func": .only(.integer(1)),
        "use_parallel_residual": .only(.bool(false)), "logit_scale": .only(.number(1)),
        "tensor_data_layout": .harmless,

        "tokenizer.ggml.model": .honored(.text), "tokenizer.ggml.pre": .honored(.text),
        "tokenizer.ggml.tokens": .honored(.strings), "tokenizer.ggml.token_type": .honored(.integers),
        "tokenizer.ggml.scores": .honored(.numbers), "tokenizer.ggml.merges": .honored(.strings),
        "tokenizer.ggml.bos_token_id": .honored(.integer), "tokenizer.ggml.eos_token_id": .honored(.integer),
        "tokenizer.ggml.eot_token_id": .honored(.integer), "tokenizer.ggml.eom_token_id": .honored(.integer),
        "tokenizer.ggml.unknown_token_id": .honored(.integer),
        "tokenizer.ggml.padding_token_id": .honored(.integer),
        "tokenizer.ggml.add_bos_token": .honored(.flag), "tokenizer.ggml.add_eos_token": .honored(.flag),
        "tokenizer.ggml.add_space_prefix": .honored(.flag), "tokenizer.chat_template": .honored(.text),
        "tokenizer.ggml.remove_extra_whitespaces": .only(.bool(false)),
        "tokenizer.ggml.add_sep_token": .only(.bool(false)),
        "tokenizer.ggml.precompiled_charsmap": .refused, "tokenizer.rwkv.world": .refused,
        // Roles that no text here asks for.
        "tokenizer.ggml.seperator_token_id": .harmless, "tokenizer.ggml.mask_token_id": .harmless,
        "tokenizer.ggml.cls_token_id": .harmless, "tokenizer.ggml.token_type_count": .harmless,
        "tokenizer.ggml.fim_pre_token_id": .harmless, "tokenizer.ggml.fim_suf_token_id": .harmless,
        "tokenizer.ggml.fim_mid_token_id": .harmless, "tokenizer.ggml.fim_pad_token_id": .harmless,
        "tokenizer.ggml.fim_rep_token_id": .harmless, "tokenizer.ggml.fim_sep_token_id": .harmless,
        "tokenizer.ggml.prefix_token_id": .harmless, "tokenizer.ggml.suffix_token_id": .harmless,
        "tokenizer.ggml.middle_token_id": .harmless,
        // The same said twice, and templates by other names.
        "tokenizer.huggingface.json": .harmless, "tokenizer.chat_templates": .harmless,
    ]

    /// The fates of keys that some architectures have, or that mean more to them than to others.
    package static let ownTables: [String: [String: Fate]] = [
        "granite": [
            "attention.scale": .honored(.number), "embedding_scale": .honored(.number),
            "residual_scale": .honored(.number), "logit_scale": .honored(.number),
            // Whether queries and keys are rotated at all.
            "rope.scaling.finetuned": .only(.bool(true)),
        ],
        "gemma2": [
            "attn_logit_softcapping": .honored(.number), "final_logit_softcapping": .honored(.number),
            "attention.sliding_window_pattern": .honored(.layers),
        ],
        "gemma3": [
            "final_logit_softcapping": .honored(.number), "rope.freq_base_swa": .honored(.number),
            "attention.sliding_window_pattern": .honored(.layers),
        ],
        "qwen3moe": ["expert_feed_forward_length": .honored(.integer)],
        "gptneox": ["use_parallel_residual": .honored(.flag)],
    ]

    /// The treatment of keys that are not in the table, by their prefixes; the first that matches counts.
    package static let beginnings: [(String, Fate)] = [
        ("tokenizer.chat_template.", .harmless), ("tokenizer.", .refused),
        ("general.", .harmless), ("split.", .refused), ("quantize.", .harmless),
        ("adapter.", .refused), ("clip.", .refused), ("imatrix.", .refused),
    ]

    /// The fate of a key in a file of an architecture.
    package static func fate(of key: String, architecture: String) -> Fate {
        let own = architecture + "."
        if key.hasPrefix(own) {
            let name = String(key.dropFirst(own.count))
            return ownTables[architecture]?[name] ?? table[name] ?? .refused
        }
        if let fate = table[key], key.contains("."), isWhole(key) { return fate }
        return beginnings.first { key.hasPrefix($0.0) }?.1 ?? .harmless
    }

    /// Whether a name of the table is a key, and not one of a model without its architecture.
    package static func isWhole(_ key: String) -> Bool {
        ["general.", "tokenizer.", "split."].contains(where: key.hasPrefix)
    }
}
