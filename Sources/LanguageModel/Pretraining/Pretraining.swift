public import NeuralCore

/// Trains a transformer to predict the next token of raw text.
///
///     var pretraining = Pretraining(model, schedule: .warmupThenCosine(peak: 1e-3, warmup: 100, steps: 2_000))
///     for batch in windows.prefix(2_000) {
///         let report = pretraining.step(on: batch)
///     }
///
/// The loss is the mean cross-entropy over the batch's targets, nats per token, plus the z-loss if there is one.
/// A value: copy it to branch, write its checkpoint and that of its windows to resume.
public struct Pretraining: TrainingMethod {
    /// Model, optimizer, schedule and step count.
    public var training: Training<Transformer>
    /// Holds the logarithm of the softmax's denominator near zero; 0 for none, 1e-4 where it is used.
    public var zLoss: Float
    /// Into how many parts a batch is cut, to hold only one part's activations at a time; the step is the same.
    public var accumulation: Int

    /// The model as trained so far.
    public var model: Transformer { training.model }

    /// A model about to be trained.
    ///
    /// - Parameters:
    ///   - model: What to train.
    ///   - optimizer: What moves it; AdamW with decay 0.1 on matrices unless said otherwise.
    ///   - schedule: The learning rate by step; nil for the recipe of the model's size.
    ///   - maxGradientNorm: The gradient is scaled down to this norm.
    ///   - outlierGuard: Refuses batches whose gradient is far out of line.
    ///   - zLoss: Weight of the squared logarithm of the softmax's denominator.
    ///   - accumulation: Parts of a batch.
    public init(
        _ model: Transformer, optimizer: any Optimizer = AdamW(beta1: 0.9, beta2: 0.95, weightDecay: 0.1),
        schedule: LearningRateSchedule? = nil, maxGradientNorm: Float? = 1,
        outlierGuard: OutlierGuard? = OutlierGuard(), zLoss: Float = 0, accumulation: Int = 1
    ) {
        let recipe = TrainingRecipe(for: model.configuration)
        training = Training(
            model, optimizer: optimizer,
            schedule: schedule
                ?? .warmupThenCosine(
                    peak: recipe.learningRate, warmup: recipe.steps / 20 + 1, steps: recipe.steps, floor: 0.1),
            maxGradientNorm: maxGradientNorm, outlierGuard: outlierGuard)
        self.zLoss = zLoss
        self.accumulation = accumulation
    }

    /// Takes one step.
    ///
    /// - Returns: What was done; the metric `mean_token_accuracy` is the share of targets that were likeliest.
    @discardableResult
    public mutating func step(on batch: TokenBatch) -> StepReport {
        let parts = batch.split(into: accumulation)
        let total = batch.targets.reduce(0) { $0 + $1.weight }
        let zLoss = zLoss
        var hits = 0
        var report = training.step(tokens: batch.tokens.count, microBatches: parts.count) { model, index in
            let head = model.crossEntropy(on: parts[index], zLoss: zLoss)
            hits += head.hits.count { $0 }
            return head.total / total
        }
        report.metrics["mean_token_accuracy"] = Float(hits) / Float(max(1, batch.targets.count))
        return report
    }
}
