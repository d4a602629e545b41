public import LanguageModel
public import NeuralCore

/// A low-rank adapter of a frozen transformer: LoRA, or DoRA where magnitudes are learned too.
///
///     W′ = W + s · B · A                                        LoRA
///     W′ = m ⊙ (W + s · B · A) / ‖W + s · B · A‖ by rows        DoRA, the norm held constant
///
/// At first B is zero and m is the norm, so that the adapted transformer is the frozen one. Parameters are named as in
/// a PEFT checkpoint, without its prefix.
///
/// - SeeAlso: [Hu et al. 2021](https://arxiv.org/abs/2106.09685), Eq. 3;
///   [Liu et al. 2024](https://arxiv.org/abs/2402.09353), Eq. 5 and section 4.3. Departure: with DoRA too, dropout is
///   for what A reads alone.
public struct LowRankAdapter: Module {
    /// Rank, alpha and targets; a map that was read from a file may have a rank and an alpha of its own.
    public let configuration: LowRankConfiguration
    /// The adapters of linear maps, in the order of the transformer.
    public var maps: [LowRankMap]
    /// The adapters of the embedding and of the language head, named `model.embed_tokens` and `lm_head`; only
    /// adapters that were made elsewhere have them. They have no dropout.
    public var tables: [LowRankMap] = []
    /// Parameters that are trained whole and take the place of the transformer's, such as those of its norms (PEFT's
    /// `modules_to_save`); only adapters that were made elsewhere have them.
    public var savedParameters: [SavedParameter] = []

    /// A fresh adapter for a transformer.
    ///
    /// A is uniform within ±1/√inputs, B is zero.
    ///
    /// - Precondition: The rank is at least 1, alpha is positive and finite, the part to drop lies in 0..<1, and there is
    ///   a target.
    public init(
        _ configuration: LowRankConfiguration = .init(), for base: Transformer,
        using random: inout RandomSource
    ) {
        guard configuration.rank > 0, 0..<1 ~= configuration.dropout, !configuration.targets.isEmpty,
            configuration.alpha > 0, configuration.alpha.isFinite
        else {
            misuse(
                "an adapter of rank \(configuration.rank) and alpha \(configuration.alpha) that drops \(configuration.dropout) of what \(configuration.targets.count) maps read"
            )
        }
        var maps: [LowRankMap] = []
        var base = base
        base.forEachLinearMap { name, map in
            guard configuration.adapts(name) else { return }
            maps.append(
                LowRankMap(
                    name: name,
                    down: Initialization.fanIn.weight(
                        inputs: map.inputs, outputs: configuration.rank, using: &random),
                    up: Tensor(zeros: [map.outputs, configuration.rank]),
                    magnitude: configuration.learnsMagnitudes
                        ? map.weight.squared().sum(along: 1).squareRoot() : nil,
                    alpha: configuration.alpha))
        }
        self.init(configuration, maps: maps)
    }

    init(
        _ configuration: LowRankConfiguration, maps: [LowRankMap], tables: [LowRankMap] = [],
        savedParameters: [SavedParameter] = []
    ) {
        self.configuration = configuration
        self.maps = maps
        self.tables = tables
        self.savedParameters = savedParameters
    }

    /// Visits every matrix under the name it has in PEFT.
    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
        for index in maps.indices {
            let name = maps[index].name
            visitor.visit(&maps[index], named: name)
        }
        for index in tables.indices {
            let name = tables[index].name
            visitor.visit(&tables[index], named: name)
        }
        for index in savedParameters.indices {
            let name = savedParameters[index].name
            visitor.visit(&savedParameters[index].value, named: name)
        }
    }
}

/// A parameter that is trained whole beside an adapter.
public struct SavedParameter: Sendable {
    /// Its name in the transformer, such as `model.norm.weight`.
    public let name: String
    /// The value that replaces the transformer's.
    public var value: Tensor
}

