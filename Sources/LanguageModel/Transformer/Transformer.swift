public import NeuralCore

/// A decoder-only transformer of any ``TransformerConfiguration/Family``.
///
///     let model = Transformer(.depth(6, vocabularySize: 8_192), using: &random)
///     let hidden = model(batch.tokens, over: batch.forest)
///     let logits = model.logits(of: hidden)
///
/// Parameters are named as in a Hugging Face checkpoint of the llama families. A gpt2 checkpoint stores the same
/// weights under other names, fused and transposed; `ModelDirectory` translates.
///
/// - SeeAlso: [Vaswani et al. 2017](https://arxiv.org/abs/1706.03762);
///   [Radford et al. 2019](https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf);
///   [Touvron et al. 2023](https://arxiv.org/abs/2302.13971); [Yang et al. 2025](https://arxiv.org/abs/2505.09388).
public struct Transformer: Module {
    /// The sizes and options of the model.
    public private(set) var configuration: TransformerConfiguration
    /// The tokens that end a sequence; a model that is trained to end its turns gets others than it began with.
    public var endOfSequence: [Int32] {
        get { configuration.endOfSequence }
        set { configuration.endOfSequence = newValue }
    }

    /// The losses of routers that training adds to its own; nil in a model without experts.
    public var routerLosses: TransformerConfiguration.RouterLosses? {
        get { configuration.experts?.losses }
        set { if let newValue { configuration.experts?.losses = newValue } }
    }

    /// Token embeddings, `[vocabulary, width]`.
    public var embedding: Embedding
    /// Learned positions, `[context, width]`; nil where positions are rotary.
    public var positions: Embedding?
    /// The blocks, first to last.
    public var blocks: [TransformerBlock]
    /// Normalizes the output of the last block.
    public var norm: Normalization
    /// The language head, `[vocabulary, width]`; nil where it is the embedding.
    public var separateHead: Tensor?

    /// The precision of matrix products.
    public var precision: MatrixPrecision = .float32
    /// Whether the backward pass recomputes each block's activations instead of keeping them.
    public var recomputesBlocks = false
    /// Noise added to the embeddings in a training step.
    package var embeddingNoise: EmbeddingNoise?
    /// Keeps the logits of routers in a training step, for the losses of them.
    var routing: RoutingRecord?

    /// The language head of a model that no longer learns, where it is not the embedding.
    var storedHead: StoredMatrix?

    private let rotary: RotaryEmbedding?
    private let slidingRotary: RotaryEmbedding?

    /// A freshly initialized model.
    ///
    /// Weights are drawn from a normal distribution of standard deviation `initializationScale`; those of the maps
    /// that write to the residual stream are smaller by √(2·depth), after Radford et al. 2019, section 2.3.
    public init(_ configuration: TransformerConfiguration, using random: inout RandomSource) {
        self.configuration = configuration
        let (width, initialization) = (configuration.width, configuration.initialization)
        func table(_ rows: Int) -> Tensor {
            initialization.weight(inputs: width, outputs: rows, using: &random)
        }
        embedding = Embedding(weight: table(configuration.vocabularySize))
        positions =
            configuration.rotaryBase == nil ? Embedding(weight: table(configuration.contextLength)) : nil
        blocks = (0..<configuration.depth).map {
            TransformerBlock(configuration, hasExperts: configuration.hasExperts(inLayer: $0), using: &random)
        }
        norm = Normalization(configuration)
        separateHead = configuration.tiesEmbeddings ? nil : table(configuration.vocabularySize)
        (rotary, slidingRotary) = Self.rotations(configuration)
    }

    /// Returns the rotation of queries and keys, and that of layers with a window if it differs.
    private static func rotations(
        _ configuration: TransformerConfiguration
    ) -> (RotaryEmbedding?, sliding: RotaryEmbedding?) {
        let (size, rotated) = (configuration.headSize, configuration.rotatedChannels)
        return (
            configuration.rotaryBase.map {
                RotaryEmbedding(
                    headSize: size, rotatedChannels: rotated, base: $0, scaling: configuration.rotaryScaling)
            },
            configuration.slidingRotaryBase.map {
                RotaryEmbedding(headSize: size, rotatedChannels: rotated, base: $0)
            }
        )
    }

