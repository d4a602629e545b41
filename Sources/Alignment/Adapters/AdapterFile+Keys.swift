import Foundation
package import LanguageModel

/// The keys of `adapter_config.json`: the fields of PEFT's `LoraConfig`.
extension AdapterFile {
    /// The fate of every key that PEFT 0.21 writes; any other key is refused as well.
    package static let fates: [String: ConfigurationFile.Fate] = [
        // The adapter's kind and sizes.
        "peft_type": .honored, "task_type": .honored, "base_model_name_or_path": .honored,
        "r": .honored, "lora_alpha": .honored, "lora_dropout": .honored, "use_rslora": .honored,
        "use_dora": .honored, "rank_pattern": .honored, "alpha_pattern": .honored, "bias": .honored,
        "init_lora_weights": .honored,
        // The modules that it has arrays for.
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
        try file.check(fates, others: .refused, of: "an adapter")
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

/// A regular expression for the names of modules, as PEFT writes them into `adapter_config.json`.
///
/// Expressions are those of ICU, which reads what Python's `re` does but for a few rare forms.
struct ModulePattern {
    private let expression: NSRegularExpression
    private let text: String
    private let file: String
    private let key: String

    /// The key of a pattern table such as `alpha_pattern`: matched as `(.*\.)?(KEY)$` from the beginning of a name.
    init(ending text: String, in key: String, of file: String) throws(ModelDirectoryError) {
        try self.init(text, expression: #"(.*\.)?("# + text + ")$", in: key, of: file)
    }

    /// An expression that matches names from end to end, as `target_modules` has it.
    init(whole text: String, in key: String, of file: String) throws(ModelDirectoryError) {
        try self.init(text, expression: "(?:" + text + #")\z"#, in: key, of: file)
    }

    private init(
        _ text: String, expression: String, in key: String, of file: String
    ) throws(ModelDirectoryError) {
        (self.text, self.key, self.file) = (text, key, file)
        do {
            // Python spells the names of groups in its own way.
            self.expression = try NSRegularExpression(
                pattern: expression.replacing("(?P<", with: "(?<"))
        } catch {
            throw .malformed(file: file, key: key, found: text, expected: "a regular expression")
        }
    }

    /// True if the name matches.
    ///
    /// - Throws: `ModelDirectoryError` where finding out takes more than about half a second, as with `(a+)+b`.
    func matches(_ name: String) throws(ModelDirectoryError) -> Bool {
        var isMatch = false
        var reports = 0
        let whole = NSRange(location: 0, length: name.utf16.count)
        expression.enumerateMatches(in: name, options: [.anchored, .reportProgress], range: whole) {
            match, _, stop in
            reports += 1
            isMatch = isMatch || match != nil
            if isMatch || reports > Self.mostReports { stop.pointee = true }
        }
        guard isMatch || reports <= Self.mostReports else {
            throw .malformed(
                file: file, key: key, found: text,
                expected: "a regular expression that is matched in short time")
        }
        return isMatch
    }

    /// The matcher reports each time that it has taken some ten thousand steps.
    private static let mostReports = 2_000
}
