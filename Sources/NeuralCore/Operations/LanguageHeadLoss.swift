/// The cross-entropy of a language head, and how well it did.
public struct LanguageHeadLoss: Sendable {
    /// The weighted loss in nats, a differentiable scalar.
    public let total: Tensor

    /// The logarithm of each target's probability, in nats, in the order of the targets.
    public let logProbabilities: [Float]

    /// The entropy of the distribution that each target was predicted from, in nats, in the order of the targets;
    /// empty unless asked for.
    public let entropies: [Float]

    /// Whether each target was the most probable token of its row.
    public let hits: [Bool]
}

/// The weighted cross-entropy of a language head that never stores its logits.
///
///     loss = Σ weight · (−log p(token | row) + zLoss · log²Z(row)),   Z = Σ exp score
///
/// Rows without a target cost nothing. Where the result is recorded, gradients are computed chunk by chunk while the
/// scores are at hand, so nothing is computed twice; use `tokenPredictions` for losses that are not such a sum.
///
/// - Parameters:
///   - hidden: Activations after the last normalization, `[rows, channels]`.
///   - weight: The head, `[vocabulary, channels]`; with tied embeddings the embedding's weight.
///   - targets: What is to be predicted, from which rows, and with which weights.
///   - zLoss: Holds the logarithm of the normalizer near zero; 1e-4 where it is used, 0 for none.
///   - options: Soft cap, temperature and precision.
///   - wantsEntropies: Whether the entropies are computed as well; nothing else changes.
/// - Returns: The loss, and each target's log-probability and hit.
/// - Complexity: O(rows · vocabulary · channels) time, three products when recorded; memory for one chunk of logits and
///   for the gradients.
/// - SeeAlso: [Chowdhery et al. 2022](https://arxiv.org/abs/2204.02311), section 5, for the z-loss. Departures: ours is
///   weighted like the target it belongs to.
public func languageHeadLoss(
    _ hidden: Tensor, weight: Tensor, targets: [TokenTarget], zLoss: Float = 0,
    options: LanguageHeadOptions = LanguageHeadOptions(), wantsEntropies: Bool = false
) -> LanguageHeadLoss {
    let head = LanguageHead(hidden, weight: weight, targets: targets, options: options)
    let statistics = LanguageHeadStatistics(of: head, wantsEntropies: wantsEntropies)
    let weights = head.table.ordered(targets.map(\.weight))
    let rowWeights = head.table.rowSums(weights)

    let hiddenGradient = hidden.isRecorded ? Tensor(uninitialized: head.hidden.shape) : nil
    let weightGradient = weight.isRecorded ? head.emptyWeightGradient() : nil
    let ofTargets = Tensor(weights.map { -$0 })
    head.forEachChunk { chunk in
        statistics.read(chunk, of: head)
        guard hiddenGradient != nil || weightGradient != nil else { return }
        let ofSums = Tensor(uninitialized: [head.rows])
        for row in chunk.rows {
            ofSums.storage.pointer[row] = rowWeights[row] * (1 + 2 * zLoss * statistics.logSums[row])
        }
        statistics.differentiate(chunk, of: head, ofSums: ofSums, ofProducts: nil, ofTargets: ofTargets)
        head.addGradients(of: chunk, to: hiddenGradient, weightGradient)
    }

    let logProbabilities = statistics.logProbabilities()
    var loss = 0.0
    for (weight, logProbability) in zip(weights, logProbabilities) {
        loss -= Double(weight) * Double(logProbability)
    }
    if zLoss != 0 {
        for (weight, logSum) in zip(rowWeights, statistics.logSums.scalars) {
            loss += Double(zLoss * weight) * Double(logSum) * Double(logSum)
        }
    }
    let count = hidden.rows
    let total = recorded(Tensor(Float(loss)), from: [hidden, weight]) { cotangent in
        let factor = cotangent.item()
        return [
            hiddenGradient.map { head.gradientOfAll(factor == 1 ? $0 : $0.scaled(by: factor), rows: count) },
            weightGradient.map { factor == 1 ? $0 : $0.scaled(by: factor) },
        ]
    }
    let ofRows = wantsEntropies ? statistics.entropies.scalars : []
    let entropies =
        wantsEntropies ? head.table.restored(head.table.rowOfEachTarget()).map { ofRows[Int($0)] } : []
    return LanguageHeadLoss(
        total: total, logProbabilities: head.table.restored(logProbabilities),
        entropies: entropies,
        hits: head.table.restored(statistics.hits.scalars.map { $0 == 1 }))
}
