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
    /// The frozen transformer.
    public let base: Transformer
    /// The adapter, which is trained.
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
    /// The reason why the adapter does not fit a transformer; nil if it fits.
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

/// Tables and whole parameters: all that an adapter changes outside the maps of the blocks.
///
/// PEFT gives an adapted or saved table a copy of its own. So where the head is the embedding, it no longer is one with
/// an adapter of either: the other stays as it was.
extension Transformer {
    /// The transformer with the frozen tables that an adapter brings; here a head that is the embedding stays so.
    func replacingTables(by adapter: LowRankAdapter) -> Transformer {
        var model = self
        for table in adapter.tables {
            guard let frozen = table.frozen else { continue }
            if table.isEmbedding || model.separateHead == nil {
                model.embedding.weight = frozen
            } else {
                model.separateHead = frozen
            }
        }
        return model
    }

    /// Puts what an adapter has learned in the place of whole parameters.
    mutating func replaceParameters(by adapter: LowRankAdapter) {
        guard !adapter.tables.isEmpty || !adapter.savedParameters.isEmpty else { return }
        let (embedding, head) = (embedding.weight, head)
        let saved = Dictionary(
            adapter.savedParameters.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        forEachParameter { name, parameter in if let value = saved[name] { parameter = value } }
        var newHead = saved[Self.headName]
        for table in adapter.tables {
            let scaling = adapter.configuration.scaling
            if table.isEmbedding {
                let rows = table.merged(into: embedding.detached.transposed(), scaling: scaling)
                self.embedding.weight = rows.transposed()
            } else {
                newHead = table.merged(into: head.detached, scaling: scaling)
            }
        }
        let isMoved = adapter.tables.contains { $0.isEmbedding } || saved[Self.embeddingName] != nil
        if let newHead = newHead ?? (isMoved && separateHead == nil ? head : nil) { setHead(newHead) }
    }

    /// The magnitudes with which an adapter of a table that has none is the same in DoRA.
    func norms(of table: LowRankMap, _ scaling: LowRankConfiguration.Scaling) -> Tensor {
        let own = table.frozen ?? (table.isEmbedding ? embedding.weight : head)
        let weight = table.isEmbedding ? own.detached.transposed() : own.detached
        return table.norms(
            of: weight, scale: scaling.factor(alpha: table.alpha, rank: table.rank),
            squaredNorm: weight.squared().sum(along: 1))
    }

    /// The shape of each parameter that an adapter may take the place of, by name; a head among them even where it is
    /// the embedding.
    var shapesOfParameters: [String: Shape] {
        var shapes = [Self.headName: head.shape]
        for (name, value) in parameters { shapes[name] = value.shape }
        return shapes
    }

    private static let (embeddingName, headName) = ("model.embed_tokens.weight", "lm_head.weight")
}

extension LowRankMap {
    /// g ⊙ (W + s · B · A), W `[outputs, inputs]` a constant.
    fileprivate func merged(into weight: Tensor, scaling: LowRankConfiguration.Scaling) -> Tensor {
        let scale = scaling.factor(alpha: alpha, rank: rank)
        var branch = LowRankBranch(down: down, up: up, scale: scale)
        branch.gain = magnitude.map {
            $0 / norms(of: weight, scale: scale, squaredNorm: weight.squared().sum(along: 1))
        }
        return branch.merged(into: weight)
    }
}
