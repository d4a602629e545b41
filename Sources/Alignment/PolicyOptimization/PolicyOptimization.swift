public import Foundation
public import LanguageModel
public import NeuralCore

/// A method that samples from a policy and learns from what it said.
///
///     for step in method.counts.steps..<steps {
///         let rollout = method.rollout(of: prompts(step), using: RandomSource(seed: seed, step: step))
///         let report = method.step(on: rollout.scored(by: rewards))
///         try method.writeCheckpoint(to: folder)
///     }
///
/// All that a step draws follows from the seed and its number. So a run that was interrupted anywhere, in the
/// middle of a rollout too, goes on from the checkpoint of the last whole step with the bits of one that was
/// not.
public protocol PolicyOptimization: Resumable, Sendable {
    /// What is trained: a whole transformer, or an adapter on one.
    associatedtype Policy: TransformerParameters

    /// Policy, optimizer, schedule and update count.
    var training: Training<Policy> { get set }
    /// How the policy is sampled.
    var rollouts: RolloutSettings { get set }
    /// What the run has come to; `steps` is the number of the next step.
    var counts: RolloutCounts { get set }

    /// Learns from a rollout.
    @discardableResult
    mutating func step(on experience: Experience) -> StepReport
}

extension PolicyOptimization {
    /// The policy as trained so far.
    public var policy: Policy { training.model }

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

    /// Writes `training.safetensors` and `progress.json`.
    public func writeCheckpoint(to folder: URL) throws(FileError) {
        try training.writeCheckpoint(toFolder: folder)
        try PolicyProgress(counts: counts).write(to: folder)
    }

    /// Takes over what ``writeCheckpoint(to:)`` wrote. When something is wrong with it, all is as before.
    public mutating func readCheckpoint(from folder: URL) throws(CheckpointError) {
        let progress = try PolicyProgress(from: folder)
        try training.readCheckpoint(fromFolder: folder)
        counts = progress.counts
    }
}

/// The part of a checkpoint that is neither model nor optimizer.
struct PolicyProgress: Codable {
    var counts: RolloutCounts
    /// PPO's cost of a nat of divergence.
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
