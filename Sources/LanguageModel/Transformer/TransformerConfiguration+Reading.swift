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
        case .llama, .mistral, .qwen2, .qwen3: try self.init(family, llamaLike: file)
        }
        initializationScale = Float(try file.positive("initializer_range", standard: 0.02))
        try readWindows(file)
        let standard = family.standards
        beginOfSequence =
            try file.tokens("bos_token_id", below: vocabularySize, standard: standard.beginOfSequence).first
        endOfSequence =
            try file.tokens("eos_token_id", below: vocabularySize, standard: standard.endOfSequence)
        // Nothing here is padded, so a file is not refused for what it says of padding.
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
            tiesEmbeddings: try file.flag("tie_word_embeddings", standard: true))
        normalizationEpsilon = Float(try file.positive("layer_norm_epsilon", standard: 1e-5))
    }

    private init(_ family: Family, llamaLike file: ConfigurationFile) throws(ModelDirectoryError) {
        let standard = family.standards
        let width = try file.integer("hidden_size", in: 1...Self.greatest, standard: standard.width)
        let heads = try file.integer("num_attention_heads", in: 1...Self.greatest, standard: standard.heads)
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
            keyValueHeads: try file.integer(
                "num_key_value_heads", in: 1...Self.greatest, standard: keyValueHeads),
            headSize: try file.integer(
                "head_dim", in: 1...Self.greatest, standard: standard.headSize ?? max(1, width / heads)),
            feedForwardWidth: try file.integer(
                "intermediate_size", in: 1...Self.greatest, standard: standard.feedForwardWidth),
            contextLength: try file.integer(
                "max_position_embeddings", in: 1...Self.greatest, standard: standard.contextLength),
            tiesEmbeddings: try file.flag("tie_word_embeddings", standard: false))
        try requireWholeHeads(file)
        normalizationEpsilon = Float(try file.positive("rms_norm_eps", standard: 1e-6))
        if family == .llama || family == .qwen3, try file.flag("attention_bias", standard: false) {
            attentionBias = .all
        }
        if family == .llama { feedForwardBias = try file.flag("mlp_bias", standard: false) }
        try readRotary(file)
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

    /// Reads which layers slide, and how far they see.
    private mutating func readWindows(_ file: ConfigurationFile) throws(ModelDirectoryError) {
        let types = try file.list("layer_types")
        if let types {
            guard types.count == depth else {
                throw .malformed(
                    file: file.file, key: "layer_types", found: "\(types.count) types",
                    expected: "one for each of \(depth) layers")
            }
            for type in types where !["full_attention", "attention", "sliding_attention"].contains(type) {
                throw .unsupported(
                    file: file.file, key: "layer_types", found: type,
                    supported: "full_attention, sliding_attention")
            }
        }
        var window: Int?
        // Where no types say which layers slide, those from this one on do.
        var firstSliding = 0
        switch family {
        case .gpt2, .llama: break
        case .mistral:
            if !file.isNull("sliding_window") {
                window = try file.integer("sliding_window", in: 1...Self.greatest, standard: 4096)
            }
        case .qwen2, .qwen3:
            if try file.flag("use_sliding_window", standard: false), !file.isNull("sliding_window") {
                window = try file.integer("sliding_window", in: 1...Self.greatest, standard: 4096)
            }
            firstSliding = try file.integer("max_window_layers", in: 0...Self.greatest, standard: 28)
        }
        guard let window else {
            if types?.contains("sliding_attention") == true {
                throw .malformed(
                    file: file.file, key: "layer_types", found: "sliding_attention",
                    expected: "full_attention, as no window is set")
            }
            return
        }
        let full = (0..<depth).filter { layer in
            types.map { $0[layer] != "sliding_attention" } ?? (layer < firstSliding)
        }
        if full.count < depth { (slidingWindow, fullAttentionLayers) = (window, Set(full)) }
    }

    /// Reads the rotary settings: `rope_scaling` counts where there is anything in it, else `rope_parameters`.
    private mutating func readRotary(_ file: ConfigurationFile) throws(ModelDirectoryError) {
        let base = try file.positive("rope_theta", standard: 10_000)
        rotaryBase = base
        var settings: ConfigurationFile?
        for key in ["rope_parameters", "rope_scaling"] where file.has(key) {
            guard let object = file.object(key) else {
                throw .malformed(
                    file: file.file, key: key, found: file.text(key) ?? "null", expected: "an object")
            }
            for inner in object.keys where object.object(inner) != nil {
                throw .unsupported(
                    file: file.file, key: "\(key).\(inner)", found: "settings of its own",
                    supported: "one rotation for all layers")
            }
            if !object.keys.isEmpty { settings = object }
        }
        guard let settings else { return }
        rotaryBase = try settings.positive("rope_theta", standard: base)
        let kind = try settings.string("rope_type", standard: settings.string("type", standard: "default"))
        switch kind {
        case "default": return
        case "linear": rotaryScaling = .linear(factor: try settings.positive("factor"))
        case "llama3":
            let original = "original_max_position_embeddings"
            rotaryScaling = .llama3(
                factor: try settings.positive("factor"),
                lowFrequencyFactor: try settings.positive("low_freq_factor"),
                highFrequencyFactor: try settings.positive("high_freq_factor"),
                originalContextLength: try (file.has(original) ? file : settings).integer(
                    original, in: 1...Self.greatest, standard: contextLength))
        default:
            throw .unsupported(
                file: file.file, key: "rope_type", found: kind, supported: "default, linear, llama3")
        }
        // Only where frequencies are scaled does transformers look at this.
        let part = "partial_rotary_factor"
        let factor = try (settings.has(part) ? settings : file).positive(part, standard: 1)
        guard factor == 1 else {
            throw .unsupported(file: file.file, key: part, found: "\(factor)", supported: "1")
        }
    }

    /// Sizes beyond these are taken for damage: they could not be allocated.
    private static let greatest = 1 << 24
    private static let greatestDepth = 1 << 12
}

