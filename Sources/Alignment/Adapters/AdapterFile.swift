import Foundation
import LanguageModel

/// What PEFT's `adapter_config.json` says, as far as it is understood.
struct AdapterFile {
    let configuration: LowRankConfiguration
    /// Where the adapted model is kept.
    let base: String
    private let alphas: [(name: String, value: Float)]

    init(in directory: ModelDirectory) throws(ModelDirectoryError) {
        let file = try ConfigurationFile(
            contentsOf: directory.url.appending(component: "adapter_config.json"))
        try file.require("peft_type", "LORA", standard: nil)
        try file.require("bias", "none", standard: "none")
        // These change the model in ways that the arrays do not show.
        for key in ["lora_bias", "use_qalora", "layer_replication", "alora_invocation_tokens", "use_bdlora"] {
            if file.has(key), (try? file.flag(key, standard: false)) != false {
                throw .unsupported(file: file.file, key: key, found: "set", supported: "false or null")
            }
        }
        if let start = try? file.string("init_lora_weights", standard: "gaussian"),
            !["gaussian", "orthogonal", "eva"].contains(start)
        {
            throw .unsupported(
                file: file.file, key: "init_lora_weights", found: start,
                supported: "true, false, gaussian, orthogonal, eva, which leave the model as it is")
        }
        var configuration = LowRankConfiguration(
            rank: try file.integer("r", in: 1...1 << 20), alpha: try file.alpha("lora_alpha"))
        configuration.scaling = try file.flag("use_rslora", standard: false) ? .byRootOfRank : .byRank
        configuration.learnsMagnitudes = try file.flag("use_dora", standard: false)
        if file.has("lora_dropout"), let dropout = try? file.positive("lora_dropout"), dropout < 1 {
            configuration.dropout = Float(dropout)
        }
        self.configuration = configuration
        base = try file.string("base_model_name_or_path", standard: "")
        var alphas: [(name: String, value: Float)] = []
        if let pattern = file.object("alpha_pattern") {
            for key in pattern.keys { alphas.append((key, try pattern.alpha(key))) }
        }
        self.alphas = alphas
    }

    /// The numerator of the scale of one map: its own where the file gives it one by its name or the end of its name.
    func alpha(of name: String) -> Float {
        alphas.first { name == $0.name || name.hasSuffix("." + $0.name) }?.value ?? configuration.alpha
    }
}

extension ConfigurationFile {
    /// The numerator of a scale.
    fileprivate func alpha(_ key: String) throws(ModelDirectoryError) -> Float {
        let value = try positive(key)
        guard value < 1e9 else {
            throw .malformed(file: file, key: key, found: "\(value)", expected: "a number below 1e9")
        }
        return Float(value)
    }

    fileprivate func require(_ key: String, _ only: String, standard: String?) throws(ModelDirectoryError) {
        let found = try string(key, standard: standard)
        guard found == only else {
            throw .unsupported(file: file, key: key, found: found, supported: only)
        }
    }
}

extension LowRankConfiguration {
    /// The same with the maps of these names as its targets.
    func covering(_ names: [String]) -> LowRankConfiguration {
        var copy = self
        copy.targets = Set(
            names.compactMap { $0.split(separator: ".").last.flatMap { Target(rawValue: String($0)) } })
        return copy
    }
}

extension LowRankAdapter {
    /// The contents of PEFT's `adapter_config.json`.
    ///
    /// - Parameters:
    ///   - base: Where the adapted model is kept.
    ///   - configuration: What it is made of.
    ///   - task: What it is for, in PEFT's words.
    ///   - modules: What is trained beside the adapter.
    func configurationFile(
        base: String, of model: TransformerConfiguration, task: String, modules: [String]
    ) throws -> Data {
        func own<Value: Equatable>(_ value: (LowRankMap) -> Value, unless common: Value) -> [String: Value] {
            let special = maps.filter { value($0) != common }
            return Dictionary(uniqueKeysWithValues: special.map { ($0.name, value($0)) })
        }
        let adapted = Set(maps.map(\.name))
        // In gpt2 two maps of a block have the same last name, so the one before it is needed too.
        let words = model.family == .gpt2 ? 2 : 1
        let everywhere = Set(
            maps.map { $0.name.split(separator: ".").suffix(words).joined(separator: ".") }
        ).sorted()
        // A map that is adapted in some blocks only is named in full.
        let isRegular = adapted.count == everywhere.count * model.depth
        let values: [String: Any] = [
            "peft_type": "LORA", "task_type": task, "base_model_name_or_path": base, "inference_mode": true,
            "r": configuration.rank, "lora_alpha": decimal(configuration.alpha),
            "lora_dropout": decimal(configuration.dropout),
            "rank_pattern": own(\.rank, unless: configuration.rank),
            "alpha_pattern": own(\.alpha, unless: configuration.alpha).mapValues(decimal),
            "target_modules": isRegular ? everywhere : adapted.sorted(),
            "use_rslora": configuration.scaling == .byRootOfRank,
            "use_dora": configuration.learnsMagnitudes,
            "bias": "none", "fan_in_fan_out": model.family == .gpt2, "init_lora_weights": true,
            "modules_to_save": modules.isEmpty ? NSNull() : modules as Any,
        ]
        return try JSONSerialization.data(withJSONObject: values, options: [.prettyPrinted, .sortedKeys])
    }

    /// The shortest decimal that reads back as the same number; a whole one without a point, as PEFT has it.
    private func decimal(_ value: Float) -> NSDecimalNumber {
        let text = "\(value)"
        return NSDecimalNumber(string: text.hasSuffix(".0") ? String(text.dropLast(2)) : text)
    }
}
