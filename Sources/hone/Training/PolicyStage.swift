import Alignment
import Foundation
import LanguageModel
import NeuralCore

/// A stage that lets a policy answer prompts, has the answers judged, and learns from that.
///
/// Prompts and draws of a step follow from the seed and the number of the step, so that a run that was stopped in the
/// middle of a rollout begins that rollout again, to the same result.
struct PolicyStage<Method: PolicyMethod>: TrainingStage {
    private(set) var method: Method
    private let prompts: [[Int32]]
    private var batches: ExampleBatches
    private let seed: UInt64
    private let reward: (_ numbers: [Int]) -> [CompletionReward]
    private let write: (Transformer, URL) throws -> Void
    let plan: TrainingPlan

    /// - Parameters:
    ///   - prompts: All there are, as tokens.
    ///   - reward: The rewards of completions of the prompts of these numbers.
    ///   - write: Writes the policy into a folder.
    init(
        _ method: Method, prompts: [[Int32]], batches: ExampleBatches, steps: Int, seed: UInt64, data: String,
        tokensPerStep: Int, reward: @escaping (_ numbers: [Int]) -> [CompletionReward],
        write: @escaping (Transformer, URL) throws -> Void
    ) {
        self.method = method
        self.prompts = prompts
        self.batches = batches
        self.seed = seed
        self.reward = reward
        self.write = write
        let configuration = method.policyModel.configuration
        plan = TrainingPlan(
            parameters: configuration.parameterCount, trainedParameters: configuration.parameterCount,
            steps: steps, tokens: steps * tokensPerStep,
            operationsPerToken: configuration.trainingOperationsPerToken(sequenceLength: 128), data: data)
    }

    var stepsDone: Int { method.counts.steps }

    mutating func step() -> StepReport {
        let number = stepsDone
        let chosen = batches.next()
        let rollout = method.rollout(
            of: chosen.map { prompts[$0] }, using: RandomSource(seed: seed, step: number))
        var report = method.step(on: rollout.scored(by: reward(chosen)))
        report.step = number + 1
        return report
    }

    func writeCheckpoint(to folder: URL) throws {
        try method.write(to: folder)
        try batches.writePosition(to: folder)
    }

    mutating func readCheckpoint(from folder: URL) throws {
        try method.read(from: folder)
        try batches.readPosition(from: folder)
    }

    func writeModel(to folder: URL) throws { try write(method.policyModel, folder) }
}
