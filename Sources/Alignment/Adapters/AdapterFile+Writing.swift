import Foundation
import LanguageModel

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
            let special = (maps + tables).filter { value($0) != common }
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
            "target_modules": (isRegular ? everywhere : adapted.sorted()) + tables.map(\.name),
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
