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
    ) -> Data {
        func own<Value: Equatable>(
            _ value: (LowRankMap) -> Value, unless common: Value, as json: (Value) -> JSONValue
        ) -> JSONValue {
            let special = (maps + tables).filter { value($0) != common }
            return .object(JSONObject(special.map { ($0.name, json(value($0))) }))
        }
        let adapted = Set(maps.map(\.name))
        // In gpt2 two maps of a block have the same last name, so the one before it is needed too.
        let words = model.family == .gpt2 ? 2 : 1
        let everywhere = Set(
            maps.map { $0.name.split(separator: ".").suffix(words).joined(separator: ".") }
        ).sorted()
        // A map that is adapted in some blocks only is named in full.
        let isRegular = adapted.count == everywhere.count * model.depth
        let targets = (isRegular ? everywhere : adapted.sorted()) + tables.map(\.name)
        let values: JSONValue = [
            "peft_type": "LORA", "task_type": .string(task), "base_model_name_or_path": .string(base),
            "inference_mode": true,
            "r": .integer(configuration.rank), "lora_alpha": decimal(configuration.alpha),
            "lora_dropout": decimal(configuration.dropout),
            "rank_pattern": own(\.rank, unless: configuration.rank, as: JSONValue.integer),
            "alpha_pattern": own(\.alpha, unless: configuration.alpha, as: decimal),
            "target_modules": .array(targets.map(JSONValue.string)),
            "use_rslora": .bool(configuration.scaling == .byRootOfRank),
            "use_dora": .bool(configuration.learnsMagnitudes),
            "bias": "none", "fan_in_fan_out": .bool(model.family == .gpt2), "init_lora_weights": true,
            "modules_to_save": modules.isEmpty ? .null : .array(modules.map(JSONValue.string)),
        ]
        return Data(values.text(.sorted).utf8)
    }

    /// A whole number without a point, as PEFT has it.
    private func decimal(_ value: Float) -> JSONValue {
        Int(exactly: value).map(JSONValue.integer) ?? .decimal(value)
    }
}
