public import Foundation
import NeuralCore

extension TransformerConfiguration {
    /// Reads a Hugging Face `config.json` as transformers does.
    ///
    /// A key that is absent has the value that transformers gives it in the family. Both spellings of the rotary
    /// settings are understood, `rope_theta` with `rope_scaling` and the newer `rope_parameters`; where both are there,
    /// `rope_scaling` counts. A key that changes the model is honored or refused, never ignored.
    ///
    /// - Throws: `ModelDirectoryError` naming the key that is malformed or not supported.
    public init(contentsOf url: URL) throws(ModelDirectoryError) {
        let file = try ConfigurationFile(contentsOf: url)
        let name = try file.string("model_type")
        guard let family = Family(rawValue: name) else {
            throw .unsupported(
                file: file.file, key: "model_type", found: name,
                supported: Family.allCases.map(\.rawValue).joined(separator: ", "))
        }
        try file.check(family.keys, others: .harmless, of: "the \(family) family")
        switch family {
        case .gpt2: try self.init(gpt2: file)
        default: try self.init(family, llamaLike: file)
        }
        initializationScale = Float(try file.positive("initializer_range", standard: 0.02))
        try readWindows(file)
        let standard = family.standards
        beginOfSequence =
            try file.tokens("bos_token_id", below: vocabularySize, standard: standard.beginOfSequence).first
        endOfSequence =
            try file.tokens("eos_token_id", below: vocabularySize, standard: standard.endOfSequence)
        // Nothing here is padded, so the padding token of a file is not a reason to refuse it.
        padding = (try? file.tokens("pad_token_id", below: vocabularySize))?.first
    }

    private init(gpt2 file: ConfigurationFile) throws(ModelDirectoryError) {
        // Each size has two names, of which transformers takes the second where both are there.
        func size(
            _ name: String, or alias: String, upTo greatest: Int = Self.greatest, standard: Int
        ) throws(ModelDirectoryError) -> Int {
            try file.integer(file.has(alias) ? alias : name, in: 1...greatest, standard: standard)
        }
        let standard = Family.gpt2.standards
        let width = try size("n_embd", or: "hidden_size", standard: standard.width)
        let heads = try size("n_head", or: "num_attention_heads", standard: standard.heads)
        guard width % heads == 0 else {
            throw .malformed(
                file: file.file, key: "n_head", found: "\(heads)",
                expected: "a divisor of n_embd, which is \(width)")
        }
        self.init(
            family: .gpt2,
            vocabularySize: try file.integer(
                "vocab_size", in: 1...Self.greatest, standard: standard.vocabularySize),
            width: width,
            depth: try size(
                "n_layer", or: "num_hidden_layers", upTo: Self.greatestDepth, standard: standard.depth),
            heads: heads,
            feedForwardWidth: try file.integer("n_inner", in: 1...Self.greatest, standard: 4 * width),
            contextLength: try size(
                "n_positions", or: "max_position_embeddings", standard: standard.contextLength),
            tiesEmbeddings: try file.flag("tie_word_embeddings", standard: standard.tiesEmbeddings))
        normalizationEpsilon = Float(
            try file.positive("layer_norm_epsilon", standard: standard.normalizationEpsilon))
    }

