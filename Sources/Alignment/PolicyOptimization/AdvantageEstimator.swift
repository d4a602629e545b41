public import Foundation
public import LanguageModel
public import NeuralCore

/// An estimate of how much better than expected each token of a rollout is: all in which one policy-gradient method differs
/// from another.
///
///     struct Centered: AdvantageEstimator {
///         func estimate(_ scored: ScoredRollout) -> AdvantageEstimate {
///             AdvantageEstimate(scored.rollout.spread(scored.rewards().map { $0 - 0.5 }))
///         }
///     }
///     var method = PolicyGradientOptimization(policy: model, rollouts: settings, advantages: Centered())
///
/// An estimator that learns, such as a critic, also moves with each update of the policy and keeps a checkpoint.
public protocol AdvantageEstimator: Resumable, Sendable {
    /// The loss that goes with it, unless its user chooses another.
    static var usualLoss: PolicyLoss { get }
    /// The cost of a nat of KL from the reference, unless its user chooses another.
    static var usualBeta: Float { get }
    /// The place where the divergence from the reference costs.
    static var klPlacement: KLPlacement { get }
    /// The fewest completions of a prompt that it compares.
    static var leastGroupSize: Int { get }
    /// True where equal advantages teach something all the same.
    var learns: Bool { get }

    /// Takes note, before each rollout, of the parts that a step is computed in and of the processes that share them out.
    mutating func share(_ sharing: WorkSharing)

    /// Estimates the advantages of a rollout's tokens; the same on all processes.
    func estimate(_ scored: ScoredRollout) -> AdvantageEstimate

    /// Learns beside one update of the policy, on the same groups.
    ///
    /// - Parameters:
    ///   - groups: The numbers of the groups.
    ///   - rollout: The rollout.
    ///   - estimate: The estimate of the rollout.
    ///   - isTrained: False for completions that nothing is learned from.
    ///   - plan: The plan of the updates.
    ///   - report: The policy's update; takes what this one found.
    mutating func update(
        on groups: [Int], of rollout: Rollout, toward estimate: AdvantageEstimate, isTrained: [Bool],
        _ plan: UpdatePlan, report: inout StepReport)

    /// Does what another process than the first has to do of a checkpoint, while the first calls
    /// ``/LanguageModel/Resumable/writeCheckpoint(to:)``.
    ///
    /// - Returns: The files that it wrote.
    func writeShare(to folder: URL) throws(FileError) -> [URL]
}

extension AdvantageEstimator {
    /// The clipped loss, averaged over the tokens of an update.
    public static var usualLoss: PolicyLoss { .bnpo }
    /// 0.05 of reward for a nat.
    public static var usualBeta: Float { 0.05 }
    /// In the reward.
    public static var klPlacement: KLPlacement { .reward }
    /// One.
    public static var leastGroupSize: Int { 1 }
    /// False.
    public var learns: Bool { false }
    /// Nothing.
    public mutating func share(_ sharing: WorkSharing) {}
    /// Nothing.
    public mutating func update(
        on groups: [Int], of rollout: Rollout, toward estimate: AdvantageEstimate, isTrained: [Bool],
        _ plan: UpdatePlan, report: inout StepReport
    ) {}
    /// Nothing.
    public func writeShare(to folder: URL) throws(FileError) -> [URL] { [] }
    /// Nothing.
    public func writeCheckpoint(to folder: URL) throws(FileError) {}
    /// Nothing.
    public mutating func readCheckpoint(from folder: URL) throws(CheckpointError) {}
}

/// An estimator that compares rewards with each other and needs no model of its own.
public protocol CriticFreeEstimator: AdvantageEstimator {
    /// The estimator with its usual settings.
    init()
}

/// A rollout with all that advantages are estimated from.
public struct ScoredRollout: Sendable {
    /// Prompts and completions.
    public let rollout: Rollout
    /// The divergence of each token from the reference; nil where it is no part of the reward.
    public let kl: KLPenalty?
    /// About how many tokens go through a model at once.
    public let rowsAtOnce: Int
    /// The rewards before the divergence is taken off, `[completions]`; NaN where nothing had an opinion.
    let scores: [Float]

    /// A rollout with the rewards of its completions.
    package init(rollout: Rollout, kl: KLPenalty?, rowsAtOnce: Int, scores: [Float]) {
        (self.rollout, self.kl, self.rowsAtOnce, self.scores) = (rollout, kl, rowsAtOnce, scores)
    }

    /// The rewards less the divergence, `[completions]`; NaN where nothing had an opinion.
    ///
    /// - Parameter bounds: Keeps the rewards within this before the divergence is taken off; nil for no bounds.
    public func rewards(within bounds: ClosedRange<Float>? = nil) -> [Float] {
        scores.enumerated().map { number, score in
            guard !score.isNaN else { return .nan }
            let bounded = bounds.map { min(max(score, $0.lowerBound), $0.upperBound) } ?? score
            return kl.map { bounded - $0.coefficient * $0.sums[number] } ?? bounded
        }
    }
}

/// Advantages of a rollout's tokens.
public struct AdvantageEstimate: Sendable {
    /// The advantage of each token, `[targets]`; NaN for completions that are not to be learned from.
    public var advantages: [Float]
    /// Figures for the report.
    public var metrics: [String: Float]
    /// The values that a critic had and those it should have had; nil without a critic.
    var critic: CriticTargets?

    /// Advantages with figures.
    public init(_ advantages: [Float], metrics: [String: Float] = [:]) {
        self.advantages = advantages
        self.metrics = metrics
    }
}
