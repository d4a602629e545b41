import Alignment
import Foundation
import LanguageModel
import NeuralCore

/// A method that learns from a policy's own completions, as a stage drives it.
protocol PolicyMethod {
    /// The policy as trained so far.
    var policyModel: Transformer { get }
    /// What the run has come to.
    var counts: RolloutCounts { get }

    /// Samples completions from the policy.
    func rollout(of prompts: [[Int32]], using random: RandomSource) -> Rollout
    /// Learns from a rollout.
    mutating func step(on experience: Experience) -> StepReport
    /// Writes all that the next step depends on.
    func write(to folder: URL) throws
    /// Takes over what ``write(to:)`` wrote.
    mutating func read(from folder: URL) throws
}

/// Where a checkpoint keeps what.
private enum PolicyFile: String {
    case policy = "policy.safetensors"
    case critic = "critic.safetensors"
    case counts = "counts.json"
    case divergence = "divergence.json"

    func url(in folder: URL) -> URL { folder.appending(component: rawValue) }

    func write(_ value: some Encodable, in folder: URL) throws {
        try writeAtomically(JSONEncoder().encode(value), to: url(in: folder))
    }

    func read<Value: Decodable>(_: Value.Type, in folder: URL) throws -> Value {
        let path = url(in: folder).path(percentEncoded: false)
        guard let data = FileManager.default.contents(atPath: path),
            let value = try? JSONDecoder().decode(Value.self, from: data)
        else { throw TrainingRunError.malformed(file: path, expected: "a part of a checkpoint") }
        return value
    }
}

extension GroupRelativePolicyOptimization: PolicyMethod {
    var policyModel: Transformer { policy.transformer }

    func write(to folder: URL) throws {
        try training.writeCheckpoint(to: PolicyFile.policy.url(in: folder))
        try PolicyFile.counts.write(counts, in: folder)
    }

    mutating func read(from folder: URL) throws {
        try training.readCheckpoint(from: PolicyFile.policy.url(in: folder))
        counts = try PolicyFile.counts.read(RolloutCounts.self, in: folder)
    }
}

extension ReinforceLeaveOneOut: PolicyMethod {
    var policyModel: Transformer { policy.transformer }

    func write(to folder: URL) throws {
        try training.writeCheckpoint(to: PolicyFile.policy.url(in: folder))
        try PolicyFile.counts.write(counts, in: folder)
    }

    mutating func read(from folder: URL) throws {
        try training.readCheckpoint(from: PolicyFile.policy.url(in: folder))
        counts = try PolicyFile.counts.read(RolloutCounts.self, in: folder)
    }
}

extension ProximalPolicyOptimization: PolicyMethod {
    var policyModel: Transformer { policy.transformer }

    func write(to folder: URL) throws {
        try training.writeCheckpoint(to: PolicyFile.policy.url(in: folder))
        try critic.writeCheckpoint(to: PolicyFile.critic.url(in: folder))
        try PolicyFile.counts.write(counts, in: folder)
        try PolicyFile.divergence.write(divergence, in: folder)
    }

    mutating func read(from folder: URL) throws {
        try training.readCheckpoint(from: PolicyFile.policy.url(in: folder))
        try critic.readCheckpoint(from: PolicyFile.critic.url(in: folder))
        counts = try PolicyFile.counts.read(RolloutCounts.self, in: folder)
        divergence = try PolicyFile.divergence.read(DivergenceControl.self, in: folder)
    }
}