extension TransformerConfiguration.Family {
    /// What transformers takes for a key that is absent.
    fileprivate struct Standards {
        var vocabularySize: Int
        var width: Int
        var feedForwardWidth: Int
        var depth: Int
        var heads: Int
        /// Nil for as many as there are query heads.
        var keyValueHeads: Int?
        /// Nil for the width over the heads.
        var headSize: Int?
        var contextLength: Int
        var beginOfSequence: Int32?
        var endOfSequence: Int32?
    }

    fileprivate var standards: Standards {
        switch self {
        case .gpt2:
            Standards(
                vocabularySize: 50_257, width: 768, feedForwardWidth: 3072, depth: 12, heads: 12,
                contextLength: 1024, beginOfSequence: 50_256, endOfSequence: 50_256)
        case .llama:
            Standards(
                vocabularySize: 32_000, width: 4096, feedForwardWidth: 11_008, depth: 32, heads: 32,
                contextLength: 2048, beginOfSequence: 1, endOfSequence: 2)
        case .mistral:
            Standards(
                vocabularySize: 32_000, width: 4096, feedForwardWidth: 14_336, depth: 32, heads: 32,
                keyValueHeads: 8, contextLength: 131_072, beginOfSequence: 1, endOfSequence: 2)
        case .qwen2:
            Standards(
                vocabularySize: 151_936, width: 4096, feedForwardWidth: 22_016, depth: 32, heads: 32,
                keyValueHeads: 32, contextLength: 32_768)
        case .qwen3:
            Standards(
                vocabularySize: 151_936, width: 4096, feedForwardWidth: 22_016, depth: 32, heads: 32,
                keyValueHeads: 32, headSize: 128, contextLength: 32_768)
        }
    }
}
