import NeuralCore

// The configuration: from the keys, and from the tensors where only these tell.
extension GGUFModel {
    /// Sizes beyond these are taken for damage.
    private static let sizes = 1...1 << 24
    private static let depths = 1...1 << 12
    private static let experts = 0...1 << 12

    func configuration() throws(CheckpointError) -> TransformerConfiguration {
        let (family, architecture) = try family()
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
        try readHeads(into: &configuration)
        try readExperts(architecture, into: &configuration)
        let isByVariance = family.design.normalizing == .layer
        configuration.normalizationEpsilon = Float(
            try metadata.positive("attention.layer_norm_\(isByVariance ? "" : "rms_")epsilon"))
        try readWindows(architecture, into: &configuration)
        if family != .gpt2 { try readRotation(into: &configuration) }
        if !family.joinsMaps {
            let (query, output) = (file["blk.0.attn_q.bias"] != nil, file["blk.0.attn_output.bias"] != nil)
            configuration.attentionBias = output ? .all : query ? .queryKeyValue : .none
            configuration.feedForwardBias = file["blk.0.ffn_up.bias"] != nil
        }
        configuration.unrotatedLayers = architecture.unrotatedLayers(depth: configuration.depth)
        try readScales(architecture, into: &configuration)
        try readTokens(into: &configuration)
        return configuration
    }

    private func family() throws(CheckpointError) -> (TransformerConfiguration.Family, GGUFArchitecture) {
        let families = TransformerConfiguration.Family.allCases.filter { ![.mistral, .mixtral].contains($0) }
        guard var family = families.first(where: { $0.gguf.name == metadata.architecture }) else {
            throw metadata.malformed(
                "general.architecture",
                families.map { $0 == .llama ? "llama (and mistral and mixtral as llama)" : $0.gguf.name }
                    .joined(separator: ", "))
        }
        if family == .llama, try metadata.size("expert_count", in: Self.experts, standard: 0) > 0 {
            family = .mixtral
        }
        return (family, family.gguf)
    }

    private func key(_ name: String) -> String { "\(metadata.architecture).\(name)" }

    private func readHeads(into configuration: inout TransformerConfiguration) throws(CheckpointError) {
        let (heads, size) = (configuration.heads, configuration.headSize)
        let isJoinedByHead = configuration.family.joinedNames?.joinsByHeads == true
        guard heads % configuration.keyValueHeads == 0,
            !isJoinedByHead || heads == configuration.keyValueHeads
        else {
            throw metadata.malformed(
                key("attention.head_count_kv"), "\(isJoinedByHead ? "" : "a divisor of ")head_count, \(heads)"
            )
        }
        guard size % 2 == 0, size <= (1 << 24) / heads else {
            throw metadata.malformed(key("attention.key_length"), "an even number, to rotate pairs")
        }
        _ = try metadata.size("attention.value_length", in: size...size, standard: size)
        let isRotatedInPart = configuration.family.rotatedPartKey != nil
        let rotated = try metadata.size(
            "rope.dimension_count", in: (isRotatedInPart ? 2 : size)...size, standard: size)
        guard rotated % 2 == 0 else {
            throw metadata.malformed(key("rope.dimension_count"), "an even number, to rotate pairs")
        }
        configuration.rotatedChannels = rotated == size ? nil : rotated
    }

    /// The experts of every layer, their weights normalized; none in an architecture that has none.
    private func readExperts(
        _ architecture: GGUFArchitecture, into configuration: inout TransformerConfiguration
    ) throws(CheckpointError) {
        let (count, perToken) = ("expert_count", "expert_used_count")
        guard architecture.hasExperts else {
            for name in [count, perToken] { _ = try metadata.size(name, in: 0...0, standard: 0) }
            return
        }
        let experts = try metadata.size(count, in: 1...Self.experts.upperBound)
        let used = try metadata.size(perToken, in: 1...experts)
        let width = configuration.feedForwardWidth
        configuration.experts = .init(
            count: experts, perToken: used,
            width: configuration.family == .mixtral
                ? width
                : try metadata.size(
                    "expert_feed_forward_length", in: Self.sizes, standard: max(1, width / used)))
    }

