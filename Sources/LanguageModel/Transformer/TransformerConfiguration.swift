public import NeuralCore

/// The shape of a decoder-only transformer, for every family that `Transformer` covers.
///
/// The differences between families are plain properties, so that the model reads top to bottom without asking for the
/// family's name. Compared with llama, whose blocks normalize by root-mean-square before each branch, rotate queries and
/// keys, and gate with SiLU:
///
/// | family | differences |
/// |---|---|
/// | mistral, qwen2 | windows by layer; in qwen2 biases of queries, keys and values |
/// | qwen3 | windows by layer; queries and keys normalized per head |
/// | qwen3MoE | as qwen3, but windows in all layers; experts in all layers or some |
/// | mixtral | windows and experts in all layers |
/// | granite | multipliers of embeddings, branches, attention and logits |
/// | smollm3 | layers without rotation; windows by layer |
/// | olmo2 | normalization after each branch, and of whole rows of queries and keys |
/// | gemma2 | normalization before and after each branch; GELU; caps of scores and logits; windows by layer |
/// | gemma3 | as gemma2, but no cap of scores; queries and keys normalized; another rotation in layers with a window |
/// | phi3 | windows in all layers; some channels rotated; maps joined in the file |
/// | gptNeoX | layer normalization, both branches read the same stream, GELU without a gate, some channels rotated |
/// | gpt2 | learned positions, layer normalization, GELU without a gate, biases everywhere |
public struct TransformerConfiguration: Sendable, Equatable {
    /// The linear maps of the attention that have a bias.
    public enum AttentionBias: Sendable, Equatable {
        case none, queryKeyValue, all
    }

    /// The family that this model is saved as.
    public var family: Family
    /// The number of tokens in the vocabulary.
    public var vocabularySize: Int
    /// Channels of the residual stream.
    public var width: Int
    /// The number of blocks.
    public var depth: Int
    /// Query heads in each block.
    public var heads: Int
    /// Key and value heads in each block; divides `heads`.
    public var keyValueHeads: Int
    /// Channels of one head; even where positions are rotary.
    public var headSize: Int
    /// Channels inside the feed-forward layer.
    public var feedForwardWidth: Int
    /// The experts that take the place of the feed-forward layer; nil for none.
    public var experts: Experts?
    /// The greatest number of positions the model is meant for.
    public var contextLength: Int
    /// Added to the variance before its root is taken.
    public var normalizationEpsilon: Float
    /// The base of the rotary frequencies; nil for learned positions.
    public var rotaryBase: Double?
    /// The scaling of rotary frequencies to a longer context, if any.
    public var rotaryScaling: RotaryEmbedding.Scaling?
    /// The first channels of each head that are rotated; nil for all.
    public var rotatedChannels: Int?
    /// The base of the rotary frequencies in layers with a window, which are not scaled; nil where it is that of all.
    public var slidingRotaryBase: Double?
    /// The layers whose queries and keys are not rotated, counted from 0.
    public var unrotatedLayers: Set<Int>
    /// The number of positions that a token sees, counted back from its own; nil for all.
    public var slidingWindow: Int?
    /// The layers whose tokens see all positions though there is a window, counted from 0.
    public var fullAttentionLayers: Set<Int>
    /// The linear maps of the attention that have a bias.
    public var attentionBias: AttentionBias
    /// Whether the linear maps of the feed-forward layer have a bias.
    public var feedForwardBias: Bool
    /// The nonlinearity of the feed-forward layer.
    public var activation: Activation
    /// Whether the feed-forward layer reads the input of the attention instead of the sum of that and the attention's output.
    public var hasParallelBranches: Bool
    /// The factor of the products of queries and keys; nil for 1/√headSize.
    public var attentionScale: Float?
    /// Bends the scores of attention to lie within ± this; nil for none.
    public var attentionSoftCap: Float?
    /// Bends logits to lie within ± this; nil for none.
    public var logitSoftCap: Float?
    /// The factor of embeddings, in addition to that of the family.
    public var embeddingMultiplier: Float
    /// The factor of each branch of a block, applied before it is added to the residual stream.
    public var residualMultiplier: Float
    /// The divisor of logits.
    public var logitDivisor: Float
    /// Whether the embedding is also the language head.
    public var tiesEmbeddings: Bool
    /// Standard deviation of freshly drawn weights.
    public var initializationScale: Float
    /// The token that begins a sequence, if any.
    public var beginOfSequence: Int32?
    /// The tokens that end a sequence.
    public var endOfSequence: [Int32]
    /// The token that fills up batches elsewhere, if any; nothing is padded here.
    public var padding: Int32?

