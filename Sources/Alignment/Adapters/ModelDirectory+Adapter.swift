import Foundation
public import LanguageModel
public import NeuralCore

/// Adapters in the format of PEFT: `adapter_config.json` and `adapter_model.safetensors`.
extension ModelDirectory {
    /// The directory of the model that the adapter is for.
    ///
    /// A relative path is looked up from the working directory, then from the adapter's own.
    public func adapterBase() throws(ModelDirectoryError) -> ModelDirectory {
        let path = try AdapterFile(in: self).base
        for candidate in [URL(filePath: path), url.appending(path: path)]
        where !path.isEmpty && FileManager.default.fileExists(atPath: candidate.path(percentEncoded: false)) {
            return ModelDirectory(candidate)
        }
        throw .unreadable(
            file: url.path(percentEncoded: false),
            reason:
                "the model that the adapter is for, \(path.isEmpty ? "which it does not name" : path), is not there"
        )
    }

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
        let file = try AdapterFile(in: self)
        let family = base.configuration.family
        let checkpoint: Checkpoint
        do throws(CheckpointError) {
            checkpoint = try Checkpoint(url.appending(component: "adapter_model.safetensors"))
        } catch { throw .checkpoint(error) }
        var adapted: [String] = []
        var copy = base
        copy.forEachLinearMap { name, _ in
            let key = Self.key(AdapterPlace(name, in: family).name + ".lora_A.weight")
            if checkpoint.shape(of: key) != nil { adapted.append(name) }
        }
        var unused = Set(checkpoint.keys)
        func array(_ name: String) throws(ModelDirectoryError) -> Tensor {
            unused.remove(Self.key(name))
            do throws(CheckpointError) {
                return try checkpoint.tensor(Self.key(name))
            } catch { throw .checkpoint(error) }
        }
        var maps: [LowRankMap] = []
        for name in adapted {
            let place = AdapterPlace(name, in: family)
            let map = LowRankMap(
                name: name, down: try array(place.name + ".lora_A.weight"),
                up: place.part(of: try array(place.name + ".lora_B.weight")),
                magnitude: file.configuration.learnsMagnitudes
                    ? place.part(of: try array(place.name + ".lora_magnitude_vector")) : nil,
                alpha: file.alpha(of: place.name))
            guard map.down.shape.rank == 2, map.down.count > 0 else {
                throw .malformed(
                    file: checkpoint.path, key: name, found: "\(map.down.shape)",
                    expected: "[rank, inputs]")
            }
            maps.append(map)
        }
        var others: [Tensor] = []
        for name in names { others.append(try array(name)) }
        guard !maps.isEmpty, unused.isEmpty else {
            throw .checkpoint(.unusedKeys(unused.sorted(), file: checkpoint.path))
        }
        let adapter = LowRankAdapter(file.configuration.covering(adapted), maps: maps)
        if let problem = adapter.misfit(with: base) {
            throw .malformed(
                file: checkpoint.path, key: "shapes", found: problem, expected: "maps of the model")
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
        let adapter = LowRankAdapter(model.adapter.configuration, maps: model.mapsInFile)
        var writer = SafetensorsWriter()
        for (name, value) in adapter.parameters + arrays {
            writer.add(value, named: Self.key(name), as: type)
        }
        let modules = arrays.map { $0.0.split(separator: ".").dropLast().joined(separator: ".") }
        try write(writer, to: "adapter_model.safetensors", configurationNamed: "adapter_config.json") {
            try adapter.configurationFile(
                base: base, of: model.base.configuration, task: task, modules: modules)
        }
    }

    /// The name of an array in PEFT's files.
    private static func key(_ name: String) -> String { "base_model.model." + name }
}