    // MARK: Windows

    private func readWindows(
        _ architecture: GGUFArchitecture, into configuration: inout TransformerConfiguration
    ) throws(CheckpointError) {
        let (name, family) = ("attention.sliding_window", configuration.family)
        let windows = 0...Int(UInt32.max)
        let window = try metadata.size(name, in: windows, standard: family == .gemma2 ? 4096 : 0)
        guard window > 0 else { return }
        guard architecture.fullAttentionInterval != nil else {
            if window >= configuration.contextLength { return }
            // llama.cpp leaves it out; the model has it.
            guard family == .phi3, Self.sizes.contains(window) else {
                throw metadata.malformed(key(name), "0, for all positions")
            }
            configuration.slidingWindow = window
            return
        }
        let full = try fullAttentionLayers(architecture, depth: configuration.depth)
        guard full.count < configuration.depth else { return }
        guard Self.sizes.contains(window) else {
            throw metadata.malformed(key(name), "a whole number to \(Self.sizes.upperBound)")
        }
        (configuration.slidingWindow, configuration.fullAttentionLayers) = (window, full)
    }

    /// The layers without a window: those of a pattern for each layer, or of an interval.
    private func fullAttentionLayers(
        _ architecture: GGUFArchitecture, depth: Int
    ) throws(CheckpointError) -> Set<Int> {
        let name = key("attention.sliding_window_pattern")
        guard let value = file.values[name] else { return architecture.fullAttentionLayers(depth: depth) }
        if case .bools(let slides) = value {
            guard slides.count == depth else { throw metadata.malformed(name, "\(depth) truth values") }
            return Set((0..<depth).filter { !slides[$0] })
        }
        let interval = try metadata.size("attention.sliding_window_pattern", in: 0...Self.depths.upperBound)
        return interval == 0 ? [] : Set((0..<depth).filter { ($0 + 1) % interval == 0 })
    }

    // MARK: Rotation

    private func readRotation(into configuration: inout TransformerConfiguration) throws(CheckpointError) {
        let base = try metadata.positive("rope.freq_base", standard: 10_000)
        configuration.rotaryBase = base
        let kinds = ["none", "linear"] + (configuration.family == .phi3 ? ["longrope"] : ["yarn"])
        let type = key("rope.scaling.type")
        let kind = file.values[type]?.text ?? "none"
        guard kinds.contains(kind) else {
            throw metadata.malformed(type, kinds.joined(separator: ", "))
        }
        if kind == "linear" {
            let factor = try metadata.positive("rope.scaling.factor")
            if factor != 1 { configuration.rotaryScaling = .linear(factor: factor) }
        }
        if kind == "yarn" {
            try readYarn(into: &configuration)
        } else if configuration.family != .phi3,
            try metadata.positive("rope.scaling.attn_factor", standard: 1) != 1
        {
            throw metadata.malformed(key("rope.scaling.attn_factor"), "1 without yarn")
        }
        if configuration.family == .gemma3, configuration.slidingWindow != nil {
            if kind == "yarn" { throw metadata.malformed(type, "none or linear beside layers with a window") }
            let sliding = try metadata.positive("rope.freq_base_swa", standard: 10_000)
            if sliding != base || configuration.rotaryScaling != nil {
                configuration.slidingRotaryBase = sliding
            }
        }
        if configuration.family == .phi3 { return try readLongrope(into: &configuration) }
        try readFrequencyFactors(into: &configuration, base: base)
    }

