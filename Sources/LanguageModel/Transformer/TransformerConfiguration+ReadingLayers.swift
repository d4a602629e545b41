import Foundation
import NeuralCore

// The attention of each layer: which layers have a window, and how queries and keys are rotated.
extension TransformerConfiguration {
    /// Reads the layers with a window, and the length of the window.
    mutating func readWindows(_ file: ConfigurationFile) throws(ModelDirectoryError) {
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
        // The layers that have a window if no types say it.
        var slides: (_ layer: Int) -> Bool = { _ in true }
        switch family {
        case .gpt2, .llama, .olmo2, .granite, .gptNeoX: break
        case .mistral:
            if !file.isNull("sliding_window") {
                window = try file.integer("sliding_window", in: 1...Self.greatest, standard: 4096)
            }
        case .qwen2, .qwen3:
            if try file.flag("use_sliding_window", standard: false), !file.isNull("sliding_window") {
                window = try file.integer("sliding_window", in: 1...Self.greatest, standard: 4096)
            }
            let first = try file.integer("max_window_layers", in: 0...Self.greatest, standard: 28)
            slides = { $0 >= first }
        case .phi3, .mixtral, .qwen3MoE:
            let isQwen = family == .qwen3MoE
            let isUsed = isQwen ? try file.flag("use_sliding_window", standard: false) : true
            if isUsed, file.has("sliding_window") || isQwen && !file.isNull("sliding_window") {
                window = try file.integer("sliding_window", in: 1...Self.greatest, standard: 4096)
            } else if let chunk = file.text("attention_chunk_size") {
                throw .unsupported(
                    file: file.file, key: "attention_chunk_size", found: chunk, supported: "no chunks")
            }
            // All layers slide, whatever types say, which transformers only takes where they are all alike.
            if let types, window != nil, Set(types.map { $0 == "sliding_attention" }).count > 1 {
                throw .unsupported(
                    file: file.file, key: "layer_types", found: "layers with and without a window",
                    supported: "layers of one type")
            }
        case .smollm3:
            // Types count whether or not the file says that the window is used.
            let isUsed = try file.flag("use_sliding_window", standard: false)
            if file.has("sliding_window") {
                window = try file.integer("sliding_window", in: 1...Self.greatest)
            }
            slides = { [unrotatedLayers] in isUsed && unrotatedLayers.contains($0) }
        case .gemma2, .gemma3:
            if !file.isNull("sliding_window") {
                window = try file.integer("sliding_window", in: 1...Self.greatest, standard: 4096)
            }
            let pattern =
                family == .gemma2
                ? 2 : try file.integer("sliding_window_pattern", in: 1...Self.greatest, standard: 6)
            slides = { ($0 + 1) % pattern != 0 }
        }
        let typesCount = !family.slidesEverywhere || window == nil
        let isSliding = (0..<depth).map { layer in
            typesCount ? types.map { $0[layer] == "sliding_attention" } ?? slides(layer) : true
        }
        guard let window else {
            let needsOne = types != nil || family == .gemma2 || family == .gemma3
            guard needsOne, isSliding.contains(true) else { return }
            throw .malformed(
                file: file.file, key: "layer_types", found: "sliding_attention",
                expected: "full_attention, as no window is set")
        }
        guard isSliding.contains(true) else { return }
        (slidingWindow, fullAttentionLayers) = (window, Set((0..<depth).filter { !isSliding[$0] }))
    }

    /// Reads the rotary settings: `rope_scaling` counts where there is anything in it, else `rope_parameters`.
    mutating func readRotary(_ file: ConfigurationFile) throws(ModelDirectoryError) {
        let base = try file.positive(family.baseKey, standard: family.standards.rotaryBase)
        if family == .gemma3 { return try readRotaryByKind(file, base: base) }
        rotaryBase = base
        var settings: ConfigurationFile?
        for key in ["rope_parameters", "rope_scaling"] where file.has(key) {
            let object = try rotarySettings(file, key)
            for inner in object.keys where object.object(inner) != nil {
                throw .unsupported(
                    file: file.file, key: "\(key).\(inner)", found: "settings of its own",
                    supported: "one rotation for all layers")
            }
            if !object.keys.isEmpty { settings = object }
        }
        try readRotatedChannels(settings, file)
        guard let settings else { return }
        rotaryBase = try settings.positive("rope_theta", standard: base)
        rotaryScaling = try scaling(settings, in: file)
        if case .longrope(_, _, let original, _, _)? = rotaryScaling {
            contextLength = min(contextLength, original)
        }
    }

