import Foundation
import LanguageModel
import NeuralCore

/// The arrays of PEFT's `adapter_model.safetensors`, taken one after another until none is left.
struct AdapterArrays {
    private let file: AdapterFile
    private let base: Transformer
    private let checkpoint: Checkpoint
    /// The arrays that nobody has asked for.
    private(set) var unused: Set<String>

    /// The path, for messages.
    var path: String { checkpoint.path }

    init(in directory: ModelDirectory, for base: Transformer) throws(ModelDirectoryError) {
        file = try AdapterFile(in: directory)
        self.base = base
        do throws(CheckpointError) {
            checkpoint = try Checkpoint(directory.url.appending(component: "adapter_model.safetensors"))
        } catch { throw .checkpoint(error) }
        unused = Set(checkpoint.keys)
    }

    /// The name of an array in PEFT's files.
    static func key(_ name: String) -> String { "base_model.model." + name }

    /// The array of this name.
    mutating func array(_ name: String) throws(ModelDirectoryError) -> Tensor {
        unused.remove(Self.key(name))
        do throws(CheckpointError) {
            return try checkpoint.tensor(Self.key(name))
        } catch { throw .checkpoint(error) }
    }

    private func has(_ name: String) -> Bool { checkpoint.shape(of: Self.key(name)) != nil }

    /// All that the arrays make for the base.
    mutating func adapter() throws(ModelDirectoryError) -> LowRankAdapter {
        var names: [String] = []
        var copy = base
        copy.forEachLinearMap { name, _ in names.append(name) }
        var maps: [LowRankMap] = []
        for name in names {
            if let map = try self.map(name, arrays: ("lora_A.weight", "lora_B.weight")) { maps.append(map) }
        }
        let tables = [
            try map(LowRankMap.embedding, arrays: ("lora_embedding_A", "lora_embedding_B")),
            try map(LowRankMap.head, arrays: ("lora_A.weight", "lora_B.weight")),
        ]
        return LowRankAdapter(
            file.configuration.covering(maps.map(\.name)), maps: maps, tables: tables.compactMap(\.self),
            savedParameters: try savedParameters())
    }

    /// The adapter of the map with one of our names; nil if it has none.
    private mutating func map(
        _ name: String, arrays: (down: String, up: String)
    ) throws(ModelDirectoryError) -> LowRankMap? {
        let place = AdapterPlace(name, in: base.configuration)
        guard has("\(place.name).\(arrays.down)") else { return nil }
        try file.checkTarget(place.name)
        let map = LowRankMap(
            name: name, down: try array("\(place.name).\(arrays.down)"),
            up: place.part(of: try array("\(place.name).\(arrays.up)")),
            magnitude: file.configuration.learnsMagnitudes
                ? place.part(of: try array("\(place.name).lora_magnitude_vector")) : nil,
            alpha: try file.alpha(of: place.name), frozen: try frozenTable(place.name))
        let rank = try file.rank(of: place.name)
        guard map.down.shape.rank == 2, map.down.count > 0, map.rank == rank else {
            throw .malformed(
                file: checkpoint.path, key: "\(place.name).\(arrays.down)", found: "\(map.down.shape)",
                expected: "[\(rank), inputs], the rank that adapter_config.json gives it")
        }
        return map
    }

    /// The table that an adapter of one brings with it, where it is not the base's.
    private mutating func frozenTable(_ name: String) throws(ModelDirectoryError) -> Tensor? {
        let key = name + ".base_layer.weight"
        guard has(key) else { return nil }
        let table = try array(key)
        let own = name.hasSuffix(LowRankMap.head) ? base.head : base.embedding.weight
        guard table.shape == own.shape else {
            throw .malformed(
                file: checkpoint.path, key: Self.key(key), found: "\(table.shape)",
                expected: "\(own.shape), as the base has it")
        }
        return table.scalars == own.scalars ? nil : table
    }

    private mutating func savedParameters() throws(ModelDirectoryError) -> [SavedParameter] {
        var saved: [SavedParameter] = []
        for name in base.shapesOfParameters.keys.sorted() {
            guard let key = AdapterPlace.name(ofParameter: name, in: base.configuration), has(key)
            else { continue }
            try file.checkSaved(key.split(separator: ".").dropLast().joined(separator: "."))
            saved.append(SavedParameter(name: name, value: try array(key)))
        }
        return saved
    }
}
