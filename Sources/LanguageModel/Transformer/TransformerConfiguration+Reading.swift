public import Foundation
import NeuralCore

extension TransformerConfiguration {
    /// Reads a Hugging Face `config.json`.
    ///
    /// Both spellings of the rotary settings are understood, `rope_theta` with `rope_scaling` and the newer
    /// `rope_parameters`.
    ///
    /// - Throws: `ModelDirectoryError` naming the key that is missing, malformed or not supported.
    public init(contentsOf url: URL) throws(ModelDirectoryError) {
        let file = try ConfigurationFile(contentsOf: url)
        let name = try file.string("model_type")
        guard let family = Family(rawValue: name) else {
            throw .unsupported(
                file: file.file, key: "model_type", found: name,
                supported: Family.allCases.map(\.rawValue).joined(separator: ", "))
        }
        try self.init(family, file)
        beginOfSequence = try file.tokens("bos_token_id", below: vocabularySize).first
        endOfSequence = try file.tokens("eos_token_id", below: vocabularySize)
        // Nothing here is padded, so a file is not refused for a token of padding that the model does not have.
        padding = (try? file.tokens("pad_token_id", below: vocabularySize))?.first
    }

    private init(_ family: Family, _ file: ConfigurationFile) throws(ModelDirectoryError) {
        switch family {
        case .gpt2: try self.init(gpt2: file)
        case .llama, .mistral, .qwen2, .qwen3: try self.init(family, llamaLike: file)
        }
        guard heads % keyValueHeads == 0 else {
            throw .malformed(
                file: file.file, key: "num_key_value_heads", found: "\(keyValueHeads)",
                expected: "a divisor of num_attention_heads, which is \(heads)")
        }
        guard rotaryBase == nil || headSize % 2 == 0 else {
            throw .malformed(
                file: file.file, key: "head_dim", found: "\(headSize)",
                expected: "an even number, to rotate pairs")
        }
    }

    private init(gpt2 file: ConfigurationFile) throws(ModelDirectoryError) {
        let width = try file.integer("n_embd", in: 1...Self.greatest)
        let heads = try file.integer("n_head", in: 1...width)
        guard width % heads == 0 else {
            throw .malformed(
                file: file.file, key: "n_head", found: "\(heads)",
                expected: "a divisor of n_embd, which is \(width)")
        }
        try file.requireOne(
            "activation_function", of: ["gelu_new", "gelu_pytorch_tanh"], standard: "gelu_new")
        for (key, only) in [
            ("scale_attn_weights", true), ("scale_attn_by_inverse_layer_idx", false),
            ("add_cross_attention", false),
        ] where try file.flag(key, standard: only) != only {
            throw .unsupported(file: file.file, key: key, found: "\(!only)", supported: "\(only)")
        }
        self.init(
            family: .gpt2,
            vocabularySize: try file.integer("vocab_size", in: 1...Self.greatest),
            width: width,
            depth: try file.integer("n_layer", in: 1...Self.greatestDepth),
            heads: heads,
            feedForwardWidth: try file.integer("n_inner", in: 1...Self.greatest, standard: 4 * width),
            contextLength: try file.integer("n_positions", in: 1...Self.greatest, standard: 1024),
            tiesEmbeddings: try file.flag("tie_word_embeddings", standard: true))
        normalizationEpsilon = Float(try file.positive("layer_norm_epsilon", standard: 1e-5))
        initializationScale = Float(try file.positive("initializer_range", standard: 0.02))
    }

    private init(_ family: Family, llamaLike file: ConfigurationFile) throws(ModelDirectoryError) {
        let width = try file.integer("hidden_size", in: 1...Self.greatest)
        let heads = try file.integer("num_attention_heads", in: 1...Self.greatest)
        try file.requireOne("hidden_act", of: ["silu", "swish"], standard: "silu")
        self.init(
            family: family,
            vocabularySize: try file.integer("vocab_size", in: 1...Self.greatest),
            width: width,
            depth: try file.integer("num_hidden_layers", in: 1...Self.greatestDepth),
            heads: heads,
            keyValueHeads: try file.integer("num_key_value_heads", in: 1...heads, standard: heads),
            headSize: try file.integer("head_dim", in: 1...Self.greatest, standard: max(1, width / heads)),
            feedForwardWidth: try file.integer("intermediate_size", in: 1...Self.greatest),
            contextLength: try file.integer("max_position_embeddings", in: 1...Self.greatest, standard: 2048),
            tiesEmbeddings: try file.flag("tie_word_embeddings", standard: false))
        normalizationEpsilon = Float(try file.positive("rms_norm_eps", standard: 1e-6))
        initializationScale = Float(try file.positive("initializer_range", standard: 0.02))
        if family == .llama || family == .qwen3, try file.flag("attention_bias", standard: false) {
            attentionBias = .all
        }
        if family == .llama { feedForwardBias = try file.flag("mlp_bias", standard: false) }
        let usesWindow = try file.flag("use_sliding_window", standard: family == .mistral)
        if usesWindow, file.has("sliding_window") {
            slidingWindow = try file.integer("sliding_window", in: 1...Self.greatest)
        }
        try readRotary(file)
    }

    private mutating func readRotary(_ file: ConfigurationFile) throws(ModelDirectoryError) {
        let scaling = file.object("rope_parameters") ?? file.object("rope_scaling")
        let base = try file.positive("rope_theta", standard: 10_000)
        rotaryBase = base
        guard let scaling else { return }
        rotaryBase = try scaling.positive("rope_theta", standard: base)
        let kind = try scaling.string("rope_type", standard: scaling.string("type", standard: "default"))
        switch kind {
        case "default": break
        case "linear": rotaryScaling = .linear(factor: try scaling.positive("factor"))
        case "llama3":
            rotaryScaling = .llama3(
                factor: try scaling.positive("factor"),
                lowFrequencyFactor: try scaling.positive("low_freq_factor"),
                highFrequencyFactor: try scaling.positive("high_freq_factor"),
                originalContextLength: try scaling.integer(
                    "original_max_position_embeddings", in: 1...Self.greatest, standard: contextLength))
        default:
            throw .unsupported(
                file: file.file, key: "rope_type", found: kind, supported: "default, linear, llama3")
        }
    }

    /// Sizes beyond these are taken for damage: they could not be allocated.
    private static let greatest = 1 << 24
    private static let greatestDepth = 1 << 12
}

extension ConfigurationFile {
    /// Refuses any value of a key but a few.
    fileprivate func requireOne(
        _ key: String, of allowed: [String], standard: String
    ) throws(ModelDirectoryError) {
        let value = try string(key, standard: standard)
        guard allowed.contains(value) else {
            throw .unsupported(file: file, key: key, found: value, supported: allowed.joined(separator: ", "))
        }
    }
}