    /// A configuration of the default family, qwen3, whose unnamed parts follow from its width and depth.
    ///
    /// - Parameters:
    ///   - family: Whose block the model is made of.
    ///   - vocabularySize: The number of tokens.
    ///   - width: Channels of the residual stream.
    ///   - depth: The number of blocks.
    ///   - heads: Query heads; nil for one per 64 channels, at least one.
    ///   - keyValueHeads: Key and value heads; nil for as many as query heads.
    ///   - headSize: Channels per head; nil for `width / heads`.
    ///   - feedForwardWidth: nil for 8/3 of the width, rounded up to a multiple of 64; without a gate, four times the width. A
    ///     family with experts gets eight of them, of which each token goes through two: in mixtral of this width each, in
    ///     qwen3_moe of half of it.
    ///   - contextLength: The longest sequence meant, tokens.
    ///   - tiesEmbeddings: Whether the head is the embedding, used a second time.
    public init(
        family: Family = .qwen3, vocabularySize: Int, width: Int, depth: Int, heads: Int? = nil,
        keyValueHeads: Int? = nil, headSize: Int? = nil, feedForwardWidth: Int? = nil,
        contextLength: Int = 1024, tiesEmbeddings: Bool = true
    ) {
        let heads = heads ?? max(1, width / 64)
        self.family = family
        self.vocabularySize = vocabularySize
        self.width = width
        self.depth = depth
        self.heads = heads
        self.keyValueHeads = keyValueHeads ?? heads
        self.headSize = headSize ?? width / heads
        self.feedForwardWidth =
            feedForwardWidth ?? (family.design.isGated ? (width * 8 / 3 + 63) / 64 * 64 : 4 * width)
        experts =
            family.hasExperts
            ? Experts(
                count: 8, perToken: 2,
                width: max(1, self.feedForwardWidth / (family == .mixtral ? 1 : 2))) : nil
        self.contextLength = contextLength
        normalizationEpsilon =
            [.gpt2, .llama, .olmo2, .phi3, .gptNeoX, .mixtral].contains(family) ? 1e-5 : 1e-6
        rotaryBase = family == .gpt2 ? nil : 10_000
        rotaryScaling = nil
        rotatedChannels = nil
        slidingRotaryBase = nil
        unrotatedLayers = []
        slidingWindow = nil
        fullAttentionLayers = []
        activation = family.design.activation
        hasParallelBranches = family == .gptNeoX
        attentionBias = family.design.normalizing == .layer ? .all : family == .qwen2 ? .queryKeyValue : .none
        feedForwardBias = family.design.normalizing == .layer
        attentionScale = nil
        attentionSoftCap = nil
        logitSoftCap = nil
        embeddingMultiplier = 1
        residualMultiplier = 1
        logitDivisor = 1
        self.tiesEmbeddings = tiesEmbeddings
        initializationScale = 0.02
        beginOfSequence = nil
        endOfSequence = []
        padding = nil
    }

    /// Returns the number of positions that a token sees in a layer, counted back from its own; nil for all.
    ///
    /// - Parameter layer: The number of the layer, from 0.
    public func window(ofLayer layer: Int) -> Int? {
        fullAttentionLayers.contains(layer) ? nil : slidingWindow
    }

    /// Whether queries and keys are normalized.
    public var normalizesQueriesAndKeys: Bool { family.design.queryKeyNorm != nil }

    /// The factor of embeddings.
    var embeddingScale: Float {
        embeddingMultiplier * (family.design.scalesEmbeddings ? Float(width).squareRoot() : 1)
    }

    /// The number of scalars in all parameters.
    public var parameterCount: Int {
        let design = family.design
        let (queries, pairs) = (heads * headSize, keyValueHeads * headSize)
        let norm = design.normalizing == .layer ? 2 * width : width
        var block = width * (2 * queries + 2 * pairs) + (design.place == .around ? 4 : 2) * norm
        switch attentionBias {
        case .none: break
        case .queryKeyValue: block += queries + 2 * pairs
        case .all: block += queries + 2 * pairs + width
        }
        let maps = design.isGated ? 3 : 2
        var feedForward = maps * width * feedForwardWidth
        if feedForwardBias { feedForward += (maps - 1) * feedForwardWidth + width }
        switch design.queryKeyNorm {
        case nil: break
        case .perHead: block += 2 * headSize
        case .wholeRow: block += queries + pairs
        }
        let positions = rotaryBase == nil ? contextLength * width : 0
        return vocabularySize * width * (tiesEmbeddings ? 1 : 2) + positions + depth * block
            + denseLayerCount * feedForward + expertCounts.all + norm
    }

    /// Floating-point operations of a training step for each token: four for every weight that a token meets in a
    /// product, two more for every one that is trained, and the attention's own.
    ///
    /// - Parameters:
    ///   - length: Tokens that each token sees on average twice over: the sequence length.
    ///   - trained: Parameters that are trained, where they are fewer, as with an adapter; nil for all.
    public func trainingOperationsPerToken(sequenceLength length: Int, trained: Int? = nil) -> Double {
        let embeddings = tiesEmbeddings ? 0 : vocabularySize * width
        let positions = rotaryBase == nil ? contextLength * width : 0
        let weights = parameterCount - embeddings - positions - expertCounts.unmet
        return 4 * Double(weights) + 2 * Double(min(weights, trained ?? weights))
            + 6 * Double(depth * length * heads * headSize)
    }
}
