import Foundation
import LanguageModel
public import NeuralCore

/// A reward model's judgment of a pair of which one completion is known to be preferred.
public struct RewardJudgment: Hashable, Sendable, Codable {
    /// The number of the pair among those judged.
    public var pair: Int
    /// The reward of the preferred completion.
    public var chosen: Float
    /// The reward of the other.
    public var rejected: Float
    /// Tokens of the preferred completion.
    public var chosenLength: Int
    /// Tokens of the other.
    public var rejectedLength: Int

    private enum CodingKeys: String, CodingKey {
        case pair, chosen, rejected
        case chosenLength = "chosen_length"
        case rejectedLength = "rejected_length"
    }

    /// A judgment.
    public init(pair: Int, chosen: Float, rejected: Float, chosenLength: Int, rejectedLength: Int) {
        self.pair = pair
        self.chosen = chosen
        self.rejected = rejected
        self.chosenLength = chosenLength
        self.rejectedLength = rejectedLength
    }

    /// The reward of the preferred completion less that of the other.
    public var margin: Float { chosen - rejected }
    /// True if the model prefers the preferred completion; a tie is no preference.
    public var isRight: Bool { margin > 0 }
}

/// Scores completions: a reward model, or an ensemble.
public protocol CompletionScoring: Sendable {
    /// The most tokens it can read.
    var contextLength: Int { get }
    /// The rewards of the completions of a batch that keeps last rows, `[completions]`.
    func rewards(of batch: CompletionBatch) -> [Float]
}

extension CompletionScoring {
    /// Judges pairs, each prompt computed once; those that are too long to be read are left out.
    ///
    /// - Parameters:
    ///   - pairs: The preferences.
    ///   - pairsAtOnce: The number of pairs computed together.
    ///   - sharing: The processes that share the pairs out; all of them get the judgments.
    public func judgments(
        of pairs: [TokenizedPair], pairsAtOnce: Int = 16, _ sharing: WorkSharing = WorkSharing()
    ) -> [RewardJudgment] {
        let readable = pairs.indices.filter {
            pairs[$0].prompt.count + max(pairs[$0].chosen.count, pairs[$0].rejected.count) <= contextLength
        }
        let parts = stride(from: 0, to: readable.count, by: pairsAtOnce).map {
            readable[$0..<min($0 + pairsAtOnce, readable.count)]
        }
        let rewards = sharing.shared(parts.count) { part in
            PartFigures(self.rewards(of: CompletionBatch(rewarding: parts[part].map { pairs[$0] })))
        }.flatMap(\.floats)
        return readable.enumerated().map { place, number in
            RewardJudgment(
                pair: number, chosen: rewards[2 * place], rejected: rewards[2 * place + 1],
                chosenLength: pairs[number].chosen.count, rejectedLength: pairs[number].rejected.count)
        }
    }
}

extension RewardModel: CompletionScoring {
    /// The most tokens the model is meant to read.
    public var contextLength: Int { body.configuration.contextLength }
    /// The rewards of the completions of a batch that keeps last rows, `[completions]`.
    public func rewards(of batch: CompletionBatch) -> [Float] { self(batch).scalars }
}

/// Several reward models as one, so that an answer has to please all of them.
///
///     let ensemble = RewardEnsemble([first, second, third], combining: .lowerBound(deviations: 1))
///     let rewards = ensemble.rewards(of: texts)
///
/// A policy finds what one model overrates; models trained from different seeds overrate
/// different things.
///
/// - SeeAlso: [Coste et al. 2023](https://arxiv.org/abs/2310.02743), Eq. 2 to 4: mean, worst case, and with the deviation
///   in place of the variance, uncertainty weighted.
public struct RewardEnsemble: Sendable {
    /// A way to combine rewards.
    public enum Combination: Sendable, Hashable {
        /// The mean.
        case mean
        /// The least.
        case minimum
        /// The mean less that many standard deviations of a whole population.
        case lowerBound(deviations: Float)

        /// The combination of one or more rewards.
        public func value(of rewards: [Float]) -> Float {
            switch self {
            case .mean: rewards.mean
            case .minimum: rewards.min() ?? .nan
            case .lowerBound(let deviations): rewards.mean - deviations * rewards.deviation
            }
        }
    }

    /// The models; at least one, all of one vocabulary.
    public let members: [RewardModel]
    /// The way their rewards are combined.
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
    /// The most tokens that all members can read.
    public var contextLength: Int { members.map(\.contextLength).min() ?? 0 }
    /// The rewards of the completions of a batch that keeps last rows, `[completions]`.
    public func rewards(of batch: CompletionBatch) -> [Float] {
        combined(members.map { $0.rewards(of: batch) })
    }
}
