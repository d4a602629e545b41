import NeuralCore

/// A family as llama.cpp has it: its name there, how its tensors differ from the parameters, and what is computed.
struct GGUFArchitecture {
    /// The places of a language head of its own.
    enum Head {
        /// A tensor that is left out where the head is the embedding.
        case optional
        /// A tensor that is never left out.
        case required
        /// None: the head is the embedding.
        case embedding
    }

    /// Whether a model has a cap.
    enum Cap {
        case never, maybe, always
    }

    var name: String
    /// Whether the channels of a head that rotate together stand beside each other in its tensors, not half a head apart.
    var rotatesNeighbors = false
    /// The biases of attention that are added.
    var attentionBiases: [TransformerConfiguration.AttentionBias] = [.none]
    /// Whether the maps of the feed-forward layer may have biases.
    var takesFeedForwardBias = false
    var head = Head.optional
    /// Whether all heads together have to be as wide as the model.
    var headsSpanWidth = false
    /// Whether frequencies may be divided by factors of a tensor, as for Llama 3.1.
    var takesFrequencyFactors = false
    /// The interval of layers that see all positions, the others having a window, in families with windows.
    var fullAttentionInterval: Int?
    /// The interval of layers whose queries and keys are not rotated; nil where all are.
    var unrotatedInterval: Int?
    /// The number of layers of the model whose scores are scaled by the width of a head's share and not by its size.
    var depthScaledByWidth: Int?
    /// The caps of scores and logits.
    var caps = (attention: Cap.never, logits: Cap.never)
    /// Whether all layers have experts.
    var hasExperts = false
}

extension TransformerConfiguration.Family {
    /// The family in llama.cpp.
    ///
    /// - SeeAlso: `src/models` of llama.cpp, and `MODEL_TENSORS` in the `gguf` package.
    var gguf: GGUFArchitecture {
        typealias Bias = TransformerConfiguration.AttentionBias
        let biases: [Bias] = [.none, .queryKeyValue, .all]
        return switch self {
        case .gpt2: GGUFArchitecture(name: "gpt2", attentionBiases: [.all], takesFeedForwardBias: true)
        // A mistral model is computed as a llama.
        case .llama, .mistral:
            GGUFArchitecture(
                name: "llama", rotatesNeighbors: true, attentionBiases: biases, takesFeedForwardBias: true,
                takesFrequencyFactors: true)
        case .qwen2: GGUFArchitecture(name: "qwen2", attentionBiases: [.none, .queryKeyValue])
        case .qwen3: GGUFArchitecture(name: "qwen3", attentionBiases: [.none, .queryKeyValue])
        case .qwen3MoE:
            GGUFArchitecture(name: "qwen3moe", attentionBiases: [.none, .queryKeyValue], hasExperts: true)
        // A llama with experts.
        case .mixtral:
            GGUFArchitecture(
                name: "llama", rotatesNeighbors: true, takesFrequencyFactors: true, hasExperts: true)
        case .granite:
            GGUFArchitecture(
                name: "granite", rotatesNeighbors: true, attentionBiases: biases, takesFeedForwardBias: true,
                takesFrequencyFactors: true)
        case .olmo2: GGUFArchitecture(name: "olmo2", head: .required, headsSpanWidth: true)
        case .smollm3: GGUFArchitecture(name: "smollm3", rotatesNeighbors: true, unrotatedInterval: 4)
        case .phi3: GGUFArchitecture(name: "phi3", headsSpanWidth: true)
        case .gptNeoX:
            GGUFArchitecture(
                name: "gptneox", attentionBiases: [.all], takesFeedForwardBias: true, head: .required,
                headsSpanWidth: true)
        case .gemma2:
            GGUFArchitecture(
                name: "gemma2", head: .embedding, fullAttentionInterval: 2, depthScaledByWidth: 46,
                caps: (.always, .always))
        case .gemma3:
            GGUFArchitecture(
                name: "gemma3", fullAttentionInterval: 6, depthScaledByWidth: 62, caps: (.never, .maybe))
        }
    }
}

extension GGUFArchitecture {
    /// The layers whose queries and keys are not rotated.
    func unrotatedLayers(depth: Int) -> Set<Int> {
        Self.layers(every: unrotatedInterval, depth: depth)
    }

    /// The layers that see all positions if no key says it.
    func fullAttentionLayers(depth: Int) -> Set<Int> {
        Self.layers(every: fullAttentionInterval, depth: depth)
    }

    private static func layers(every interval: Int?, depth: Int) -> Set<Int> {
        interval.map { interval in Set((0..<depth).filter { ($0 + 1) % interval == 0 }) } ?? []
    }

    /// The factor of attention scores, where no key says it.
    func attentionScale(of model: TransformerConfiguration) -> Float {
        let channels = model.depth == depthScaledByWidth ? max(1, model.width / model.heads) : model.headSize
        return Float(1 / Double(channels).squareRoot())
    }
}