    /// Reads which part of a head is rotated, in families where it may be less than the whole.
    private mutating func readRotatedChannels(
        _ settings: ConfigurationFile?, _ file: ConfigurationFile
    ) throws(ModelDirectoryError) {
        guard let key = family.rotatedPartKey else { return }
        let part = "partial_rotary_factor"
        let own = settings.flatMap { $0.has(part) ? $0 : nil }
        let standard = family == .gptNeoX ? 0.25 : 1
        let factor = try (own ?? file).positive(own == nil ? key : part, standard: standard)
        let channels = Int(min(Double(headSize) * factor, Double(Self.greatest)))
        guard channels > 0, channels % 2 == 0, channels <= headSize else {
            throw .malformed(
                file: file.file, key: own == nil ? key : part, found: "\(factor)",
                expected: "a part that is an even number of the \(headSize) channels of a head")
        }
        rotatedChannels = channels == headSize ? nil : channels
    }

    /// Reads the settings of layers with a window and of the others, where each have their own.
    private mutating func readRotaryByKind(
        _ file: ConfigurationFile, base: Double
    ) throws(ModelDirectoryError) {
        let key = "rope_parameters"
        let kinds = file.has(key) ? try rotarySettings(file, key) : nil
        for kind in kinds?.keys ?? [] where kind != "full_attention" && kind != "sliding_attention" {
            throw .unsupported(
                file: file.file, key: "\(key).\(kind)", found: kinds?.found(kind) ?? "",
                supported: "settings under full_attention and sliding_attention")
        }
        var full = kinds?.object("full_attention")
        if file.has("rope_scaling") {
            let scaling = try rotarySettings(file, "rope_scaling")
            full = full?.updated(with: scaling) ?? scaling
        }
        let sliding = kinds?.object("sliding_attention")
        let local = try file.positive("rope_local_base_freq", standard: 10_000)
        let slidingBase = try sliding?.positive("rope_theta", standard: local) ?? local
        let slidingScaling = try sliding.flatMap { settings throws(ModelDirectoryError) in
            try scaling(settings, in: file)
        }
        rotaryBase = try full?.positive("rope_theta", standard: base) ?? base
        rotaryScaling = try full.flatMap { settings throws(ModelDirectoryError) in
            try scaling(settings, in: file)
        }
        if slidingBase == rotaryBase, slidingScaling == rotaryScaling { return }
        guard slidingScaling == nil else {
            throw .unsupported(
                file: file.file, key: "\(key).sliding_attention", found: "scaled frequencies",
                supported: "rope_type default, or the settings of full_attention")
        }
        slidingRotaryBase = slidingBase
    }

    private func rotarySettings(
        _ file: ConfigurationFile, _ key: String
    ) throws(ModelDirectoryError) -> ConfigurationFile {
        guard let object = file.object(key) else {
            throw .malformed(
                file: file.file, key: key, found: file.text(key) ?? "null", expected: "an object")
        }
        return object
    }

