internal import CKernels

/// What a language head says of its rows and their targets, in the order of rows.
struct LanguageHeadStatistics: Sendable {
    /// log Σ exp score, by row.
    let logSums: Tensor
    /// In nats, by row; undefined unless asked for.
    let entropies: Tensor
    /// By target.
    let targetScores: Tensor
    /// By target: 1 where it has the row's greatest score, 0 elsewhere.
    let hits: Tensor

    private let table: TargetTable
    private let wantsEntropies: Bool

    init(of head: LanguageHead, wantsEntropies: Bool) {
        table = head.table
        self.wantsEntropies = wantsEntropies
        logSums = Tensor(uninitialized: [head.rows])
        entropies = Tensor(uninitialized: [head.rows])
        targetScores = Tensor(uninitialized: [table.tokens.count])
        hits = Tensor(uninitialized: [table.tokens.count])
    }

    /// Reads the scores of a chunk.
    func read(_ chunk: LanguageHead.Chunk, of head: LanguageHead) {
        let first = chunk.rows.lowerBound
        table.withKernelTargets(fromRow: first) { targets in
            parallelRows(chunk.rows.count, channels: head.vocabularySize) {
                ck_head_forward(
                    logSums.storage.pointer + first, wantsEntropies ? entropies.storage.pointer + first : nil,
                    targetScores.storage.pointer, hits.storage.pointer, chunk.scores, targets, $0.lowerBound,
                    $0.upperBound, head.vocabularySize)
            }
        }
    }

    /// The logarithm of each target's probability, in nats, by target.
    func logProbabilities() -> [Float] {
        var result = targetScores.scalars
        for row in table.rows.indices {
            for target in table.begins[row]..<table.begins[row + 1] { result[target] -= logSums[row] }
        }
        return result
    }

    /// Replaces the scores of a chunk by the gradient with respect to its logits.
    ///
    ///     dscore = p · (ofSums[row] + ofProducts[row] · log p) + Σ ofTargets over the row's targets of that token
    func differentiate(
        _ chunk: LanguageHead.Chunk, of head: LanguageHead, ofSums: Tensor, ofProducts: Tensor?,
        ofTargets: Tensor
    ) {
        let first = chunk.rows.lowerBound
        let scale = head.options.kernelScale
        withExtendedLifetime((ofSums, ofProducts, ofTargets)) {
            table.withKernelTargets(fromRow: first) { targets in
                parallelRows(chunk.rows.count, channels: head.vocabularySize) {
                    ck_head_backward(
                        chunk.scores, ofSums.storage.pointer + first,
                        ofProducts.map { $0.storage.pointer + first }, ofTargets.storage.pointer,
                        logSums.storage.pointer + first, targetScores.storage.pointer, targets, scale,
                        $0.lowerBound, $0.upperBound, head.vocabularySize)
                }
            }
        }
    }
}

extension TargetTable {
    /// Calls `body` with the targets of the rows from `first` on.
    fileprivate func withKernelTargets(fromRow first: Int, _ body: (ck_head_targets) -> Void) {
        tokens.withUnsafeBufferPointer { tokens in
            begins.withUnsafeBufferPointer { begins in
                body(ck_head_targets(token: tokens.baseAddress, target_begin: begins.baseAddress! + first))
            }
        }
    }
}
