import LanguageModel

/// What is done with each key of `adapter_config.json`: the fields of PEFT's `LoraConfig`.
extension AdapterFile {
    /// What becomes of a key.
    package enum Fate: Sendable, Equatable {
        /// It decides what is computed, or is checked against it.
        case honored
        /// It decides nothing about what the trained adapter computes.
        case harmless
        /// It changes what is computed in a way that is not supported, unless it is null, false or empty.
        case refused
    }

    /// The fate of every key that PEFT 0.21 writes; any other key is refused as well.
    package static let fates: [String: Fate] = [
        // What the adapter is.
        "peft_type": .honored, "task_type": .honored, "base_model_name_or_path": .honored,
        "r": .honored, "lora_alpha": .honored, "lora_dropout": .honored, "use_rslora": .honored,
        "use_dora": .honored, "rank_pattern": .honored, "alpha_pattern": .honored, "bias": .honored,
        "init_lora_weights": .honored,
        // Which modules it has arrays for.
        "target_modules": .honored, "exclude_modules": .honored, "layers_to_transform": .honored,
        "modules_to_save": .honored,
        // The arrays tell: how a base stores its weights, which number of a name is the layer's, and that two
        // arrays were trained as one.
        "fan_in_fan_out": .harmless, "layers_pattern": .harmless, "ensure_weight_tying": .harmless,
        // Only how the adapter began, or in which program; see init_lora_weights.
        "auto_mapping": .harmless, "peft_version": .harmless, "revision": .harmless,
        "inference_mode": .harmless, "megatron_config": .harmless, "megatron_core": .harmless,
        "loftq_config": .harmless, "eva_config": .harmless, "corda_config": .harmless,
        "lora_ga_config": .harmless, "runtime_config": .harmless, "qalora_group_size": .harmless,
        // Other methods.
        "trainable_token_indices": .refused, "target_parameters": .refused, "layer_replication": .refused,
        "lora_bias": .refused, "use_qalora": .refused, "use_bdlora": .refused, "arrow_config": .refused,
        "alora_invocation_tokens": .refused, "velora_config": .refused, "monteclora_config": .refused,
        "kasa_config": .refused,
    ]

    /// Refuses a file with a key that changes the model and is not understood.
    static func check(_ file: ConfigurationFile) throws(ModelDirectoryError) {
        for key in file.keys where fates[key, default: .refused] == .refused && file.isSet(key) {
            throw .unsupported(
                file: file.file, key: key, found: file.found(key), supported: "null, false or nothing")
        }
        try file.require("peft_type", oneOf: ["LORA"], standard: nil)
        try file.require("task_type", oneOf: ["CAUSAL_LM", "SEQ_CLS"], standard: "CAUSAL_LM")
        try file.require("bias", oneOf: ["none"], standard: "none")
        // With others the base is no longer the one that is named.
        if file.isSet("init_lora_weights"), (try? file.flag("init_lora_weights", standard: true)) == nil {
            try file.require(
                "init_lora_weights", oneOf: ["gaussian", "orthogonal", "eva", "true", "false"], standard: nil)
        }
    }
}

extension ConfigurationFile {
    fileprivate func require(
        _ key: String, oneOf supported: [String], standard: String?
    ) throws(ModelDirectoryError) {
        let found = try string(key, standard: standard)
        guard supported.contains(found) else {
            throw .unsupported(
                file: file, key: key, found: found, supported: supported.joined(separator: ", "))
        }
    }
}
