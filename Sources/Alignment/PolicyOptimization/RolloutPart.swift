package import LanguageModel
package import NeuralCore

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
    /// - Parameters:
    ///   - groups: The numbers of groups; nil for all, in order.
    ///   - least: Where it is more than one, the number of parts, or of which it is a multiple, as far as there are groups.
    func parts(
        of groups: [Int]? = nil, rowsAtOnce: Int = usualRowsAtOnce, atLeast least: Int = 1,
        keepsLastRow: Bool = false
    ) -> [RolloutPart] {
        let targets = targets
        func rows(_ group: Int) -> Int {
            numbers(of: group).reduce(prompts[group].count) { $0 + completions[$1].tokens.count }
        }
        if least > 1 {
            let groups = groups ?? Array(prompts.indices)
            guard !groups.isEmpty else { return [] }
            let count = partCount(
                ofRows: groups.reduce(0) { $0 + rows($1) }, rowsAtOnce: rowsAtOnce, atLeast: least)
            return groups.evenParts(count, by: rows).map {
                part(of: Array(groups[$0]), targets: targets, keepsLastRow: keepsLastRow)
            }
        }
        var parts: [RolloutPart] = []
        var (pending, rowCount) = ([Int](), 0)
        func finish() {
            guard !pending.isEmpty else { return }
            parts.append(part(of: pending, targets: targets, keepsLastRow: keepsLastRow))
            (pending, rowCount) = ([], 0)
        }
        for group in groups ?? Array(prompts.indices) {
            let count = rows(group)
            if rowCount + count > rowsAtOnce { finish() }
            pending.append(group)
            rowCount += count
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

    /// The log-probability of every target under each of some models, `[targets]`; constants. The rollout is laid out once
    /// for all of them, and processes exchange once what they found.
    ///
    /// - Parameter sharing: The processes that share the computation out.
    package func logProbabilities(
        under models: [Transformer], temperature: Float, rowsAtOnce: Int = usualRowsAtOnce,
        _ sharing: WorkSharing = WorkSharing()
    ) -> [Tensor] {
        guard !models.isEmpty else { return [] }
        let parts = parts(rowsAtOnce: rowsAtOnce, atLeast: sharing.parts)
        let found = sharing.shared(parts.count) { part in
            let tokens = parts[part].batch.tokens
            return PartFigures(
                models.flatMap {
                    $0.predictions(on: tokens, temperature: temperature).logProbabilities.scalars
                })
        }.map(\.floats)
        return models.indices.map { model in
            Tensor(
                zip(parts, found).flatMap { part, found in
                    let count = part.targets.count
                    return found[model * count..<(model + 1) * count]
                })
        }
    }
}
