extension TransformerConfiguration {
    /// The families, by their `model_type` in `config.json`.
    public enum Family: String, Sendable, CaseIterable {
        case gpt2, llama, mistral, qwen2, qwen3, olmo2, granite, smollm3, phi3, gemma2, mixtral
        case gemma3 = "gemma3_text"
        case gptNeoX = "gpt_neox"
        case qwen3MoE = "qwen3_moe"
    }

    /// The nonlinearity of the feed-forward layer.
    public enum Activation: Sendable, Equatable {
        /// x σ(x).
        case silu
        /// x Φ(x).
        case gelu
        /// x Φ(x), computed with tanh.
        case geluTanh
    }
}

/// The differences between the blocks of families that their configuration files do not state; the defaults are llama's.
struct BlockDesign {
    /// The normalization of rows.
    enum Normalizing {
        /// By mean and variance, with a bias.
        case layer
        /// By root-mean-square.
        case rootMeanSquare
        /// By root-mean-square, with scales stored as their difference from one.
        case rootMeanSquareFromOne
    }

    /// The place of normalization relative to a branch.
    enum Place {
        case before, after, around
    }

    /// The channels of queries and keys that are normalized together.
    enum QueryKeyNorm {
        case perHead, wholeRow
    }

    var normalizing = Normalizing.rootMeanSquare
    var place = Place.before
    var queryKeyNorm: QueryKeyNorm?
    var activation = TransformerConfiguration.Activation.silu
    /// Whether the feed-forward layer has a third map that gates the second.
    var isGated = true
    /// Whether embeddings are multiplied by the square root of the width.
    var scalesEmbeddings = false
}

extension TransformerConfiguration.Family {
    /// Whether the feed-forward layer has a third map that gates the second.
    package var isGated: Bool { design.isGated }

    var design: BlockDesign {
        switch self {
        case .llama, .mistral, .qwen2, .granite, .smollm3, .phi3, .mixtral: BlockDesign()
        case .gpt2: BlockDesign(normalizing: .layer, activation: .geluTanh, isGated: false)
        case .gptNeoX: BlockDesign(normalizing: .layer, activation: .gelu, isGated: false)
        case .qwen3, .qwen3MoE: BlockDesign(queryKeyNorm: .perHead)
        case .olmo2: BlockDesign(place: .after, queryKeyNorm: .wholeRow)
        case .gemma2:
            BlockDesign(
                normalizing: .rootMeanSquareFromOne, place: .around, activation: .geluTanh,
                scalesEmbeddings: true)
        case .gemma3:
            BlockDesign(
                normalizing: .rootMeanSquareFromOne, place: .around, queryKeyNorm: .perHead,
                activation: .geluTanh, scalesEmbeddings: true)
        }
    }
}
