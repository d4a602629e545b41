import NeuralCore

/// A model in a GGUF file.
struct GGUFModel {
    private let metadata: GGUFMetadata
    private var file: GGUFFile { metadata.file }

    init(_ file: GGUFFile) throws(CheckpointError) {
        metadata = try GGUFMetadata(file)
    }

    /// Sizes beyond these are taken for damage.
    private static let sizes = 1...1 << 24
    private static let depths = 1...1 << 12

    // MARK: The configuration

    /// Reads the configuration from the keys, and from the tensors where only these tell.
    func configuration() throws(CheckpointError) -> TransformerConfiguration {
        let family = try family()
        let width = try metadata.size("embedding_length", in: Self.sizes)
        let heads = try metadata.size("attention.head_count", in: Self.sizes)
        guard let embedding = file[GGUFNames.embedding], embedding.shape.rank == 2 else {
            throw .missingKeys([GGUFNames.embedding], file: file.path)
        }
        var configuration = TransformerConfiguration(
            family: family,
            vocabularySize: try metadata.size(
                "vocab_size", in: embedding.shape[0]...embedding.shape[0], standard: embedding.shape[0]),
            width: width, depth: try metadata.size("block_count", in: Self.depths), heads: heads,
            keyValueHeads: try metadata.size("attention.head_count_kv", in: Self.sizes, standard: heads),
            headSize: try metadata.size(
                "attention.key_length", in: Self.sizes, standard: max(1, width / heads)),
            feedForwardWidth: try metadata.size("feed_forward_length", in: Self.sizes),
            contextLength: try metadata.size("context_length", in: Self.sizes),
            tiesEmbeddings: file[GGUFNames.head] == nil || file.areEqual(GGUFNames.head, GGUFNames.embedding))
        try requireWholeHeads(configuration)
        configuration.normalizationEpsilon = Float(
            try metadata.positive("attention.layer_norm_\(family == .gpt2 ? "" : "rms_")epsilon"))
        if family != .gpt2 {
            try readRotation(into: &configuration)
            let (query, output) = (file["blk.0.attn_q.bias"] != nil, file["blk.0.attn_output.bias"] != nil)
            configuration.attentionBias = output ? .all : query ? .queryKeyValue : .none
            configuration.feedForwardBias = file["blk.0.ffn_up.bias"] != nil
        }
        try readTokens(into: &configuration)
        return configuration
    }

    private func family() throws(CheckpointError) -> TransformerConfiguration.Family {
        guard let family = TransformerConfiguration.Family(rawValue: metadata.architecture),
            family != .mistral, GGUFNames.families.contains(family)
        else {
            throw metadata.malformed(
                "general.architecture", "gpt2, llama (and mistral as llama), qwen2, qwen3")
        }
        return family
    }

    private func requireWholeHeads(_ configuration: TransformerConfiguration) throws(CheckpointError) {
        let (heads, size) = (configuration.heads, configuration.headSize)
        let architecture = metadata.architecture
        guard heads % configuration.keyValueHeads == 0 else {
            throw metadata.malformed(
                "\(architecture).attention.head_count_kv", "a divisor of head_count, \(heads)")
        }
        guard size % 2 == 0, size <= (1 << 24) / heads else {
            throw metadata.malformed(
                "\(architecture).attention.key_length", "an even number, to rotate pairs")
        }
        _ = try metadata.size("attention.value_length", in: size...size, standard: size)
        _ = try metadata.size("rope.dimension_count", in: size...size, standard: size)
        let window = try metadata.size("attention.sliding_window", in: 0...Int(UInt32.max), standard: 0)
        guard window == 0 || window >= configuration.contextLength else {
            throw metadata.malformed("\(architecture).attention.sliding_window", "0, for all positions")
        }
    }

