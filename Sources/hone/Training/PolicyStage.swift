import Alignment
import Foundation
import LanguageModel
import NeuralCore

/// A stage that lets a policy answer prompts, has the answers judged, and learns from that.
///
/// Prompts and draws of a step follow from the seed and the number of the step, so that a run that was stopped in the
/// middle of a rollout begins that rollout again, to the same result.
struct PolicyStage<Method: PolicyOptimization>: TrainingStage {
    private(set) var method: Method
    private var batches: ExampleBatches<TokenizedPrompt>
    private let seed: UInt64
    private let reward: (_ prompts: [TokenizedPrompt]) -> [CompletionReward]
    private let write: (Method.Policy, URL) throws -> Void
    private let interruption: Interruption
    private let sampling: DynamicSampling?
    /// Whether the next step's answers go on to the last token they may have.
    private var isLargest = false
    let plan: TrainingPlan

    /// - Parameters:
    ///   - batches: Prompts without end.
    ///   - reward: The rewards of completions of some prompts.
    ///   - sampling: How groups that teach nothing are replaced; nil where they are not.
    ///   - write: Writes the policy into a folder.
    init(
        _ method: Method, batches: ExampleBatches<TokenizedPrompt>, steps: Int, seed: UInt64, data: String,
        tokensPerStep: Double, interruption: Interruption, sampling: DynamicSampling? = nil,
        reward: @escaping (_ prompts: [TokenizedPrompt]) -> [CompletionReward],
        write: @escaping (Method.Policy, URL) throws -> Void
    ) {
        self.interruption = interruption
        self.sampling = sampling
        self.method = method
        self.batches = batches
        self.seed = seed
        self.reward = reward
        self.write = write
        let model = method.policy.transformer
        let trained = method.policy.parameters.reduce(0) { $0 + $1.value.count }
        plan = TrainingPlan(
            parameters: model.configuration.parameterCount, trainedParameters: trained,
            steps: steps, tokens: Int(min(1e18, Double(steps) * tokensPerStep)),
            operationsPerToken: model.configuration.trainingOperationsPerToken(
                sequenceLength: 128, trained: trained),
            precision: model.precision, data: data, tokensInStep: Int(min(1e18, tokensPerStep)),
            channels: model.configuration.width * model.configuration.depth)
    }

    var stepsDone: Int { method.counts.steps }

    /// The longest prompts with answers that do not end take the most memory.
    mutating func moveToLargestStep() {
        isLargest = true
        batches.move(to: batches.survey(of: plan.steps - stepsDone).largest)
    }

    mutating func step() throws -> StepReport {
        let stopTokens = method.rollouts.stopTokens
        if isLargest { method.rollouts.stopTokens = [] }
        defer { (isLargest, method.rollouts.stopTokens) = (false, stopTokens) }
        let number = stepsDone
        var following = batches
        var random = RandomSource(seed: seed, step: number)
        func experience(_ random: RandomSource) throws -> Experience {
            let chosen = following.next() ?? []
            let rollout = try method.rollout(of: chosen.map(\.ids), using: random) {
                if interruption.isRequested { throw StoppedWithinStep() }
            }
            return rollout.scored(by: reward(chosen))
        }
        var metrics: [String: Float] = [:]
        let learned: Experience
        if let sampling {
            let sampled = try sampling.experience { _ in try experience(random.split()) }
            (learned, metrics) = (sampled.experience, sampled.report.metrics)
        } else {
            learned = try experience(random)
        }
        batches = following
        var report = method.step(on: learned)
        report.metrics.merge(metrics) { $1 }
        report.step = number + 1
        return report
    }

    func writeCheckpoint(to folder: URL) throws {
        try method.writeCheckpoint(to: folder)
        try batches.writePosition(to: folder)
    }

    mutating func readCheckpoint(from folder: URL) throws {
        try method.readCheckpoint(from: folder)
        try batches.readPosition(from: folder)
    }

    func writeModel(to folder: URL) throws { try write(method.policy, folder) }
}