    /// Returns the rotation of a layer's queries and keys; nil if they are not rotated.
    private func rotary(ofLayer layer: Int) -> RotaryEmbedding? {
        if configuration.unrotatedLayers.contains(layer) { return nil }
        return configuration.window(ofLayer: layer) == nil ? rotary : slidingRotary ?? rotary
    }

    /// A model whose parameters are about to be loaded.
    ///
    /// Until then they have no values and no memory of their own; memory is allocated as each is loaded.
    init(uninitialized configuration: TransformerConfiguration) {
        self.configuration = configuration
        var zero = configuration
        zero.initializationScale = 0
        zero.experts?.count = 1
        func block(hasExperts: Bool) -> TransformerBlock {
            var random = RandomSource(seed: 0)
            var block = TransformerBlock(zero, hasExperts: hasExperts, using: &random)
            block.forEachParameter { _, parameter in parameter = Tensor(uninitialized: parameter.shape) }
            guard let count = configuration.experts?.count else { return block }
            block.experts?.repeatExpert(count)
            return block
        }
        let hasExperts = (0..<configuration.depth).map(configuration.hasExperts)
        let (dense, sparse) = (
            hasExperts.contains(false) ? block(hasExperts: false) : nil,
            hasExperts.contains(true) ? block(hasExperts: true) : nil
        )
        let table = Tensor(uninitialized: [configuration.vocabularySize, configuration.width])
        embedding = Embedding(weight: table)
        positions =
            configuration.rotaryBase == nil
            ? Embedding(weight: Tensor(uninitialized: [configuration.contextLength, configuration.width]))
            : nil
        blocks = hasExperts.compactMap { $0 ? sparse : dense }
        norm = Normalization(configuration)
        separateHead = configuration.tiesEmbeddings ? nil : table
        (rotary, slidingRotary) = Self.rotations(configuration)
        // The zeros of the block.
        BufferPool.shared.releaseUnused()
    }

    /// The weights of the language head, `[vocabulary, width]`.
    public var head: Tensor { separateHead ?? embedding.weight }

    /// Gives the model a language head of its own, `[vocabulary, width]`, whether or not it was the embedding before.
    package mutating func setHead(_ head: Tensor) {
        separateHead = head
        configuration.tiesEmbeddings = false
    }

    /// The normalized output of the last block for every token.
    ///
    /// - Parameters:
    ///   - tokens: Token ids, one for each row of the forest.
    ///   - forest: The tokens that each token sees.
    /// - Returns: `[tokens, width]`.
    public func callAsFunction(_ tokens: [Int32], over forest: Forest) -> Tensor {
        let noise = embeddingNoise?.rows(of: forest, width: configuration.width)
        return self(tokens, at: forest.positions, adding: noise) {
            [configuration, recomputesBlocks] layer, x, block in
            let attend: @Sendable (Tensor, Tensor, Tensor) -> Tensor = { query, key, value in
                attention(
                    query: query, key: key, value: value, over: forest, heads: configuration.heads,
                    keyValueHeads: configuration.keyValueHeads, scale: configuration.attentionScale,
                    window: configuration.window(ofLayer: layer), softCap: configuration.attentionSoftCap)
            }
            return recomputesBlocks ? checkpointed(x) { block($0, attend) } : block(x, attend)
        }
    }

    /// A block of the model, given the attention that it is to use: from the stream to the stream, and to the logits of the
    /// router where it has one.
    typealias BoundBlock = @Sendable (_ x: Tensor, _ attend: Attend) -> [Tensor]
    /// The attention of a block: from queries, keys and values to the weighted values.
    typealias Attend = (_ query: Tensor, _ key: Tensor, _ value: Tensor) -> Tensor