    private func readRotation(into configuration: inout TransformerConfiguration) throws(CheckpointError) {
        let base = try metadata.positive("rope.freq_base", standard: 10_000)
        configuration.rotaryBase = base
        let key = "\(metadata.architecture).rope.scaling.type"
        let kind = file.values[key]?.text ?? "none"
        switch kind {
        case "none": break
        case "linear":
            let factor = try metadata.positive("rope.scaling.factor")
            if factor != 1 { configuration.rotaryScaling = .linear(factor: factor) }
        default: throw metadata.malformed(key, "none, linear")
        }
        let name = GGUFNames.frequencyFactors
        guard let entry = file[name] else { return }
        guard entry.shape == [configuration.headSize / 2], configuration.rotaryScaling == nil else {
            throw .misshapen(
                file: file.path, key: name, found: entry.shape, expected: [configuration.headSize / 2])
        }
        let factors = try file.tensor(name).scalars
        if factors.allSatisfy({ $0 == 1 }) { return }
        let original = "rope.scaling.original_context_length"
        configuration.rotaryScaling = GGUFRotation.scaling(
            factors: factors, headSize: configuration.headSize, base: base,
            original: metadata.has(original) ? try metadata.size(original, in: Self.sizes) : nil)
        guard configuration.rotaryScaling != nil else {
            throw .malformed(
                file: file.path, key: name, found: "\(factors.prefix(4))…",
                expected: "the factors of Llama 3.1")
        }
    }

    private func readTokens(into configuration: inout TransformerConfiguration) throws(CheckpointError) {
        let count = configuration.vocabularySize
        let roles = try GGUFTokenRoles(metadata, below: count)
        configuration.beginOfSequence = roles.beginning
        configuration.endOfSequence = roles.ends
        configuration.padding = roles.padding
    }

    // MARK: The parameters

    /// The model, with every parameter found and nothing left over.
    ///
    /// - Parameter format: The storage format of the matrices, each converted as it is read; nil for tensors.
    func transformer(as format: StoredMatrix.Format? = nil) throws(CheckpointError) -> Transformer {
        let configuration = try configuration()
        try checkSize(of: configuration)
        var model = Transformer(uninitialized: configuration)
        let names = GGUFNames(configuration: configuration)
        if configuration.family == .gpt2 {
            var parameters = JoinedParameters(uninitialized: model)
            try load(into: &parameters, names, as: format)
            parameters.restore(into: &model)
        } else {
            try load(into: &model, names, as: format)
        }
        return model
    }

    /// Refuses a model that is many times as large as the file, before memory is taken for it.
    private func checkSize(of configuration: TransformerConfiguration) throws(CheckpointError) {
        let held = file.names.reduce(0.0) { $0 + Double(file[$1]?.shape.count ?? 0) }
        guard configuration.leastParameterCount <= 4 * held + Double(1 << 24) else {
            throw .malformed(
                file: file.path, key: nil, found: "\(Int(held)) numbers",
                expected: "some \(configuration.leastParameterCount) for the model that its keys describe")
        }
    }

    private func load(
        into model: inout some Module, _ names: GGUFNames, as format: StoredMatrix.Format?
    ) throws(CheckpointError) {
        var unused = Set(file.names).subtracting([GGUFNames.frequencyFactors])
        if names.configuration.tiesEmbeddings { unused.remove(GGUFNames.head) }
        var failure: CheckpointError?
        let formatOf = Transformer.matrices(storedAs: format)
        func reading<Value>(
            _ parameter: String, _ body: (_ name: String) throws(CheckpointError) -> Value
        ) -> Value? {
            guard failure == nil else { return nil }
            let name = GGUFNames.name(of: parameter)
            unused.remove(name)
            do throws(CheckpointError) {
                return try body(name)
            } catch {
                failure = error
                return nil
            }
        }
        for (parameter, value) in model.parameters {
            _ = reading(parameter) { name throws(CheckpointError) in
                guard let entry = file[name] else { throw .missingKeys([name], file: file.path) }
                guard entry.shape == value.shape else {
                    throw .misshapen(file: file.path, key: name, found: entry.shape, expected: value.shape)
                }
            }
        }
        model.forEachParameter(
            replacing: { parameter in
                formatOf(parameter).flatMap { format in
                    reading(parameter) { name throws(CheckpointError) in
                        guard names.isReordered(name) else { return try file.matrix(name, as: format) }
                        return StoredMatrix(names.parameter(try file.tensor(name), named: name), as: format)
                    }
                }
            },
            { parameter, value in
                let read = reading(parameter) { name throws(CheckpointError) in
                    names.parameter(try file.tensor(name), named: name)
                }
                if let read { value = read }
            })
        if let failure { throw failure }
        guard unused.isEmpty else {
            throw .unusedKeys(file.names.filter(unused.contains), file: file.path)
        }
    }
}
