import Alignment
import Foundation
import LanguageModel
import NeuralCore

/// What tests of methods whose steps are shared among ranks have in common.
enum SharedRun {
    /// What a run ends with: all parameters, and the figures of all steps.
    struct Outcome: Sendable, Equatable {
        var parameters: [[UInt32]]
        var reports: [String]

        init(_ model: some Module, _ reports: [StepReport]) {
            parameters = model.parameters.map { $0.value.scalars.map(\.bitPattern) }
            self.reports = reports.map { report in
                "\(report.loss) \(report.gradientNorm) \(report.tokens) \(report.refusal as Any) "
                    + report.metrics.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(
                        separator: " ")
                    + report.distributions.sorted { $0.key < $1.key }.map { "\($0)" }.joined()
            }
        }
    }

    static func sequences(_ lengths: [Int], seed: UInt64 = 2) -> [[Int32]] {
        var random = RandomSource(seed: seed)
        return lengths.map { length in (0..<length).map { _ in Int32(random.integer(in: 3..<36)) } }
    }

    /// Texts of which the second half is learned.
    static var texts: [SupervisedTokens] {
        sequences([9, 14, 6, 21, 8, 12, 17]).map { ids in
            SupervisedTokens(ids: ids, isTrained: ids.indices.map { $0 >= ids.count / 2 })
        }
    }

    /// The prompts of a step, answered and rewarded on the ranks that share it.
    static func experience<Method: PolicyOptimization>(
        _ method: Method, _ number: Int, prompts: Int
    ) -> Experience {
        let prompts = sequences((0..<prompts).map { 3 + $0 % 4 }, seed: UInt64(number))
        let (rollouts, policy) = (method.rollouts, method.policy.transformer)
        let reward = CompletionReward("spread") { prompt, completion in
            Float(completion.reduce(0) { $0 + Int($1) } % 7) - Float(prompt.count)
        }
        return method.training.sharing.experience(
            of: prompts, using: RandomSource(seed: 9, step: number)
        ) { prompts, random in
            rollouts.rollout(of: prompts, by: policy, using: random).scored(by: reward)
        }
    }

    /// Writes a checkpoint as the ranks of a run do.
    ///
    /// - Returns: The files that other ranks than the first say that they wrote.
    @discardableResult
    static func write(_ method: some TrainingMethod, to folder: URL) throws -> [String] {
        guard method.training.sharing.communicator.rank == 0 else {
            return try method.writeShare(to: folder).map(\.lastPathComponent)
        }
        try method.writeCheckpoint(to: folder)
        return []
    }
}
