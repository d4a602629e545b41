public import LanguageModel
public import NeuralCore

/// Trains a model to say what is shown: supervised fine-tuning.
///
///     var tuning = SupervisedFineTuning(base, schedule: .warmupThenLinear(peak: 2e-5, warmup: 20, steps: 1_000))
///     for batch in batches { tuning.step(on: batch) }
///
/// Only targets count, each by its weight; the loss is the mean over the whole batch however many parts it is computed
/// in, so that accumulation changes nothing.
public struct SupervisedFineTuning: Sendable {
    /// What is minimised, for a target of probability p.
    public enum Loss: Sendable, Hashable {
        /// −log p.
        case crossEntropy
        /// −p̄ log p with p̄ held constant: targets the model finds absurd count less
        /// ([Wu et al. 2025](https://arxiv.org/abs/2508.05629), Eq. 9).
        case dynamic
    }

    /// Model, optimizer, schedule and step count.
    public var training: Training<Transformer>
    /// What is minimised.
    public var loss: Loss
    /// Into how many parts a batch is cut, to hold only one part's activations at a time.
    public var accumulation: Int

    /// The model as trained so far.
    public var model: Transformer { training.model }

    /// A model about to be trained.
    public init(
        _ model: Transformer, loss: Loss = .crossEntropy, optimizer: any Optimizer = AdamW(),
        schedule: LearningRateSchedule = .constant(2e-5), maxGradientNorm: Float? = 1, accumulation: Int = 1
    ) {
        training = Training(model, optimizer: optimizer, schedule: schedule, maxGradientNorm: maxGradientNorm)
        self.loss = loss
        self.accumulation = accumulation
    }

    /// Takes one step.
    ///
    /// - Returns: What was done, with the metrics `entropy` where it is known and `mean_token_accuracy`.
    @discardableResult
    public mutating func step(on batch: TokenBatch) -> StepReport {
        let parts = batch.split(into: accumulation)
        let total = batch.targets.reduce(0) { $0 + $1.weight }
        var hits = 0
        let kind = loss
        var report = training.step(tokens: batch.tokens.count, microBatches: parts.count) { model, index in
            switch kind {
            case .crossEntropy:
                let head = model.crossEntropy(on: parts[index])
                hits += head.hits.count { $0 }
                return head.total / total
            case .dynamic:
                let predictions = model.predictions(on: parts[index])
                hits += predictions.hits.count { $0 }
                let logs = predictions.logProbabilities
                let weights = Tensor(parts[index].targets.map { -$0.weight / total })
                return (logs * logs.detached.exp() * weights).sum()
            }
        }
        report.metrics["mean_token_accuracy"] = Float(hits) / Float(max(1, batch.targets.count))
        return report
    }
}
