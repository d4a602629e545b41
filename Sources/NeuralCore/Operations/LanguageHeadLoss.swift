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
///   - targets: The tokens to predict, with their rows and weights.
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

/// The log-probability and the entropy of each target under a language head, to build a loss from.
public struct TokenPredictions: Sendable {
    /// The logarithm of each target's probability, in nats, `[targets]`; differentiable.
    public let logProbabilities: Tensor

    /// The entropy of the distribution that each target was predicted from, in nats, `[targets]`; differentiable.
    public let entropies: Tensor

    /// Whether each target was the most probable token of its row.
    public let hits: [Bool]
}

/// The log-probability and the entropy of each target under a language head that never stores its logits.
///
///     log p = score[token] − log Σ exp score,   entropy = −Σ p log p
///
/// The backward pass computes the logits again, chunk by chunk; where the loss is the weighted cross-entropy,
/// `languageHeadLoss` saves that.
///
/// - Parameters:
///   - hidden: Activations after the last normalization, `[rows, channels]`.
///   - weight: The head, `[vocabulary, channels]`; with tied embeddings the embedding's weight.
///   - targets: The tokens to predict, with their rows; their weights do not matter.
///   - options: Soft cap, temperature and precision.
/// - Complexity: O(rows · vocabulary · channels) time, one product forward and three backward; memory for one chunk of
///   logits.
public func tokenPredictions(
    _ hidden: Tensor, weight: Tensor, targets: [TokenTarget],
    options: LanguageHeadOptions = LanguageHeadOptions()
) -> TokenPredictions {
    let head = LanguageHead(hidden, weight: weight, targets: targets, options: options)
    let statistics = LanguageHeadStatistics(of: head, wantsEntropies: true)
    head.forEachChunk { statistics.read($0, of: head) }

    let table = head.table
    let outputs = [
        Tensor(table.restored(statistics.logProbabilities())),
        statistics.entropies.rows(at: table.restored(table.rowOfEachTarget())),
    ]
    let count = hidden.rows
    let (wantsHidden, wantsWeight) = (hidden.isRecorded, weight.isRecorded)
    let recorded = recorded(outputs, from: [hidden, weight]) { cotangents in
        let ofTargets = cotangents[0].map { table.ordered($0.scalars) }
        let ofEntropies = cotangents[1].map { table.rowSums(table.ordered($0.scalars)) }
        let gradients = head.gradients(
            statistics, ofTargets: ofTargets, ofEntropies: ofEntropies,
            hidden: wantsHidden ? Tensor(uninitialized: head.hidden.shape) : nil,
            weight: wantsWeight ? head.emptyWeightGradient() : nil)
        return [gradients.hidden.map { head.gradientOfAll($0, rows: count) }, gradients.weight]
    }
    return TokenPredictions(
        logProbabilities: recorded[0], entropies: recorded[1],
        hits: table.restored(statistics.hits.scalars.map { $0 == 1 }))
}

extension LanguageHead {
    /// Fills the gradients from those of the targets' log-probabilities and of the rows' entropies.
    fileprivate func gradients(
        _ statistics: LanguageHeadStatistics, ofTargets: [Float]?, ofEntropies: [Float]?, hidden: Tensor?,
        weight: Tensor?
    ) -> (hidden: Tensor?, weight: Tensor?) {
        // d log p[token] / d score = [token] − p, and d entropy / d score = −p · (entropy + log p).
        let ofTargets = ofTargets ?? [Float](repeating: 0, count: table.tokens.count)
        var ofSums = table.rowSums(ofTargets).map { -$0 }
        if let ofEntropies {
            for row in ofSums.indices { ofSums[row] -= ofEntropies[row] * statistics.entropies[row] }
        }
        let (targets, sums) = (Tensor(ofTargets), Tensor(ofSums))
        let products = ofEntropies.map { Tensor($0.map { -$0 }) }
        forEachChunk { chunk in
            statistics.differentiate(chunk, of: self, ofSums: sums, ofProducts: products, ofTargets: targets)
            addGradients(of: chunk, to: hidden, weight)
        }
        return (hidden, weight)
    }
}
