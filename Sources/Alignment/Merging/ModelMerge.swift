public import Foundation
import JSON
import LanguageModel
import NeuralCore

extension MergeRecipe {
    /// Merges, and writes a model directory that is read here and by transformers: the configuration, the tokenizer and the
    /// template are those of the base, or of the first model where there is none; of the first that has any.
    ///
    /// One tensor is held at a time, of each model. An adapter is merged into its model first, in a folder beside
    /// `output` that is removed afterwards. The same recipe gives the same bytes.
    ///
    /// - Parameters:
    ///   - output: The folder; it is made if it is not there.
    ///   - progress: Called before each tensor with its number and how many there are.
    public func write(
        to output: URL, progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
    ) throws(MergeError) {
        let recipe = try completed()
        let work = output.deletingLastPathComponent()
            .appending(component: ".\(output.lastPathComponent).merging")
        defer { try? FileManager.default.removeItem(at: work) }
        var models: [String: MergeInput] = [:]
        for name in recipe.names where models[name] == nil {
            models[name] = try MergeInput(
                name, apartFrom: output, workFolder: work.appending(component: "\(models.count)"))
        }
        let reference = models[recipe.names[0]]!
        let texts = recipe.names.lazy.compactMap { models[$0] }.first(where: \.hasTokenizer) ?? reference
        for name in recipe.names.dropFirst() {
            try models[name]!.checkParameters(against: reference)
            try models[name]!.checkTokens(against: texts)
        }

        let tensors = try recipe.tensors(models)
        var weights = SafetensorsWriter()
        var random = RandomSource(seed: seed)
        for (index, tensor) in tensors.enumerated() {
            let (method, random) = (recipe.method, random.split())
            weights.add(named: tensor.name, shape: tensor.shape, as: type ?? tensor.type) {
                () throws(FileError) in
                progress(index, tensors.count)
                var parts: [Tensor] = []
                for part in tensor.parts {
                    do throws(CheckpointError) { parts.append(try part.checkpoint.tensor(part.key)) } catch {
                        throw .unreadable(file: part.checkpoint.path, reason: "\(error)")
                    }
                }
                return method.merge(parts, base: tensor.base, tensor.settings, using: random)
            }
        }
        let layers = recipe.slices.flatMap { $0.sources[0].layers.map(Array.init) ?? [] }
        do throws(ModelDirectoryError) {
            try ModelDirectory(output).write(
                weights, to: "model.safetensors", bytesPerFile: 5_000_000_000
            ) { () throws in
                try texts.copyTextFiles(to: output)
                return try reference.configuration(of: layers, as: type)
            }
        } catch {
            throw .directory(error)
        }
    }

    /// All models of the recipe, the base first, some more than once.
    private var names: [String] { (base.map { [$0] } ?? []) + slices.flatMap { $0.sources.map(\.model) } }

    /// The recipe with the base among the models, after checking that the method can be carried out.
    private func completed() throws(MergeError) -> MergeRecipe {
        var recipe = self
        if method.needsBase, base == nil {
            throw .impossible("\(method.rawValue) measures differences from a base, and none is given")
        }
        if base != nil, !method.needsBase {
            // The mean has no base; mergekit averages it with the others where it is named.
            recipe.base = slices.contains { $0.sources.contains { $0.model == base } } ? base : nil
            guard recipe.base != nil else {
                throw .impossible("linear has no base: name it among the models, with a weight")
            }
        }
        for (index, slice) in recipe.slices.enumerated() {
            if let base = recipe.base, !slice.sources.contains(where: { $0.model == base }) {
                guard slice.sources.allSatisfy({ $0.layers == nil }) else {
                    throw .impossible("slices[\(index)] does not have the base, \(base), among its sources")
                }
                recipe.slices[index].sources.append(Source(base))
            }
            let sources = recipe.slices[index].sources
            guard Set(sources.map(\.model)).count == sources.count else {
                throw .impossible("slices[\(index)] has a model twice")
            }
            if method == .slerp, sources.count != 2 {
                throw .impossible("slerp goes from a base to one other model; these are \(sources.count)")
            }
        }
        return recipe
    }
}

// MARK: - Tensors

/// A tensor of the merged model, and what it is made of.
private struct MergedTensor: Sendable {
    var name: String
    var shape: Shape
    var type: StoredType
    var parts: [(checkpoint: Checkpoint, key: String)]
    var base: Int?
    var settings: MergeMethod.Settings
}

