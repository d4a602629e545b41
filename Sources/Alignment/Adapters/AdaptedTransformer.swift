public import LanguageModel
public import NeuralCore

/// A frozen transformer with an adapter; only the adapter is trained.
///
///     var dpo = DirectPreferenceOptimization(policy: base.adapted(rank: 16, using: &random), reference: base)
///     for batch in batches { dpo.step(on: batch) }
///     let model = dpo.policy.merged
///
/// The base is shared with whoever else holds it: an adapted transformer costs the memory of its adapter.
public struct AdaptedTransformer: TransformerParameters {
    /// What is frozen.
    public let base: Transformer
    /// What is trained.
    public var adapter: LowRankAdapter
    /// ‖W‖² of each adapted map by rows, `[outputs]`; empty where magnitudes are not learned.
    private let squaredNorms: [Tensor]

    /// An adapter on a transformer.
    ///
    /// - Precondition: The adapter's maps are maps of the transformer, with its extents.
    public init(_ base: Transformer, _ adapter: LowRankAdapter) {
        if let problem = adapter.misfit(with: base) { misuse(problem) }
        let base = base.replacingTables(by: adapter)
        self.base = base
        self.adapter = adapter
        var squaredNorms: [Tensor] = []
        var copy = base
        let magnitudes = Set(adapter.maps.filter { $0.magnitude != nil }.map(\.name))
        copy.forEachLinearMap { name, map in
            if magnitudes.contains(name) { squaredNorms.append(map.weight.squared().sum(along: 1)) }
        }
        self.squaredNorms = squaredNorms
    }

    /// The transformer that the adapter makes of the base, whose gradients reach the adapter alone.
    public var transformer: Transformer { transformer(random: nil) }

    /// The same, each map dropping what it is told to from what its A reads.
    public func transformer(droppingWith random: RandomSource) -> Transformer {
        transformer(random: adapter.configuration.dropout > 0 ? random : nil)
    }

    /// The transformer with the adapter merged into its weights: faster to run, and what is saved as a model.
    public var merged: Transformer { transformer.merged }

    private func transformer(random: RandomSource?) -> Transformer {
        var model = base
        var random = random
        var maps = adapter.maps[...]
        var squaredNorms = squaredNorms[...]
        model.forEachLinearMap { name, map in
            guard let next = maps.first, next.name == name else { return }
            maps.removeFirst()
            let scale = adapter.configuration.scaling.factor(alpha: next.alpha, rank: next.rank)
            var branch = LowRankBranch(down: next.down, up: next.up, scale: scale)
            if let magnitude = next.magnitude, let squaredNorm = squaredNorms.popFirst() {
                branch.gain =
                    magnitude
                    / next.norms(of: map.weight.detached, scale: scale, squaredNorm: squaredNorm)
            }
            if random != nil { branch.dropout = (adapter.configuration.dropout, random!.split()) }
            map.branch = branch
        }
        model.replaceParameters(by: adapter)
        return model
    }

    /// Visits the adapter; the base is not trained.
    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
        adapter.visitParameters(&visitor)
    }
}

extension Transformer {
    /// This transformer, frozen, with an adapter to train.
    ///
    /// - Precondition: The adapter's maps are maps of this transformer, with its extents.
    public func applying(_ adapter: LowRankAdapter) -> AdaptedTransformer {
        AdaptedTransformer(self, adapter)
    }

    /// This transformer, frozen, with a new adapter of all linear maps to train, which changes nothing yet.
    ///
    ///     var tuning = SupervisedFineTuning(chat.model.adapted(rank: 16, alpha: 32, using: &random))
    ///
    /// - Parameters:
    ///   - rank: The extent between the two matrices of each map, 1 or more; 8 to 64 are usual.
    ///   - alpha: The numerator of the scale α / rank; twice the rank unless given.
    ///   - random: Decides what the adapter begins with.
    public func adapted(
        rank: Int, alpha: Float? = nil, using random: inout RandomSource
    ) -> AdaptedTransformer {
        adapted(LowRankConfiguration(rank: rank, alpha: alpha), using: &random)
    }

    /// This transformer, frozen, with a new adapter of some form to train, which changes nothing yet.
    public func adapted(
        _ configuration: LowRankConfiguration, using random: inout RandomSource
    ) -> AdaptedTransformer {
        applying(LowRankAdapter(configuration, for: self, using: &random))
    }
}

extension LowRankMap {
    /// ‖W + s · B · A‖ by rows, `[outputs]`, a constant, without ever forming the sum.
    ///
    ///     ‖w + s·bA‖² = ‖w‖² + 2s · (wAᵀ)·b + s² · b(AAᵀ)·b
    func norms(of weight: Tensor, scale: Float, squaredNorm: Tensor) -> Tensor {
        let (a, b) = (down.detached, up.detached)
        let cross = (matmul(weight, a, transposing: .second) * b).sum(along: 1)
        let own = (matmul(b, matmul(a, a, transposing: .second)) * b).sum(along: 1)
        return (squaredNorm + cross * (2 * scale) + own * (scale * scale)).squareRoot()
    }
}

extension LowRankAdapter {
    /// Why the adapter is none for a transformer; nil if it is.
    func misfit(with base: Transformer) -> String? {
        var base = base
        var rest = maps[...]
        var problem: String?
        func check(_ map: LowRankMap, inputs: Int, outputs: Int) {
            guard problem == nil,
                map.down.shape != [map.rank, inputs] || map.up.shape != [outputs, map.rank]
                    || map.magnitude.map({ $0.shape != [outputs] }) ?? false
                    || map.frozen.map({ $0.count != inputs * outputs }) ?? false
            else { return }
            problem =
                "an adapter [\(outputs), \(inputs)] is needed for \(map.name), not \(map.up.shape) and \(map.down.shape)"
        }
        base.forEachLinearMap { name, map in
            guard let next = rest.first, next.name == name else { return }
            rest.removeFirst()
            check(next, inputs: map.inputs, outputs: map.outputs)
        }
        let (vocabulary, width) = (base.embedding.vocabularySize, base.embedding.channels)
        for table in tables {
            let isEmbedding = table.isEmbedding
            check(table, inputs: isEmbedding ? vocabulary : width, outputs: isEmbedding ? width : vocabulary)
        }
        let shapes = base.shapesOfParameters
        for saved in savedParameters where problem == nil && shapes[saved.name] != saved.value.shape {
            let shape = shapes[saved.name].map { "\($0)" } ?? "nothing of that name"
            problem = "\(saved.name) is \(saved.value.shape), and the transformer has \(shape)"
        }
        return problem ?? rest.first.map { "the transformer has no map \($0.name), or not in that order" }
    }
}