    /// Runs the model; `run` determines how each block is run and what it attends to.
    func callAsFunction(
        _ tokens: [Int32], at positions: [Int32], adding noise: Tensor? = nil,
        _ run: (_ layer: Int, _ x: Tensor, _ block: @escaping BoundBlock) -> [Tensor]
    ) -> Tensor {
        var x = embedding(tokens).multiplied(by: configuration.embeddingScale)
        if let noise { x = x + noise }
        if let table = self.positions { x = x + table(positions) }
        let precision = precision
        for (layer, block) in blocks.enumerated() {
            let rotary = rotary(ofLayer: layer)
            let outputs = run(layer, x) { x, attend in
                block(x, at: positions, rotary: rotary, precision: precision, attend: attend)
            }
            x = outputs[0]
            routing?.add(outputs.dropFirst())
        }
        return norm(x)
    }

    /// The logits of every row: products with the language head, `[rows, vocabulary]`.
    ///
    /// Meant for looking at; training and scoring never store them whole.
    public func logits(of hidden: Tensor) -> Tensor {
        let products =
            (storedHead ?? embedding.stored).map { linear(hidden, weight: $0, precision: precision) }
            ?? linear(hidden, weight: head, precision: precision)
        let logits = products.multiplied(by: 1 / configuration.logitDivisor)
        return configuration.logitSoftCap.map { (logits / $0).tanh() * $0 } ?? logits
    }

    /// Returns the options of the language head for computing losses without storing the logits whole.
    ///
    /// - Parameter temperature: Divides the logits.
    package func headOptions(temperature: Float = 1) -> LanguageHeadOptions {
        LanguageHeadOptions(
            softCap: configuration.logitSoftCap, temperature: temperature * configuration.logitDivisor,
            precision: precision)
    }

    /// Visits every parameter under its name in a llama checkpoint.
    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
        visitor.enter("model")
        visitor.visit(&embedding, named: "embed_tokens")
        visitor.visit(&positions, named: "embed_positions")
        visitor.visit(&blocks, named: "layers")
        visitor.visit(&norm, named: "norm")
        visitor.leave()
        visitor.visit(&separateHead, or: &storedHead, named: "lm_head.weight")
    }
}

/// Attention, then a feed-forward layer, each on a normalized copy of the stream and added back to it.
///
/// In some families it is the output of each that is normalized, or both.
public struct TransformerBlock: Module {
    /// Normalizes the input of the attention.
    public var attentionNorm: Normalization?
    /// Lets each token read from those before it.
    public var attention: SelfAttention
    /// Normalizes the output of the attention.
    public var attentionOutputNorm: Normalization?
    /// Normalizes the input of the feed-forward layer.
    public var feedForwardNorm: Normalization?
    /// Transforms each token by itself; nil where experts do.
    public var feedForward: FeedForward?
    /// Transforms each token by itself, each with the few layers that are chosen for it.
    public var experts: MixtureOfExperts?
    /// Normalizes the output of the feed-forward layer.
    public var feedForwardOutputNorm: Normalization?

    private let residualMultiplier: Float
    private let isParallel: Bool

    init(
        _ configuration: TransformerConfiguration, hasExperts: Bool = false,
        using random: inout RandomSource
    ) {
        let place = configuration.family.design.place
        if place != .after {
            attentionNorm = Normalization(configuration)
            feedForwardNorm = Normalization(configuration)
        }
        if place != .before {
            attentionOutputNorm = Normalization(configuration)
            feedForwardOutputNorm = Normalization(configuration)
        }
        attention = SelfAttention(configuration, using: &random)
        if hasExperts, let experts = configuration.experts {
            self.experts = MixtureOfExperts(experts, of: configuration, using: &random)
        } else {
            feedForward = FeedForward(
                configuration, width: configuration.feedForwardWidth, bias: configuration.feedForwardBias,
                using: &random)
        }
        residualMultiplier = configuration.residualMultiplier
        isParallel = configuration.hasParallelBranches
    }

