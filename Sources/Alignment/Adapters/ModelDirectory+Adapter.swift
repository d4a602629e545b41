public import LanguageModel
public import NeuralCore

/// Adapters in the format of PEFT: `adapter_config.json` and `adapter_model.safetensors`.
extension ModelDirectory {
    /// The adapter in the directory, for a transformer.
    ///
    /// - Throws: `ModelDirectoryError` where the adapter is of another kind, or does not fit the transformer.
    public func adapter(for base: Transformer) throws(ModelDirectoryError) -> LowRankAdapter {
        try readAdapter(for: base, besides: []).adapter
    }

    /// The adapter, and arrays that go with it.
    func readAdapter(
        for base: Transformer, besides names: [String]
    ) throws(ModelDirectoryError) -> (adapter: LowRankAdapter, others: [Tensor]) {
        var arrays = try AdapterArrays(in: self, for: base)
        let adapter = try arrays.adapter()
        var others: [Tensor] = []
        for name in names { others.append(try arrays.array(name)) }
        guard !adapter.maps.isEmpty || !adapter.tables.isEmpty || !adapter.savedParameters.isEmpty,
            arrays.unused.isEmpty
        else {
            throw .checkpoint(.unusedKeys(arrays.unused.sorted(), file: arrays.path))
        }
        if let problem = adapter.misfit(with: base) {
            throw .malformed(file: arrays.path, key: "shapes", found: problem, expected: "maps of the model")
        }
        return (adapter, others)
    }

    /// Writes an adapter so that PEFT loads it.
    ///
    /// - Parameters:
    ///   - model: The adapter, on its base; the base is not written.
    ///   - base: Where the base is kept: a folder, or a name that PEFT understands.
    ///   - type: How numbers are stored.
    public func write(
        _ model: AdaptedTransformer, base: String, as type: StoredType = .float32
    ) throws(ModelDirectoryError) {
        try write(model, base: base, task: "CAUSAL_LM", besides: [], as: type)
    }

    func write(
        _ model: AdaptedTransformer, base: String, task: String, besides arrays: [(String, Tensor)],
        as type: StoredType
    ) throws(ModelDirectoryError) {
        let adapter = model.adapterInFile(hasHead: task == "CAUSAL_LM")
        var writer = SafetensorsWriter()
        for (name, value) in adapter.parameters + arrays {
            writer.add(value, named: AdapterArrays.key(name), as: type)
        }
        for table in adapter.tables {
            guard let frozen = table.frozen else { continue }
            writer.add(frozen, named: AdapterArrays.key(table.name + ".base_layer.weight"), as: type)
        }
        let saved = adapter.savedParameters.map(\.name) + arrays.map(\.0)
        let modules = Set(saved.map { $0.split(separator: ".").dropLast().joined(separator: ".") }).sorted()
        try write(writer, to: "adapter_model.safetensors", configurationNamed: "adapter_config.json") {
            adapter.configurationFile(
                base: base, of: model.base.configuration, task: task, modules: modules)
        }
    }
}
