public import Foundation
public import LanguageModel
public import NeuralCore

/// Models from a directory, or from that of an adapter and the one of the model it is for.
///
/// An adapter names its base by a path, which is looked up from the working directory and then from the adapter's own,
/// or by a name of the Hugging Face Hub, whose folder is to be said. Where the base is an adapter again, the two are
/// folded into one.
extension ModelDirectory {
    /// The language model that the directory holds, or that its adapter makes of the model it is for.
    ///
    /// - Parameter base: The folder of the model that an adapter is for; nil for where the adapter says it is.
    public func languageModel(base: URL? = nil) throws(ModelDirectoryError) -> Transformer {
        switch try contents() {
        case .adapter: try adaptedTransformer(base: base).merged
        case .rewardAdapter, .rewardModel:
            throw .unsupported(
                file: url.path(percentEncoded: false), key: "contents", found: "a reward model",
                supported: "a language model, or an adapter of one")
        case .languageModel: try transformer()
        }
    }

    /// The same model as one that does not learn; that of a directory without an adapter is read straight into the format.
    ///
    /// - Parameters:
    ///   - format: How the matrices are kept.
    ///   - base: The folder of the model that an adapter is for; nil for where the adapter says it is.
    public func storedLanguageModel(
        as format: StoredMatrix.Format, base: URL? = nil
    ) throws(ModelDirectoryError) -> StoredTransformer {
        guard try contents() != .languageModel else { return try storedTransformer(as: format) }
        // An adapter is merged in 32 bits.
        return StoredTransformer(try languageModel(base: base), as: format)
    }

    /// The reward model that the directory holds, or that its adapter makes of the model it is for.
    ///
    /// - Parameter base: The folder of the model that an adapter is for; nil for where the adapter says it is.
    /// - Throws: `ModelDirectoryError` where there is none, or its parameters are not those its configuration tells of.
    public func rewardModel(base: URL? = nil) throws(ModelDirectoryError) -> RewardModel {
        if try contents() == .rewardAdapter { return try adaptedRewardModel(base: base).merged }
        let (body, score) = try scoredTransformer()
        return RewardModel(body: body, score: score)
    }

    /// The adapter in the directory, on the model it says it is for.
    ///
    /// - Parameter base: The folder of that model; nil for where the adapter says it is.
    public func adaptedTransformer(base: URL? = nil) throws(ModelDirectoryError) -> AdaptedTransformer {
        let directory = try adapterBase(base)
        guard try directory.contents() == .adapter else {
            let transformer = try directory.transformer()
            return transformer.applying(try adapter(for: transformer))
        }
        let inner = try directory.adaptedTransformer()
        return try inner.folding(try adapter(for: inner.merged), at: directory)
    }

    /// The directory of the model that the adapter is for.
    ///
    /// - Parameter base: Its folder; nil for where the adapter says it is.
    /// - Throws: `ModelDirectoryError` where it is not there, or names itself in the end.
    public func adapterBase(_ base: URL? = nil) throws(ModelDirectoryError) -> ModelDirectory {
        isAdapter ? try chain(base: base)[1] : try nextBase(base)
    }

    /// The directory of the model at the end of a chain of adapters; this one where it holds no adapter.
    ///
    /// - Parameter base: The folder of the model that an adapter is for; nil for where the adapter says it is.
    public func foundation(base: URL? = nil) throws(ModelDirectoryError) -> ModelDirectory {
        try chain(base: base).last!
    }

    /// This directory and those that its adapters are for, one after the other; only the last holds no adapter.
    func chain(base: URL?) throws(ModelDirectoryError) -> [ModelDirectory] {
        var chain = [self]
        var seen: Set = [url.resolvingSymlinksInPath().path]
        while let last = chain.last, last.isAdapter {
            let next = try last.nextBase(chain.count == 1 ? base : nil)
            guard seen.insert(next.url.resolvingSymlinksInPath().path).inserted else {
                throw .malformed(
                    file: url.path(percentEncoded: false), key: "base_model_name_or_path",
                    found: "an adapter that is for itself", expected: "a model")
            }
            chain.append(next)
        }
        return chain
    }

    /// The directory with the tokenizer and the template: this one, or of an adapter that has none, the first below it
    /// that has.
    func textDirectory(base: URL?) throws(ModelDirectoryError) -> ModelDirectory {
        try chain(base: base).first { !$0.isAdapter || $0.url.holdsTokenizer }!
    }

    private var isAdapter: Bool { (try? contents()).map { $0 == .adapter || $0 == .rewardAdapter } ?? false }

    private func nextBase(_ base: URL?) throws(ModelDirectoryError) -> ModelDirectory {
        let path: String
        if let base { path = base.path(percentEncoded: false) } else { path = try AdapterFile(in: self).base }
        let own = base == nil ? [url.appending(path: path)] : []
        for candidate in [URL(filePath: path)] + own
        where !path.isEmpty && FileManager.default.fileExists(atPath: candidate.path(percentEncoded: false)) {
            return ModelDirectory(candidate)
        }
        let folder = url.path(percentEncoded: false)
        guard !path.isEmpty else {
            throw .malformed(
                file: url.appending(component: "adapter_config.json").path(percentEncoded: false),
                key: "base_model_name_or_path", found: "missing",
                expected: "the folder of the model that the adapter is for, or give it with --base DIR")
        }
        // A name of the Hub is an owner and a model, or a model alone, as "gpt2".
        let isHubName = path.wholeMatch(of: /[\w][\w.-]*(\/[\w.-]+)?/) != nil
        throw .unreadable(
            file: path,
            reason: "the model that the adapter in \(folder) is for is not there"
                + (isHubName
                    ? "; if this is its name on the Hugging Face Hub, give its folder with --base DIR"
                    : "; if it lies elsewhere, give its folder with --base DIR"))
    }
}

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
    ///   - base: The folder of the base, or its name on the Hub, as PEFT will look for it.
    ///   - type: The type that numbers are stored as.
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