    func callAsFunction(
        _ x: Tensor, at positions: [Int32], rotary: RotaryEmbedding?, precision: MatrixPrecision,
        attend: Transformer.Attend
    ) -> [Tensor] {
        let read = attention(
            attentionNorm?(x) ?? x, at: positions, rotary: rotary, precision: precision, attend: attend)
        let attended = (attentionOutputNorm?(read) ?? read).multiplied(by: residualMultiplier)
        if isParallel {
            let (transformed, routing) = feedingForward(feedForwardNorm?(x) ?? x, precision)
            return [x + (attended + transformed)] + routing
        }
        let (stream, normalized) = added(attended, to: x)
        let (transformed, routing) = feedingForward(normalized, precision)
        let branch = (feedForwardOutputNorm?(transformed) ?? transformed).multiplied(by: residualMultiplier)
        return [stream + branch] + routing
    }

    /// The output of the feed-forward layer or of the experts, and the logits of their router if there is one.
    private func feedingForward(
        _ x: Tensor, _ precision: MatrixPrecision
    ) -> (output: Tensor, routing: [Tensor]) {
        if let feedForward { return (feedForward(x, precision: precision), []) }
        guard let experts else { return (x, []) }
        let (output, logits) = experts(x, precision: precision)
        return (output, [logits])
    }

    /// The residual stream after the attention, and the input of the feed-forward layer.
    private func added(_ attended: Tensor, to x: Tensor) -> (sum: Tensor, normalized: Tensor) {
        if let feedForwardNorm { return feedForwardNorm(adding: attended, to: x) }
        let sum = x + attended
        return (sum, sum)
    }

    /// Visits every parameter under its name in a llama checkpoint.
    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
        visitor.visit(&attentionNorm, named: "input_layernorm")
        visitor.visit(&attention, named: "self_attn")
        // A norm alone between attention and feed-forward layer has the name of the one after attention.
        let isAlone = attentionOutputNorm == nil
        visitor.visit(&attentionOutputNorm, named: "post_attention_layernorm")
        visitor.visit(
            &feedForwardNorm, named: isAlone ? "post_attention_layernorm" : "pre_feedforward_layernorm")
        visitor.visit(&feedForward, named: "mlp")
        visitor.visit(&experts, named: "mlp")
        visitor.visit(&feedForwardOutputNorm, named: "post_feedforward_layernorm")
    }
}

/// Causal attention of each token to those before it, with grouped queries.
public struct SelfAttention: Module {
    /// The map to queries, `[heads · headSize, width]`.
    public var query: Linear
    /// The map to keys, `[keyValueHeads · headSize, width]`.
    public var key: Linear
    /// The map to values, the shape of `key`.
    public var value: Linear
    /// The map from the attention's result to the residual stream, `[width, heads · headSize]`.
    public var output: Linear
    /// Normalizes queries, each head or all heads of a row together; nil in families that do not.
    public var queryNorm: Normalization?
    /// Normalizes keys likewise.
    public var keyNorm: Normalization?

    init(_ configuration: TransformerConfiguration, using random: inout RandomSource) {
        let (heads, keyValueHeads) = (configuration.heads, configuration.keyValueHeads)
        let (headSize, width) = (configuration.headSize, configuration.width)
        let initialization = configuration.initialization
        let inner = configuration.attentionBias != .none
        query = Linear(
            inputs: width, outputs: heads * headSize, bias: inner, initialization: initialization,
            using: &random)
        key = Linear(
            inputs: width, outputs: keyValueHeads * headSize, bias: inner, initialization: initialization,
            using: &random)
        value = Linear(
            inputs: width, outputs: keyValueHeads * headSize, bias: inner, initialization: initialization,
            using: &random)
        output = Linear(
            inputs: heads * headSize, outputs: width, bias: configuration.attentionBias == .all,
            initialization: configuration.residualInitialization, using: &random)
        switch configuration.family.design.queryKeyNorm {
        case nil: break
        case .perHead:
            queryNorm = Normalization(configuration, channels: headSize)
            keyNorm = Normalization(configuration, channels: headSize)
        case .wholeRow:
            queryNorm = Normalization(configuration, channels: heads * headSize)
            keyNorm = Normalization(configuration, channels: keyValueHeads * headSize)
        }
    }

