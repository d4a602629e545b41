import Foundation
public import LanguageModel
public import NeuralCore

/// Trains a reward model on preferences.
///
///     L = mean −log σ(r⁺ − r⁻ − margin) + c · mean (r⁺ + r⁻)²
///
/// - SeeAlso: Bradley–Terry as in [Ouyang et al. 2022](https://arxiv.org/abs/2203.02155), Eq. 1; margins
///   after [Touvron et al. 2023](https://arxiv.org/abs/2307.09288), Eq. 2; centering after [Eisenstein et al.
///   2023](https://arxiv.org/abs/2312.09244), Eq. 2.
public struct RewardModeling<Parameters: RewardModelParameters>: ExampleMethod {
    /// Model, optimizer, schedule and step count.
    public var training: Training<Parameters>
    /// Weight of the loss that holds the sum of the two rewards of a pair near zero; 0 for none, usually 0.01.
    public var centering: Float

    /// The model as trained so far.
    public var model: Parameters { training.model }

    /// A model about to be trained.
    public init(
        _ model: Parameters, centering: Float = 0, optimizer: any Optimizer = AdamW(),
        schedule: LearningRateSchedule = .constant(1e-4), maxGradientNorm: Float? = 1
    ) {
        training = Training(model, optimizer: optimizer, schedule: schedule, maxGradientNorm: maxGradientNorm)
        self.centering = centering
    }

    /// Takes one step.
    ///
    /// - Parameter pairs: Preferences, each with its ``TokenizedPair/margin``; one without has 0.
    /// - Returns: A report with TRL's metrics: `min_reward`, `mean_reward`, `max_reward`, `accuracy`,
    ///   `margin`; its distributions are `rewards/chosen` and `rewards/rejected`.
    @discardableResult
    public mutating func step(on pairs: [TokenizedPair]) -> StepReport {
        let parts = pairs.evenParts(training.sharing.parts) { $0.tokenCount }.map { Array(pairs[$0]) }
        let batches = parts.map { CompletionBatch(rewarding: $0) }
        let hasMargins = pairs.contains { $0.margin != nil }
        let centering = centering
        let tokens = batches.reduce(0) { $0 + $1.tokens.tokens.count }
        let step = training.step(tokens: tokens, parts: parts.count) { model, part, figures in
            let part = (pairs: parts[part], batch: batches[part])
            let margins = hasMargins ? Tensor(part.pairs.map { $0.margin ?? 0 }) : nil
            let rewards = model.rewardModel(part.batch)
            let preferred = rewards.rows(at: part.pairs.indices.map { Int32(2 * $0) })
            let other = rewards.rows(at: part.pairs.indices.map { Int32(2 * $0 + 1) })
            figures = PartFigures(preferred.scalars + other.scalars)
            let difference = preferred - other
            var loss = -(margins.map { difference - $0 } ?? difference).logSigmoid().mean()
            if centering != 0 { loss = loss + (preferred + other).squared().mean() * centering }
            return parts.count == 1 ? loss : loss * (Float(part.pairs.count) / Float(pairs.count))
        }
        var report = step.report
        let chosen = step.figures.flatMap { $0.floats.prefix($0.numbers.count / 2) }
        let rejected = step.figures.flatMap { $0.floats.suffix($0.numbers.count / 2) }
        let all = chosen + rejected
        report.metrics = [
            "min_reward": all.min() ?? 0, "max_reward": all.max() ?? 0,
            "mean_reward": all.reduce(0, +) / Float(max(1, all.count)),
            "accuracy": Float(zip(chosen, rejected).count { $0 > $1 }) / Float(max(1, pairs.count)),
            "margin": zip(chosen, rejected).reduce(0) { $0 + $1.0 - $1.1 } / Float(max(1, pairs.count)),
        ]
        report.distributions = ["rewards/chosen": chosen, "rewards/rejected": rejected]
        return report
    }

    /// The loss over pairs as `loss`, and the metrics of a step over them; pairs that are too long to be read are left out.
    /// Processes that share out the steps share out the pairs.
    public func validation(on pairs: [TokenizedPair]) -> [String: Float] {
        let judgments = model.rewardModel.judgments(of: pairs, training.sharing)
        guard !judgments.isEmpty else { return [:] }
        let losses = judgments.map { judgment in
            let difference = Double(judgment.margin - (pairs[judgment.pair].margin ?? 0))
            let sum = Double(judgment.chosen + judgment.rejected)
            // −log σ(x), without overflow on either side.
            return max(0, -difference) + log1p(exp(-abs(difference))) + Double(centering) * sum * sum
        }
        let rewards = judgments.flatMap { [$0.chosen, $0.rejected] }
        return [
            "loss": Float(losses.mean),
            "min_reward": rewards.min() ?? 0, "max_reward": rewards.max() ?? 0,
            "mean_reward": Float(rewards.map(Double.init).mean),
            "accuracy": Float(judgments.count { $0.isRight }) / Float(judgments.count),
            "margin": Float(judgments.map { Double($0.margin) }.mean),
        ]
    }
}

extension CompletionBatch {
    /// Completion 2i is the preferred one of pair i, completion 2i + 1 the other; last tokens have rows.
    init(rewarding pairs: [TokenizedPair]) {
        self.init(
            pairs.map { .init(prompt: $0.prompt, completions: [$0.chosen, $0.rejected]) }, keepsLastRow: true)
    }
}
