public import Foundation
public import LanguageModel
public import NeuralCore

/// Trains a policy as a classifier of desirable and undesirable completions, around a running mean of rewards: BCO.
///
///     var bco = BinaryClassifierOptimization(policy: model, objective: .init(beta: 0.1))
///
/// - SeeAlso: [Jung et al. 2024](https://arxiv.org/abs/2404.04656), Eq. 9. Departure: no weighting by the density ratio of
///   prompts.
public typealias BinaryClassifierOptimization<Policy: TransformerParameters> = PreferenceOptimization<
    Policy, BinaryClassifierObjective
>

/// The cross-entropy of labels, for rewards around their running mean.
///
///     r = βρ        L = mean of −log σ(r − δ) where wanted, −log σ(−(r − δ)) where not
///
/// δ is the mean of all rewards seen so far, the current batch included. Its metrics have `delta`.
public struct BinaryClassifierObjective: PreferenceObjective {
    /// Strength of the KL constraint to the reference, above 0.
    public var beta: Float
    /// Those of the steps before.
    private var rewards = RunningMoments()
    /// The rewards of the last loss.
    public private(set) var observed: [Double] = []

    /// 5e-7.
    public static var usualLearningRate: Float { 5e-7 }
    /// δ, the mean of the rewards seen so far.
    public var meanReward: Double { rewards.mean }

    /// An objective that has seen no reward.
    public init(beta: Float = 0.1) {
        guard beta > 0 else { misuse("BCO with beta \(beta); it is greater than 0") }
        self.beta = beta
    }

    /// The loss of a policy on judged completions, a scalar. Differentiable.
    public mutating func loss(
        of model: Transformer, on batch: PreferenceBatch<TokenizedLabel>, metrics: inout [String: Float]
    ) -> Tensor {
        let (ratios, figures) = batch.logRatios(of: model, beta: beta)
        let own = ratios * beta
        observed = own.scalars.map(Double.init)
        var seen = rewards
        for reward in observed { seen.add(reward) }
        let delta = Float(seen.mean)
        metrics = figures
        metrics["delta"] = delta
        let signs = Tensor(batch.isChosen.map { $0 ? 1 : -1 })
        return -((own - delta) * signs).logSigmoid().mean()
    }

    /// Takes rewards into δ.
    public mutating func observe(_ numbers: [Double]) {
        for reward in numbers { rewards.add(reward) }
        observed = []
    }

    /// Writes `progress.json`, which has δ.
    public func writeCheckpoint(to folder: URL) throws(FileError) {
        try ProgressFile(in: folder).write(rewards)
    }

    /// Reads δ.
    public mutating func readCheckpoint(from folder: URL) throws(CheckpointError) {
        rewards = try ProgressFile(in: folder).read(expecting: "count, mean and squares of rewards") {
            $0.count >= 0
        }
    }
}
