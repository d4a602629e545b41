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
public protocol PolicyOptimization: Sendable {
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

    /// Writes all that the next step depends on, but settings and reference, into a folder that exists.
    func writeCheckpoint(to folder: URL) throws(FileError)

    /// Takes over what `writeCheckpoint(to:)` wrote. When something is wrong with it, all is as before.
    mutating func readCheckpoint(from folder: URL) throws(CheckpointError)
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

    /// Writes `policy.safetensors` and `progress.json`.
    public func writeCheckpoint(to folder: URL) throws(FileError) {
        try training.writeCheckpoint(to: folder.appending(component: RolloutProgress.policyFile))
        try RolloutProgress(counts: counts).write(to: folder)
    }

    /// Reads `policy.safetensors` and `progress.json`.
    public mutating func readCheckpoint(from folder: URL) throws(CheckpointError) {
        let progress = try RolloutProgress(from: folder)
        try training.readCheckpoint(from: folder.appending(component: RolloutProgress.policyFile))
        counts = progress.counts
    }
}

/// What a checkpoint keeps beside models and optimizers, as `progress.json`.
struct RolloutProgress: Codable {
    var counts: RolloutCounts
    /// PPO's cost of divergence.
    var kl: KLControl?

    static var policyFile: String { "policy.safetensors" }
    static var criticFile: String { "critic.safetensors" }
    private static var file: String { "progress.json" }

    init(counts: RolloutCounts, kl: KLControl? = nil) {
        self.counts = counts
        self.kl = kl
    }

    init(from folder: URL) throws(CheckpointError) {
        let url = folder.appending(component: Self.file)
        let path = url.path(percentEncoded: false)
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .file(.missing(file: path))
        }
        guard let progress = try? JSONDecoder().decode(Self.self, from: data), progress.counts.isCredible
        else {
            throw .malformed(
                file: path, key: nil, found: "\(data.count) bytes",
                expected: "the counts of a policy's training")
        }
        self = progress
    }

    func write(to folder: URL) throws(FileError) {
        let url = folder.appending(component: Self.file)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        guard let data = try? encoder.encode(self) else {
            throw .unwritable(
                file: url.path(percentEncoded: false), reason: "the cost of divergence is not finite")
        }
        try writeAtomically(data, to: url)
    }
}
