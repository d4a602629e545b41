public import LanguageModel
public import NeuralCore

/// What is learnt beside a frozen transformer: LoRA, or DoRA where magnitudes are learnt too.
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
    /// What the adapter is made of; a map that was read from a file may have a rank and an α of its own.
    public let configuration: LowRankConfiguration
    /// What is added to each map, in the order of the transformer.
    public var maps: [LowRankMap]

    /// A fresh adapter for a transformer.
    ///
    /// A is uniform within ±1/√inputs, B is zero.
    ///
    /// - Precondition: The rank is at least 1, the part to drop lies in 0..<1, and there is a target.
    public init(
        _ configuration: LowRankConfiguration = .init(), for base: Transformer,
        using random: inout RandomSource
    ) {
        guard configuration.rank > 0, 0..<1 ~= configuration.dropout, !configuration.targets.isEmpty else {
            misuse(
                "an adapter of rank \(configuration.rank) that drops \(configuration.dropout) of what \(configuration.targets.count) maps read"
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

    init(_ configuration: LowRankConfiguration, maps: [LowRankMap]) {
        self.configuration = configuration
        self.maps = maps
    }

    /// Visits every matrix under the name it has in PEFT.
    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
        for index in maps.indices {
            let name = maps[index].name
            visitor.visit(&maps[index], named: name)
        }
    }
}

/// What an adapter adds to one linear map.
public struct LowRankMap: Module {
    /// The map, by its name in the transformer's checkpoint.
    public let name: String
    /// A, `[rank, inputs]`.
    public var down: Tensor
    /// B, `[outputs, rank]`.
    public var up: Tensor
    /// m, `[outputs]`; nil in LoRA.
    public var magnitude: Tensor?
    /// The numerator of the scale.
    public let alpha: Float

    /// The extent between the two matrices.
    public var rank: Int { down.shape[0] }

    /// Visits the parameters under PEFT's names.
    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
        visitor.visit(&down, named: "lora_A.weight")
        visitor.visit(&up, named: "lora_B.weight")
        visitor.visit(&magnitude, named: "lora_magnitude_vector")
    }
}

extension LowRankConfiguration {
    /// Whether the map of this name is one of the targets.
    func adapts(_ name: String) -> Bool { targets.contains { name.hasSuffix("." + $0.rawValue) } }
}
