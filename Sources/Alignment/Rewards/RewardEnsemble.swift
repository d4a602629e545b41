import Foundation
import LanguageModel
import NeuralCore

/// Several reward models as one, so that an answer has to please all of them.
///
///     let ensemble = RewardEnsemble([first, second, third], combining: .lowerBound(deviations: 1))
///     let rewards = ensemble.rewards(of: texts)
///
/// What one model alone overrates is where a policy goes to be overrated; models trained from different seeds overrate
/// different things.
///
/// - SeeAlso: [Coste et al. 2023](https://arxiv.org/abs/2310.02743), Eq. 2 to 4: mean, worst case, and with the deviation
///   in place of the variance, uncertainty weighted.
public struct RewardEnsemble: Sendable {
    /// How rewards become one.
    public enum Combination: Sendable, Hashable {
        /// The mean.
        case mean
        /// The least.
        case minimum
        /// The mean less so many standard deviations, those of a whole population.
        case lowerBound(deviations: Float)

        /// The one number for several, at least one.
        public func value(of rewards: [Float]) -> Float {
            let count = Float(rewards.count)
            let mean = rewards.reduce(0, +) / count
            switch self {
            case .mean: return mean
            case .minimum: return rewards.min() ?? .nan
            case .lowerBound(let deviations):
                let variance = rewards.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
                return mean - deviations * variance.squareRoot()
            }
        }
    }

    /// The models; at least one, all of one vocabulary.
    public let members: [RewardModel]
    /// How their rewards become one.
    public var combination: Combination

    /// An ensemble.
    ///
    /// - Precondition: There is a member.
    public init(_ members: [RewardModel], combining combination: Combination = .mean) {
        guard !members.isEmpty else { misuse("an ensemble of no reward models") }
        self.members = members
        self.combination = combination
    }

    /// The rewards of whole texts, each read at its last token, `[texts]`.
    ///
    /// - Parameters:
    ///   - texts: Token ids, at least one in each text, below the vocabulary's size.
    ///   - rowsAtOnce: About how many tokens are computed together; memory grows with it.
    public func rewards(of texts: [[Int32]], rowsAtOnce: Int = 4096) -> [Float] {
        combined(members.map { $0.rewards(of: texts, rowsAtOnce: rowsAtOnce) })
    }

    private func combined(_ rewards: [[Float]]) -> [Float] {
        rewards[0].indices.map { index in combination.value(of: rewards.map { $0[index] }) }
    }
}

extension RewardEnsemble: CompletionScoring {
    /// How many tokens all members can read.
    public var contextLength: Int { members.map(\.contextLength).min() ?? 0 }
    /// The rewards of the completions of a batch that keeps last rows, `[completions]`.
    public func rewards(of batch: CompletionBatch) -> [Float] {
        combined(members.map { $0.rewards(of: batch) })
    }
}
