public import NeuralCore

/// Several feed-forward layers, of which each token goes through the few that a router chooses for it.
///
///     p = softmax(x · routerᵀ)        y = Σ wₑ · expertₑ(x)   over the experts e of the greatest p
///
/// The weight wₑ is pₑ, in most models divided by the sum of those that were chosen. Only chosen experts are computed: the
/// rows are sorted by expert, and each expert multiplies its own rows.
///
/// - SeeAlso: [Shazeer et al. 2017](https://arxiv.org/abs/1701.06538), Eq. 1;
///   [Jiang et al. 2024](https://arxiv.org/abs/2401.04088), section 2.1. Departures: none.
public struct MixtureOfExperts: Module {
    /// The map from a token to a logit for each expert, `[experts, width]`. It is computed in 32 bits.
    public var router: Linear
    /// The layers to choose from.
    public var experts: [FeedForward]

    private let perToken: Int
    private let normalizesWeights: Bool

    init(
        _ experts: TransformerConfiguration.Experts, of configuration: TransformerConfiguration,
        using random: inout RandomSource
    ) {
        router = Linear(
            inputs: configuration.width, outputs: experts.count, bias: false,
            initialization: configuration.initialization, using: &random)
        self.experts = (0..<experts.count).map { _ in
            FeedForward(configuration, width: experts.width, bias: false, using: &random)
        }
        (perToken, normalizesWeights) = (experts.perToken, experts.normalizesWeights)
    }

    /// The weighted outputs of the chosen experts, and the logits that chose them, `[tokens, experts]`.
    package func callAsFunction(
        _ x: Tensor, precision: MatrixPrecision
    ) -> (output: Tensor, logits: Tensor) {
        let logits = router(x)
        let probabilities = logits.softmax()
        let choice = ExpertChoice(of: probabilities, perToken: perToken)
        var weights = probabilities.reshaped(to: [probabilities.count]).rows(at: choice.places)
            .reshaped(to: [x.rows, perToken])
        if normalizesWeights { weights = weights / weights.sum(along: 1).reshaped(to: [x.rows, 1]) }
        let weightOfRow = weights.reshaped(to: [weights.count, 1]).rows(at: choice.order)
        let computed = transformed(x.rows(at: choice.tokens), choice.counts, precision)
        return ((computed * weightOfRow).summed(into: x.rows, at: choice.tokens), logits)
    }

    /// Rows through the expert of each, as ``FeedForward`` computes one.
    private func transformed(_ x: Tensor, _ counts: [Int], _ precision: MatrixPrecision) -> Tensor {
        let (gates, ups, downs) = (experts.map { $0.gate! }, experts.map(\.up), experts.map(\.down))
        let gate = groupedLinear(x, gates, counts: counts, precision: precision)
        let inner = groupedLinear(x, ups, counts: counts, precision: precision)
        return groupedLinear(swiGLU(gate, inner), downs, counts: counts, precision: precision)
    }

    /// As many experts as a model has, of the one that there is; about to be loaded.
    mutating func repeatExpert(_ count: Int) {
        router.weight = Tensor(uninitialized: [count, router.inputs])
        experts = Array(repeating: experts[0], count: count)
    }

    /// Visits every parameter under its name in a checkpoint of qwen3_moe.
    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
        visitor.visit(&router, named: "gate")
        visitor.visit(&experts, named: "experts")
    }
}

/// The experts of every token, and the order of rows in which each expert has its own together.
struct ExpertChoice {
    /// The places of the chosen probabilities among all of them, token by token, the greatest first.
    private(set) var places: [Int32] = []
    /// For each row in the order of experts, its place in the order of tokens.
    private(set) var order: [Int32] = []
    /// For each row in the order of experts, its token.
    private(set) var tokens: [Int32] = []
    /// The rows of each expert.
    private(set) var counts: [Int]

    /// The experts of the greatest probabilities, `[tokens, experts]`; of equal ones the first.
    init(of probabilities: Tensor, perToken: Int) {
        let (rows, experts) = (probabilities.rows, probabilities.channels)
        counts = [Int](repeating: 0, count: experts)
        places.reserveCapacity(rows * perToken)
        probabilities.withUnsafeBuffer { all in
            for row in 0..<rows {
                let begin = row * experts
                for _ in 0..<perToken {
                    var best = -1
                    // What is not a number is greater than nothing, and chosen where nothing else is left.
                    for place in begin..<begin + experts
                    where (best < 0 || all[place] > all[best])
                        && !places[(row * perToken)...].contains(Int32(place))
                    {
                        best = place
                    }
                    places.append(Int32(best))
                    counts[best - begin] += 1
                }
            }
        }
        var begin = 0
        var next = counts.map { count in
            defer { begin += count }
            return begin
        }
        order = [Int32](repeating: 0, count: places.count)
        tokens = order
        for (index, place) in places.enumerated() {
            let expert = Int(place) % experts
            (order[next[expert]], tokens[next[expert]]) = (Int32(index), Int32(index / perToken))
            next[expert] += 1
        }
    }
}