/// The adapter of one linear map.
public struct LowRankMap: Module {
    /// The map, by its name in the transformer's checkpoint.
    public let name: String
    /// A, `[rank, inputs]`.
    public var down: Tensor
    /// B, `[outputs, rank]`.
    public var up: Tensor
    /// m, `[outputs]`; nil in LoRA.
    public var magnitude: Tensor?
    /// Alpha, the numerator of the scale.
    public let alpha: Float
    /// The frozen table that it is added to, where that is not the transformer's own; nil in maps of the blocks.
    var frozen: Tensor? = nil

    /// The extent between the two matrices.
    public var rank: Int { down.shape[0] }

    /// Visits the parameters under PEFT's names.
    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
        let isEmbedding = isEmbedding
        visitor.visit(&down, named: isEmbedding ? "lora_embedding_A" : "lora_A.weight")
        visitor.visit(&up, named: isEmbedding ? "lora_embedding_B" : "lora_B.weight")
        visitor.visit(&magnitude, named: "lora_magnitude_vector")
    }
}

extension LowRankMap {
    /// True if it adapts a table of embeddings, as the map from tokens to channels: A is `[rank, vocabulary]`.
    var isEmbedding: Bool { Self.embeddings.contains(where: name.hasSuffix) }

    /// The names of what is added to tables.
    static let (embedding, head) = ("model.embed_tokens", "lm_head")
    /// The last names of the embedding in the families.
    static let embeddings = ["embed_tokens", "wte", "embed_in"]
}

extension LowRankConfiguration {
    /// True if the map of this name is one of the targets.
    func adapts(_ name: String) -> Bool { targets.contains { name.hasSuffix("." + $0.rawValue) } }
}

/// Rank, scale and targets of an adapter.
///
///     var configuration = LowRankConfiguration(rank: 16)
///     configuration.targets = [.query, .value]
public struct LowRankConfiguration: Sendable, Hashable {
    /// A linear map of a block, by the name that PEFT's `target_modules` gives it.
    public enum Target: String, Sendable, CaseIterable {
        case query = "q_proj"
        case key = "k_proj"
        case value = "v_proj"
        case output = "o_proj"
        case gate = "gate_proj"
        case up = "up_proj"
        case down = "down_proj"
    }

    /// The factor of the product of the two matrices.
    public enum Scaling: Sendable, Hashable {
        /// α / rank ([Hu et al. 2021](https://arxiv.org/abs/2106.09685), section 4.1).
        case byRank
        /// α / √rank: steps stay of one size as the rank grows ([Kalajdzievski 2023](https://arxiv.org/abs/2312.03732),
        /// theorem 3.2).
        case byRootOfRank

        func factor(alpha: Float, rank: Int) -> Float {
            alpha / (self == .byRank ? Float(rank) : Float(rank).squareRoot())
        }

        /// The numerator that gives the same scale at another rank.
        func alpha(_ alpha: Float, ofRank rank: Int, atRank other: Int) -> Float {
            let ratio = Float(other) / Float(rank)
            return alpha * (self == .byRank ? ratio : ratio.squareRoot())
        }
    }

    /// The rank: the extent between the two matrices, at least 1.
    public var rank: Int
    /// Alpha, the numerator of the scale, greater than 0.
    public var alpha: Float
    /// The denominator of the scale.
    public var scaling: Scaling = .byRank
    /// The share of the activations that the branch drops in training, in 0..<1.
    public var dropout: Float = 0
    /// The maps that are adapted, in every block.
    public var targets: Set<Target> = Set(Target.allCases)
    /// True for DoRA, where each output also learns its own magnitude
    /// ([Liu et al. 2024](https://arxiv.org/abs/2402.09353), Eq. 5).
    public var learnsMagnitudes = false

    /// An adapter of every linear map.
    ///
    /// - Parameters:
    ///   - rank: The extent between the two matrices.
    ///   - alpha: The numerator of the scale; twice the rank unless given.
    public init(rank: Int = 16, alpha: Float? = nil) {
        self.rank = rank
        self.alpha = alpha ?? 2 * Float(rank)
    }
}
