/// What a language head says of each of its targets, to build a loss from.
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
///   - targets: What is asked, from which rows; their weights do not matter.
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
