import LanguageModel
import NeuralCore

/// Some groups of a rollout, laid out for a model.
struct RolloutPart: Sendable {
    /// The layout.
    let batch: CompletionBatch
    /// The numbers of its completions in the rollout.
    let completions: [Int]
    /// The places of its targets among those of the rollout.
    let targets: [Int32]
    /// The rows that predict its targets, then the last rows of its completions if they are kept.
    let lastRows: [Int32]

    /// The rows of a tensor by target of the whole rollout that belong to this part.
    func picked(_ values: Tensor) -> Tensor { values.rows(at: targets) }

    /// Values by target, each replaced by the sum over its completion. Differentiable.
    func summedOverCompletions(_ values: Tensor) -> Tensor {
        batch.sums(of: values).rows(at: batch.tokens.sequenceOfTarget)
    }

    /// The length of each target's completion, `[targets]`.
    var lengthOfTarget: Tensor { batch.lengthTensor.rows(at: batch.tokens.sequenceOfTarget) }
}

extension Rollout {
    /// Rows that go through a model at once, unless a plan says otherwise.
    static var usualRowsAtOnce: Int { 8192 }

    /// Groups laid out in parts of about `rowsAtOnce` rows, at least one group each.
    ///
    /// - Parameter groups: The numbers of groups; nil for all, in order.
    func parts(of groups: [Int]? = nil, rowsAtOnce: Int = usualRowsAtOnce, keepsLastRow: Bool = false)
        -> [RolloutPart]
    {
        let targets = targets
        var parts: [RolloutPart] = []
        var (pending, rows) = ([Int](), 0)
        func finish() {
            guard !pending.isEmpty else { return }
            parts.append(part(of: pending, targets: targets, keepsLastRow: keepsLastRow))
            (pending, rows) = ([], 0)
        }
        for group in groups ?? Array(prompts.indices) {
            let count = numbers(of: group).reduce(prompts[group].count) { $0 + completions[$1].tokens.count }
            if rows + count > rowsAtOnce { finish() }
            pending.append(group)
            rows += count
        }
        finish()
        return parts
    }

    /// The numbers of a group's completions.
    func numbers(of group: Int) -> Range<Int> { group * groupSize..<(group + 1) * groupSize }

    private func part(of groups: [Int], targets: [Range<Int>], keepsLastRow: Bool) -> RolloutPart {
        let numbers = groups.flatMap { Array(self.numbers(of: $0)) }
        let batch = CompletionBatch(
            groups.map { group in
                .init(
                    prompt: prompts[group],
                    completions: self.numbers(of: group).map { completions[$0].tokens },
                    targets: self.numbers(of: group).map { completions[$0].episode?.isDrawn ?? [] })
            }, keepsLastRow: keepsLastRow)
        let forest = batch.tokens.forest
        let ends = forest.segments.indices.filter { forest.segments[$0].parent != nil }
            .map { Int32(forest.rows[$0].upperBound - 1) }
        return RolloutPart(
            batch: batch, completions: numbers, targets: numbers.flatMap { targets[$0].map(Int32.init) },
            lastRows: ends)
    }

    /// The log-probability of every target under a model, `[targets]`; a constant.
    func logProbabilities(
        under model: Transformer, temperature: Float, rowsAtOnce: Int = usualRowsAtOnce
    ) -> Tensor {
        Tensor(
            parts(rowsAtOnce: rowsAtOnce).flatMap {
                model.predictions(on: $0.batch.tokens, temperature: temperature).logProbabilities.scalars
            })
    }
}
