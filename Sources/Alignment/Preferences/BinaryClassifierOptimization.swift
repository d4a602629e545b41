public import Foundation
public import LanguageModel
public import NeuralCore

/// Trains a policy as a classifier of wanted and unwanted completions, around a running mean of rewards: BCO.
///
///     r = βρ        L = mean of −log σ(r − δ) where wanted, −log σ(−(r − δ)) where not
///
/// δ is the mean of all rewards seen so far, the current batch included.
///
/// - SeeAlso: [Jung et al. 2024](https://arxiv.org/abs/2404.04656), Eq. 9. Departure: no weighting by the density ratio of
///   prompts.
public struct BinaryClassifierOptimization<Policy: TransformerParameters>: Sendable {
    /// Policy, optimizer, schedule and step count.
    public var training: Training<Policy>
    /// What the policy is held to.
    public let reference: Transformer
    /// How strongly, above 0.
    public var beta: Float
    /// δ, the mean of the rewards seen so far.
    public private(set) var meanReward: Double = 0
    private var rewardsSeen: Double = 0

    /// The policy as trained so far.
    public var policy: Policy { training.model }

    /// A policy about to be trained.
    public init(
        policy: Policy, reference: Transformer? = nil, beta: Float = 0.1,
        optimizer: any Optimizer = AdamW(),
        schedule: LearningRateSchedule = .constant(5e-7), maxGradientNorm: Float? = 1
    ) {
        guard beta > 0 else { misuse("BCO with beta \(beta); it is greater than 0") }
        training = Training(
            policy, optimizer: optimizer, schedule: schedule, maxGradientNorm: maxGradientNorm)
        self.reference = reference ?? policy.transformer
        self.beta = beta
    }

    /// Takes one step.
    ///
    /// - Returns: What was done, with TRL's metrics: `delta`, `rewards/…`, `logps/…`, `logits/…`.
    @discardableResult
    public mutating func step(on batch: LabeledBatch) -> StepReport {
        let reference = batch.completions.logProbabilities(under: reference)
        let beta = beta
        var (mean, seen) = (meanReward, rewardsSeen)
        var metrics: [String: Float] = [:]
        var report = training.step(tokens: batch.completions.tokens.tokens.count) { model, _ in
            let scores = CompletionScores(model.transformer, on: batch.completions)
            let rewards = batch.logRatios(scores, reference: reference) * beta
            for reward in rewards.scalars {
                seen += 1
                mean += (Double(reward) - mean) / seen
            }
            metrics = batch.metrics(rewards: rewards, scores: scores)
            let signs = Tensor(batch.examples.map { $0.isDesirable ? 1 : -1 })
            return -((rewards - Float(mean)) * signs).logSigmoid().mean()
        }
        (meanReward, rewardsSeen) = (mean, seen)
        metrics["delta"] = Float(mean)
        report.metrics = metrics
        return report
    }

    /// Writes `training.safetensors` and `progress.json`, which has δ, into a folder that exists.
    public func writeCheckpoint(to folder: URL) throws(FileError) {
        try training.writeCheckpoint(to: folder.appending(component: PreferenceProgress.trainingFile))
        try PreferenceProgress(meanReward: meanReward, rewardsSeen: rewardsSeen).write(to: folder)
    }

    /// Takes over what ``writeCheckpoint(to:)`` wrote. When something is wrong with it, all is as before.
    public mutating func readCheckpoint(from folder: URL) throws(CheckpointError) {
        let progress = try PreferenceProgress(from: folder)
        try training.readCheckpoint(from: folder.appending(component: PreferenceProgress.trainingFile))
        (meanReward, rewardsSeen) = (progress.meanReward, progress.rewardsSeen)
    }
}