    private init(_ family: Family, llamaLike file: ConfigurationFile) throws(ModelDirectoryError) {
        let standard = family.standards
        let width = try file.integer("hidden_size", in: 1...Self.greatest, standard: standard.width)
        let heads = try file.integer("num_attention_heads", in: 1...Self.greatest, standard: standard.heads)
        let keys = family.keys
        func size(_ key: String, standard: Int) throws(ModelDirectoryError) -> Int {
            guard keys[key] == .honored else { return standard }
            return try file.integer(key, in: 1...Self.greatest, standard: standard)
        }
        // Null means as many as there are query heads; so does absence in llama.
        let keyValueHeads = file.isNull("num_key_value_heads") ? heads : standard.keyValueHeads ?? heads
        self.init(
            family: family,
            vocabularySize: try file.integer(
                "vocab_size", in: 1...Self.greatest, standard: standard.vocabularySize),
            width: width,
            depth: try file.integer(
                "num_hidden_layers", in: 1...Self.greatestDepth, standard: standard.depth),
            heads: heads,
            keyValueHeads: try size("num_key_value_heads", standard: keyValueHeads),
            headSize: try size("head_dim", standard: standard.headSize ?? max(1, width / heads)),
            feedForwardWidth: try file.integer(
                "intermediate_size", in: 1...Self.greatest, standard: standard.feedForwardWidth),
            contextLength: try file.integer(
                "max_position_embeddings", in: 1...Self.greatest, standard: standard.contextLength),
            tiesEmbeddings: try file.flag("tie_word_embeddings", standard: standard.tiesEmbeddings))
        try requireWholeHeads(file)
        normalizationEpsilon = Float(
            try file.positive(family.epsilonKey, standard: standard.normalizationEpsilon))
        if keys["attention_bias"] == .honored {
            let isBiased = try file.flag("attention_bias", standard: attentionBias == .all)
            attentionBias = isBiased ? .all : .none
        }
        if keys["mlp_bias"] == .honored { feedForwardBias = try file.flag("mlp_bias", standard: false) }
        switch family {
        case .granite: try readMultipliers(file)
        case .qwen3MoE, .mixtral: try readExperts(file)
        case .smollm3: try readUnrotatedLayers(file)
        case .gemma2, .gemma3: try readCaps(file)
        case .gptNeoX:
            guard headSize == width / heads, width % heads == 0 else {
                throw .unsupported(
                    file: file.file, key: "head_dim", found: "\(headSize)",
                    supported: "hidden_size over num_attention_heads")
            }
            hasParallelBranches = try file.flag("use_parallel_residual", standard: true)
            // Its other names are all those of the formula with tanh.
            activation = try file.string("hidden_act", standard: "gelu") == "gelu" ? .gelu : .geluTanh
        default: break
        }
        try readRotary(file)
    }

    private mutating func readMultipliers(_ file: ConfigurationFile) throws(ModelDirectoryError) {
        embeddingMultiplier = Float(try file.positive("embedding_multiplier", standard: 1))
        residualMultiplier = Float(try file.positive("residual_multiplier", standard: 1))
        logitDivisor = Float(try file.positive("logits_scaling", standard: 1))
        setAttentionScale(Float(try file.positive("attention_multiplier", standard: 1)))
    }

    private mutating func readUnrotatedLayers(_ file: ConfigurationFile) throws(ModelDirectoryError) {
        let (key, interval) = ("no_rope_layers", "no_rope_layer_interval")
        let every = try file.integer(interval, in: 1...Self.greatest, standard: 4)
        guard file.has(key) else {
            unrotatedLayers = Set((0..<depth).filter { ($0 + 1) % every == 0 })
            return
        }
        let flags = file.integers(key)
        guard flags.count >= depth else {
            throw .malformed(
                file: file.file, key: key, found: file.found(key),
                expected: "a list of 1, for a layer with rotation, or 0 for each of \(depth) layers")
        }
        unrotatedLayers = Set((0..<depth).filter { flags[$0] == 0 })
    }

    private mutating func readCaps(_ file: ConfigurationFile) throws(ModelDirectoryError) {
        let scalar = try file.integer("query_pre_attn_scalar", in: 1...Self.greatest, standard: 256)
        setAttentionScale(Float(1 / Double(scalar).squareRoot()))
        func cap(_ key: String, standard: Double?) throws(ModelDirectoryError) -> Float? {
            if file.isNull(key) || standard == nil && !file.has(key) { return nil }
            return Float(try file.positive(key, standard: standard))
        }
        let isSecond = family == .gemma2
        if isSecond { attentionSoftCap = try cap("attn_logit_softcapping", standard: 50) }
        logitSoftCap = try cap("final_logit_softcapping", standard: isSecond ? 30 : nil)
    }

    /// Sets the scale of attention scores, or nil if it is the usual one.
    mutating func setAttentionScale(_ scale: Float) {
        let common = 1 / Float(headSize).squareRoot()
        attentionScale = abs(scale - common) <= common.ulp ? nil : scale
    }

    private func requireWholeHeads(_ file: ConfigurationFile) throws(ModelDirectoryError) {
        guard heads % keyValueHeads == 0 else {
            throw .malformed(
                file: file.file, key: "num_key_value_heads", found: "\(keyValueHeads)",
                expected: "a divisor of num_attention_heads, which is \(heads)")
        }
        guard headSize % 2 == 0, headSize <= Self.greatest / heads else {
            throw .malformed(
                file: file.file, key: "head_dim", found: "\(headSize)",
                expected: "an even number, to rotate pairs, of at most \(Self.greatest / heads)")
        }
    }

    /// Sizes beyond these are taken for damage: they could not be allocated.
    static let greatest = 1 << 24
    static let greatestDepth = 1 << 12
}