    func callAsFunction(
        _ x: Tensor, at positions: [Int32], rotary: RotaryEmbedding?, precision: MatrixPrecision,
        attend: Transformer.Attend
    ) -> Tensor {
        var (q, k) = (query(x, precision: precision), key(x, precision: precision))
        let v = value(x, precision: precision)
        if let queryNorm, let keyNorm { (q, k) = (inParts(q, queryNorm), inParts(k, keyNorm)) }
        if let rotary {
            (q, k) = (q.rotated(by: rotary, at: positions), k.rotated(by: rotary, at: positions))
        }
        return output(attend(q, k, v), precision: precision)
    }

    /// Normalizes as many channels together as the norm has.
    private func inParts(_ x: Tensor, _ norm: Normalization) -> Tensor {
        let channels = norm.weight.count
        return norm(x.reshaped(to: [x.count / channels, channels])).reshaped(to: x.shape)
    }

    /// Visits every parameter under its name in a llama checkpoint.
    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
        visitor.visit(&query, named: "q_proj")
        visitor.visit(&key, named: "k_proj")
        visitor.visit(&value, named: "v_proj")
        visitor.visit(&output, named: "o_proj")
        visitor.visit(&queryNorm, named: "q_norm")
        visitor.visit(&keyNorm, named: "k_norm")
    }
}

/// Two linear maps with a nonlinearity between, which in most families a third map goes through and gates the first.
public struct FeedForward: Module {
    /// The map whose activation gates `up`, as in SwiGLU; nil if there is no gate.
    public var gate: Linear?
    /// Into the wider layer, `[feedForwardWidth, width]`.
    public var up: Linear
    /// Back to the stream, `[width, feedForwardWidth]`.
    public var down: Linear

    private let activation: TransformerConfiguration.Activation

    /// - Parameter inner: Channels inside the layer.
    init(
        _ configuration: TransformerConfiguration, width inner: Int, bias: Bool,
        using random: inout RandomSource
    ) {
        let (width, initialization) = (configuration.width, configuration.initialization)
        activation = configuration.activation
        if configuration.family.design.isGated {
            gate = Linear(
                inputs: width, outputs: inner, bias: bias, initialization: initialization, using: &random)
        }
        up = Linear(inputs: width, outputs: inner, bias: bias, initialization: initialization, using: &random)
        down = Linear(
            inputs: inner, outputs: width, bias: bias, initialization: configuration.residualInitialization,
            using: &random)
    }

    /// Transforms every row of `x`, `[…, width]`.
    package func callAsFunction(_ x: Tensor, precision: MatrixPrecision) -> Tensor {
        let inner = up(x, precision: precision)
        guard let gate = gate?(x, precision: precision) else {
            return down(activation(inner), precision: precision)
        }
        let gated = activation == .silu ? swiGLU(gate, inner) : activation(gate) * inner
        return down(gated, precision: precision)
    }

    /// Visits every parameter under its name in a llama checkpoint.
    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
        visitor.visit(&gate, named: "gate_proj")
        visitor.visit(&up, named: "up_proj")
        visitor.visit(&down, named: "down_proj")
    }
}

extension TransformerConfiguration {
    /// The distribution of most fresh weights.
    var initialization: Initialization {
        initializationScale == 0 ? .zeros : .normal(standardDeviation: initializationScale)
    }

    /// The distribution of fresh weights that write to the residual stream.
    var residualInitialization: Initialization {
        initializationScale == 0
            ? .zeros : .normal(standardDeviation: initializationScale / (2 * Float(depth)).squareRoot())
    }
}

extension TransformerConfiguration.Activation {
    func callAsFunction(_ x: Tensor) -> Tensor {
        switch self {
        case .silu: x.silu()
        case .gelu: x.gelu()
        case .geluTanh: x.gelu(.tanh)
        }
    }
}

extension Tensor {
    /// The tensor itself where the number is one.
    fileprivate func multiplied(by number: Float) -> Tensor { number == 1 ? self : self * number }
}