extension MergeRecipe {
    /// The tensors of the merged model: what comes before the layers, the layers, and what comes after them.
    private func tensors(_ models: [String: MergeInput]) throws(MergeError) -> [MergedTensor] {
        let reference = models[names[0]]!
        var tensors: [MergedTensor] = []
        for place in reference.places where place.isBeforeLayers {
            tensors.append(try tensor(place, of: models, slice: 0))
        }
        var layer = 0
        for (index, slice) in slices.enumerated() {
            let count = try layerCount(of: slice, models)
            for offset in 0..<count {
                for place in try places(ofLayer: offset, of: slice, models) {
                    tensors.append(
                        try tensor(
                            place.with(layer: layer), of: models, slice: index, offset: offset,
                            depth: count > 1 ? Double(offset) / Double(count - 1) : 1))
                }
                layer += 1
            }
        }
        for place in reference.places where place.layer == nil && !place.isBeforeLayers {
            tensors.append(try tensor(place, of: models, slice: slices.count - 1))
        }
        return tensors
    }

    /// The parameters of a layer of a slice, which all of its models have to have.
    private func places(
        ofLayer offset: Int, of slice: Slice, _ models: [String: MergeInput]
    ) throws(MergeError) -> [MergeInput.Place] {
        let layers = slice.sources.map { source in
            let layer = (source.layers?.lowerBound ?? 0) + offset
            return models[source.model]!.places.filter { $0.layer == layer }
        }
        let tails = layers.map { Set($0.map(\.tail)) }
        for (index, source) in slice.sources.enumerated() {
            guard let tail = tails[index].symmetricDifference(tails[0]).min(),
                let place = (layers[index] + layers[0]).first(where: { $0.tail == tail })
            else { continue }
            let isHere = tails[index].contains(tail)
            throw .unlike(
                model: source.model, other: slice.sources[0].model, tensor: place.name,
                found: isHere ? "one" : "none", expected: isHere ? "none" : "one")
        }
        return layers[0]
    }

    /// The number of layers of a slice, which all of its models have to give.
    private func layerCount(of slice: Slice, _ models: [String: MergeInput]) throws(MergeError) -> Int {
        let ranges = slice.sources.map { $0.layers ?? 0..<models[$0.model]!.layerCount }
        for (source, range) in zip(slice.sources, ranges) {
            let available = models[source.model]!.layerCount
            guard range.count == ranges[0].count, range.upperBound <= available else {
                throw .unlike(
                    model: source.model, other: slice.sources[0].model, tensor: "layers",
                    found: "\(range) of \(available)", expected: "\(ranges[0])")
            }
        }
        return ranges[0].count
    }

    /// A tensor of a slice, made of those of its sources.
    ///
    /// - Parameters:
    ///   - place: Where it is in the merged model.
    ///   - offset: The number of its layer within the slice.
    ///   - depth: Where that layer is between the first of the slice, 0, and the last, 1.
    private func tensor(
        _ place: MergeInput.Place, of models: [String: MergeInput], slice: Int, offset: Int = 0,
        depth: Double = 0
    ) throws(MergeError) -> MergedTensor {
        let sources = slices[slice].sources
        let names = sources.map { source in
            place.layer == nil
                ? place.name : place.with(layer: (source.layers?.lowerBound ?? 0) + offset).name
        }
        var parts: [(Checkpoint, String)] = []
        var (shape, type): (Shape?, StoredType) = (nil, .float32)
        for (source, name) in zip(sources, names) {
            let (checkpoint, key) = (models[source.model]!.checkpoint, models[source.model]!.keys[name])
            let found = key.flatMap(checkpoint.shape)
            guard let key, let found, found == shape ?? found else {
                throw .unlike(
                    model: source.model, other: sources[0].model, tensor: name,
                    found: found.map { "shape \($0)" } ?? "none",
                    expected: shape.map { "shape \($0)" } ?? "one")
            }
            shape = found
            if parts.isEmpty || source.model == base, let stored = checkpoint.type(of: key) {
                type = [.bfloat16, .float16].contains(stored) ? stored : .float32
            }
            parts.append((checkpoint, key))
        }
        return MergedTensor(
            name: place.name, shape: shape!, type: type, parts: parts,
            base: sources.firstIndex { $0.model == base },
            settings: try settings(slice: slice, name: place.name, in: names, depth: depth))
    }
}
