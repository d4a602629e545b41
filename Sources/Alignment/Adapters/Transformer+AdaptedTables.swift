import LanguageModel
import NeuralCore

/// What an adapter changes beside the maps of the blocks.
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