    /// Returns the scaling of a rotation to a longer context, from its settings.
    private func scaling(
        _ settings: ConfigurationFile, in file: ConfigurationFile
    ) throws(ModelDirectoryError) -> RotaryEmbedding.Scaling? {
        let key = "original_max_position_embeddings"
        func original() throws(ModelDirectoryError) -> Int {
            if family == .phi3 {
                return try file.integer(key, in: 2...Self.greatest, standard: 4096)
            }
            return try (file.has(key) ? file : settings).integer(
                key, in: 1...Self.greatest, standard: contextLength)
        }
        let scaling: RotaryEmbedding.Scaling
        let kind = try settings.string("rope_type", standard: settings.string("type", standard: "default"))
        if family == .phi3 {
            guard ["default", "longrope", "su", "yarn"].contains(kind) else {
                throw .unsupported(
                    file: file.file, key: "rope_type", found: kind, supported: "default, longrope")
            }
            // So it was called before it had a name.
            if kind == "yarn" { return try longrope(settings, original: original(), in: file) }
        }
        switch kind {
        case "default": return nil
        case "linear": scaling = .linear(factor: try settings.positive("factor"))
        case "dynamic":
            guard (rotatedChannels ?? headSize) > 2 else {
                throw .unsupported(
                    file: file.file, key: "rope_type", found: kind,
                    supported: "default for heads of which two channels are rotated")
            }
            scaling = .dynamic(factor: try settings.positive("factor"))
        case "llama3":
            scaling = .llama3(
                factor: try settings.positive("factor"),
                lowFrequencyFactor: try settings.positive("low_freq_factor"),
                highFrequencyFactor: try settings.positive("high_freq_factor"),
                originalContextLength: try original())
        case "yarn":
            scaling = .yarn(
                factor: try settings.positive("factor"), originalContextLength: try original(),
                betaFast: try settings.positive("beta_fast", standard: 32),
                betaSlow: try settings.positive("beta_slow", standard: 1),
                attentionFactor: try yarnAttentionFactor(settings),
                isRounded: try settings.flag("truncate", standard: true))
        case "longrope", "su": scaling = try longrope(settings, original: original(), in: file)
        default:
            throw .unsupported(
                file: file.file, key: "rope_type", found: kind,
                supported: "default, linear, dynamic, llama3, yarn, longrope")
        }
        if family.rotatedPartKey != nil { return scaling }
        // Only where frequencies are scaled does transformers look at this.
        let part = "partial_rotary_factor"
        let factor = try (settings.has(part) ? settings : file).positive(part, standard: 1)
        guard factor == 1 else {
            throw .unsupported(file: file.file, key: part, found: "\(factor)", supported: "1")
        }
        return scaling
    }

    /// Frequencies each divided by a factor of its own.
    private func longrope(
        _ settings: ConfigurationFile, original: Int, in file: ConfigurationFile
    ) throws(ModelDirectoryError) -> RotaryEmbedding.Scaling {
        let pairs = (rotatedChannels ?? headSize) / 2
        func factors(_ key: String) throws(ModelDirectoryError) -> [Double] {
            let factors = settings.numbers(key)
            guard factors.count == pairs, factors.allSatisfy({ $0 > 0 && $0.isFinite }) else {
                throw .malformed(
                    file: file.file, key: key, found: settings.found(key),
                    expected: "\(pairs) positive numbers, one for each pair that is rotated")
            }
            return factors
        }
        let longest = contextLength
        let factor = try settings.positive("factor", standard: Double(longest) / Double(original))
        return .longrope(
            shortFactors: try factors("short_factor"), longFactors: try factors("long_factor"),
            originalContextLength: original, contextLength: longest,
            attentionFactor: try settings.positive(
                "attention_factor",
                standard: RotaryEmbedding.Scaling.longropeAttentionFactor(
                    factor: factor, originalContextLength: original)))
    }

    /// Returns the factor of rotated channels: the file's, or that of Peng et al. 2023, Eq. 22.
    private func yarnAttentionFactor(_ settings: ConfigurationFile) throws(ModelDirectoryError) -> Double {
        if settings.has("attention_factor") { return try settings.positive("attention_factor") }
        let factor = try settings.positive("factor")
        func growth(_ scale: Double) -> Double { factor <= 1 ? 1 : 0.1 * scale * log(factor) + 1 }
        guard settings.has("mscale"), settings.has("mscale_all_dim") else { return growth(1) }
        return try growth(settings.positive("mscale")) / growth(settings.positive("mscale_all_dim"))
    }
}

extension TransformerConfiguration.Family {
    /// The key of the base of the rotary frequencies.
    var baseKey: String { self == .gptNeoX ? "rotary_emb_base" : "rope_theta" }

    /// The key of the part of a head that is rotated; nil in families that rotate the whole of it.
    var rotatedPartKey: String? {
        switch self {
        case .phi3: "partial_rotary_factor"
        case .gptNeoX: "rotary_pct"
        default: nil
        }
    }

    /// Whether a window, where there is one, is that of all layers.
    var slidesEverywhere: Bool { [.phi3, .mixtral, .qwen3MoE].contains(self) }

    /// The key of the number added to the variance.
    var epsilonKey: String { self == .gptNeoX ? "layer_norm_eps" : "rms_norm_eps" }
}
