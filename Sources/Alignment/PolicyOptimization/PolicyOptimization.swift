import Foundation
public import LanguageModel
public import NeuralCore

/// A method that samples from a policy and learns from its completions.
///
///     for step in method.counts.steps..<steps {
///         let random = RandomSource(seed: seed, step: step)
///         let report = method.step(on: prompts(step), rewardedBy: reward, using: random)
///         try method.writeCheckpoint(to: folder)
///     }
///
/// All that a step draws follows from the seed and its number. So a run that was interrupted anywhere, in the
/// middle of a rollout too, goes on from the checkpoint of the last whole step with the bits of one that was
/// not.
public protocol PolicyOptimization: TrainingMethod
where Batch == Experience, Parameters: TransformerParameters {
    /// A whole transformer, or an adapter on one.
    typealias Policy = Parameters

    /// Settings of the sampling.
    var rollouts: RolloutSettings { get set }
    /// Counts over the whole run; `steps` is the number of the next step.
    var counts: RolloutCounts { get set }
}

extension PolicyOptimization {
    /// The policy as trained so far.
    public var policy: Policy { training.model }

    /// Rollouts learned from so far; each may be several updates.
    public var stepsDone: Int { counts.steps }

    /// Samples completions from the policy.
    public func rollout(of prompts: [[Int32]], using random: RandomSource) -> Rollout {
        rollouts.rollout(of: prompts, by: policy.transformer, using: random)
    }

    /// Samples completions from the policy.
    ///
    /// - Parameters:
    ///   - prompts: Token ids.
    ///   - random: Decides every draw.
    ///   - token: Called before each token of all completions; what it throws ends the sampling.
    public func rollout<E: Error>(
        of prompts: [[Int32]], using random: RandomSource, beforeEachToken token: () throws(E) -> Void
    ) throws(E) -> Rollout {
        try rollouts.rollout(of: prompts, by: policy.transformer, using: random, beforeEachToken: token)
    }

    /// Samples answers of the policy to prompts, rewards them, and learns from that.
    ///
    /// - Parameters:
    ///   - prompts: Token ids; a prompt without room in the model's context is left out.
    ///   - reward: Rewards the answers.
    ///   - random: Decides every draw.
    /// - Returns: That of a step on a rollout.
    @discardableResult
    public mutating func step(
        on prompts: [[Int32]], rewardedBy reward: CompletionReward, using random: RandomSource
    ) -> StepReport {
        step(on: rollout(of: prompts, using: random).scored(by: reward))
    }
}

/// The part of a checkpoint that is neither model nor optimizer.
struct PolicyProgress: Codable {
    var counts: RolloutCounts
    /// The cost of a nat of divergence.
    var kl: KLControl?

    init(counts: RolloutCounts, kl: KLControl? = nil) {
        self.counts = counts
        self.kl = kl
    }

    init(from folder: URL) throws(CheckpointError) {
        self = try ProgressFile(in: folder).read(expecting: "the counts of a policy's training") {
            $0.counts.isCredible
        }
    }

    func write(to folder: URL) throws(FileError) { try ProgressFile(in: folder).write(self) }
}
