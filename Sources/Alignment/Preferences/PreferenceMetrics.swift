import LanguageModel
import NeuralCore

/// What a preference step reports under TRL's names.
func preferenceMetrics(
    _ scores: CompletionScores, _ pairs: PairScores, on batch: PreferenceBatch, beta: Float
) -> [String: Float] {
    let rewards = (
        chosen: (pairs.chosenLogRatios.detached * beta).scalars,
        rejected: (pairs.rejectedLogRatios.detached * beta).scalars
    )
    var metrics = rewardMetrics(chosen: rewards.chosen, rejected: rewards.rejected)
    metrics["logps/chosen"] = pairs.chosenLogProbabilities.detached.mean().item()
    metrics["logps/rejected"] = pairs.rejectedLogProbabilities.detached.mean().item()
    let sequences = batch.completions.tokens.sequenceOfTarget
    metrics.merge(
        tokenMetrics(scores, isChosen: sequences.map { $0 % 2 == 0 })
    ) { first, _ in first }
    return metrics
}

/// `rewards/…` from the rewards of both completions of each pair.
func rewardMetrics(chosen: [Float], rejected: [Float]) -> [String: Float] {
    let pairs = Float(max(1, chosen.count))
    return [
        "rewards/chosen": chosen.reduce(0, +) / pairs,
        "rewards/rejected": rejected.reduce(0, +) / pairs,
        "rewards/accuracies": Float(zip(chosen, rejected).count { $0 > $1 }) / pairs,
        "rewards/margins": zip(chosen, rejected).reduce(0) { $0 + $1.0 - $1.1 } / pairs,
    ]
}

/// `logits/…`, `entropy` and `mean_token_accuracy` from the targets: the first and last by side, entropy over both.
func tokenMetrics(_ scores: CompletionScores, isChosen: [Bool]) -> [String: Float] {
    let logits = scores.meanLogits.scalars
    func mean(_ values: [Float], where keeps: Bool) -> Float {
        let kept = zip(values, isChosen).filter { $0.1 == keeps }.map(\.0)
        return kept.reduce(0, +) / Float(max(1, kept.count))
    }
    return [
        "logits/chosen": mean(logits, where: true),
        "logits/rejected": mean(logits, where: false),
        "entropy": scores.predictions.entropies.detached.mean().item(),
        "mean_token_accuracy": mean(scores.predictions.hits.map { $0 ? 1 : 0 }, where: true),
    ]
}
