import Foundation
import LanguageModel

/// PEFT's `adapter_config.json`.
package struct AdapterFile {
    let configuration: LowRankConfiguration
    /// The folder of the base, or its name on the Hub.
    let base: String
    private let file: ConfigurationFile
    private let alphas: [(pattern: ModulePattern, value: Float)]
    private let ranks: [(pattern: ModulePattern, value: Int)]

    init(in directory: ModelDirectory) throws(ModelDirectoryError) {
        let url = directory.url.appending(component: "adapter_config.json")
        let file = try ConfigurationFile(contentsOf: url)
        self.file = file
        try Self.check(file)
        var configuration = LowRankConfiguration(
            rank: try file.rank("r"), alpha: try file.alpha("lora_alpha"))
        configuration.scaling = try file.flag("use_rslora", standard: false) ? .byRootOfRank : .byRank
        configuration.learnsMagnitudes = try file.flag("use_dora", standard: false)
        // Zero is not positive, and is what the configuration has already.
        if file.has("lora_dropout"), (try? file.integer("lora_dropout", in: 0...0)) == nil {
            let dropout = try file.positive("lora_dropout")
            guard dropout < 1 else {
                throw .malformed(
                    file: file.file, key: "lora_dropout", found: "\(dropout)", expected: "a number below 1")
            }
            configuration.dropout = Float(dropout)
        }
        self.configuration = configuration
        base = try file.string("base_model_name_or_path", standard: "")
        // The first key that matches counts, so their order is part of the file.
        func patterns<Value>(
            _ key: String, _ value: (ConfigurationFile, String) throws(ModelDirectoryError) -> Value
        ) throws(ModelDirectoryError) -> [(pattern: ModulePattern, value: Value)] {
            guard let table = file.object(key) else {
                guard !file.isSet(key) else {
                    throw .malformed(
                        file: file.file, key: key, found: file.found(key), expected: "an object")
                }
                return []
            }
            var result: [(pattern: ModulePattern, value: Value)] = []
            for name in table.keys {
                let pattern = try ModulePattern(ending: name, in: key, of: file.file)
                do throws(ModelDirectoryError) {
                    result.append((pattern, try value(table, name)))
                } catch .malformed(let file, _, let found, let expected) {
                    throw .malformed(
                        file: file, key: "\(key).\(name)", found: found, expected: expected)
                }
            }
            return result
        }
        alphas = try patterns("alpha_pattern") { (table, name) throws(ModelDirectoryError) in
            try table.alpha(name)
        }
        ranks = try patterns("rank_pattern") { (table, name) throws(ModelDirectoryError) in
            try table.rank(name)
        }
    }

    /// The numerator of the scale of one module: that of the first pattern that its name matches, if any does.
    func alpha(of name: String) throws(ModelDirectoryError) -> Float {
        for (pattern, value) in alphas where try pattern.matches(name) { return value }
        return configuration.alpha
    }

    /// The rank of one module.
    func rank(of name: String) throws(ModelDirectoryError) -> Int {
        for (pattern, value) in ranks where try pattern.matches(name) { return value }
        return configuration.rank
    }

    // MARK: Which modules it is for

    /// Refuses arrays of a module that the file does not name, which PEFT would leave out.
    func checkTarget(_ name: String) throws(ModelDirectoryError) {
        if isTied(name) { return }
        let isTarget = try names("target_modules", name, standard: true)
        let isExcluded = try names("exclude_modules", name, standard: false)
        guard isTarget, !isExcluded, isInLayers(name) else {
            let key = isExcluded ? "exclude_modules" : isTarget ? "layers_to_transform" : "target_modules"
            throw .malformed(
                file: file.file, key: key, found: file.found(key),
                expected: "what agrees with the arrays, of which some are for \(name)")
        }
    }

    /// Refuses a module that is saved whole although the file does not name it.
    func checkSaved(_ name: String) throws(ModelDirectoryError) {
        guard isTied(name) || file.strings("modules_to_save").contains(where: name.hasSuffix) else {
            throw .malformed(
                file: file.file, key: "modules_to_save", found: file.found("modules_to_save"),
                expected: "what agrees with the arrays, of which some are for \(name)")
        }
    }

    /// PEFT adds the head to an adapted embedding, and the other way round, where they are to stay one.
    private func isTied(_ name: String) -> Bool {
        file.isSet("ensure_weight_tying")
            && ([LowRankMap.head] + LowRankMap.embeddings).contains(where: name.hasSuffix)
    }

    private func names(
        _ key: String, _ name: String, standard: Bool
    ) throws(ModelDirectoryError) -> Bool {
        guard file.isSet(key) else { return standard }
        if let text = try? file.string(key) {
            if text == "all-linear" { return true }
            return try ModulePattern(whole: text, in: key, of: file.file).matches(name)
        }
        return file.strings(key).contains { name == $0 || name.hasSuffix("." + $0) }
    }

    private func isInLayers(_ name: String) -> Bool {
        guard file.has("layers_to_transform") else { return true }
        let one = try? file.integer("layers_to_transform", in: 0...Int(Int32.max))
        let layers = one.map { [$0] } ?? file.integers("layers_to_transform")
        // Modules outside of the layers, such as the head, are named in full.
        let layer = name.split(separator: ".").lazy.compactMap { Int($0) }.first
        return layers.isEmpty || layer.map(layers.contains) ?? true
    }
}

extension ConfigurationFile {
    /// The numerator of a scale.
    fileprivate func alpha(_ key: String) throws(ModelDirectoryError) -> Float {
        let value = try positive(key)
        guard value < 1e9, Float(value) > 0 else {
            throw .malformed(
                file: file, key: key, found: "\(value)", expected: "a number greater than 0 and below 1e9")
        }
        return Float(value)
    }

    fileprivate func rank(_ key: String) throws(ModelDirectoryError) -> Int {
        try integer(key, in: 1...1 << 20)
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
    ///   - base: The folder of the base, or its name on the Hub.
    ///   - model: The configuration of the base.
    ///   - task: The task type, in PEFT's words.
    ///   - modules: The modules that are trained whole.
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