    private func readYarn(into configuration: inout TransformerConfiguration) throws(CheckpointError) {
        let factor = try metadata.positive("rope.scaling.factor")
        guard factor >= 1 else { throw metadata.malformed(key("rope.scaling.factor"), "1 or more") }
        let attention = try metadata.positive("rope.scaling.attn_factor", standard: 1)
        configuration.rotaryScaling = .yarn(
            factor: factor,
            originalContextLength: try metadata.size(
                "rope.scaling.original_context_length", in: Self.sizes, standard: configuration.contextLength),
            attentionFactor: attention * GGUFRotation.yarnAttentionFactor(factor))
    }

    /// The factors of Llama 3.1.
    private func readFrequencyFactors(
        into configuration: inout TransformerConfiguration, base: Double
    ) throws(CheckpointError) {
        let name = GGUFNames.frequencyFactors
        guard let factors = try factors(name, of: configuration) else { return }
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

    /// The factors of phi3, in texts within the original context and beyond it.
    private func readLongrope(into configuration: inout TransformerConfiguration) throws(CheckpointError) {
        let short = try factors(GGUFNames.shortFactors, of: configuration)
        let long = try factors(GGUFNames.longFactors, of: configuration)
        let attention = try metadata.positive("rope.scaling.attn_factor", standard: 1)
        guard let short, let long else {
            if short == nil, long == nil {
                guard attention == 1 else {
                    throw metadata.malformed(key("rope.scaling.attn_factor"), "1 without factors")
                }
                return
            }
            throw .missingKeys(
                [short == nil ? GGUFNames.shortFactors : GGUFNames.longFactors], file: file.path)
        }
        let length = configuration.contextLength
        let original = try metadata.size(
            "rope.scaling.original_context_length", in: 2...Self.sizes.upperBound, standard: length)
        configuration.rotaryScaling = .longrope(
            shortFactors: short.map(Double.init), longFactors: long.map(Double.init),
            originalContextLength: original, contextLength: length, attentionFactor: attention)
        configuration.contextLength = min(length, original)
    }

    /// A tensor with a positive number for each pair that is rotated; nil where there is none.
    private func factors(
        _ name: String, of configuration: TransformerConfiguration
    ) throws(CheckpointError) -> [Float]? {
        guard let entry = file[name] else { return nil }
        let pairs = (configuration.rotatedChannels ?? configuration.headSize) / 2
        guard entry.shape == [pairs], configuration.rotaryScaling == nil else {
            throw .misshapen(file: file.path, key: name, found: entry.shape, expected: [pairs])
        }
        let factors = try file.tensor(name).scalars
        guard factors.allSatisfy({ $0 > 0 && $0.isFinite }) else {
            throw .malformed(
                file: file.path, key: name, found: "\(factors.prefix(4))…", expected: "positive numbers")
        }
        return factors
    }

    // MARK: Scales

    private func readScales(
        _ architecture: GGUFArchitecture, into configuration: inout TransformerConfiguration
    ) throws(CheckpointError) {
        var scale = architecture.attentionScale(of: configuration)
        switch configuration.family {
        case .granite:
            scale = try metadata.scale("attention.scale") ?? scale
            configuration.embeddingMultiplier = try metadata.scale("embedding_scale") ?? 1
            configuration.residualMultiplier = try metadata.scale("residual_scale") ?? 1
            configuration.logitDivisor = try metadata.scale("logit_scale") ?? 1
        case .gemma2:
            configuration.attentionSoftCap = try Float(
                metadata.positive("attn_logit_softcapping", standard: 50))
            configuration.logitSoftCap = try Float(metadata.positive("final_logit_softcapping", standard: 30))
        case .gemma3: configuration.logitSoftCap = try metadata.scale("final_logit_softcapping")
        case .gptNeoX: configuration.hasParallelBranches = try metadata.flag("use_parallel_residual")
        default: break
        }
        configuration.setAttentionScale(scale)
    }

    private func readTokens(into configuration: inout TransformerConfiguration) throws(CheckpointError) {
        let roles = try GGUFTokenRoles(metadata, below: configuration.vocabularySize)
        configuration.beginOfSequence = roles.beginning
        configuration.endOfSequence = roles.ends
        configuration.padding = roles.padding
    }
}
