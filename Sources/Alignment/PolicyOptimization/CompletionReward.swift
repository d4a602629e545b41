import Foundation
import LanguageModel
import NeuralCore

/// A reward of each completion of a rollout.
///
///     CompletionReward("brief") { prompt, completion in completion.count < 20 ? 1 : 0 }
///     CompletionReward("preference", of: rewardModel)
///     CompletionReward(program) { .init(tokenizer.decode($0.tokens), to: conversations[$0.prompt]) }
///
/// NaN says that it has no opinion.
public struct CompletionReward: Sendable {
    /// Its name in metrics.
    public var name: String
    /// Its weight among several.
    public var weight: Float
    /// The rewards of all completions, in order.
    public var values: @Sendable (Rollout) -> [Float]

    /// A reward that sees the whole rollout.
    public init(_ name: String, weight: Float = 1, values: @escaping @Sendable (Rollout) -> [Float]) {
        self.name = name
        self.weight = weight
        self.values = values
    }

    /// A reward of the tokens of prompt and completion.
    public init(
        _ name: String, weight: Float = 1,
        value: @escaping @Sendable (_ prompt: [Int32], _ completion: [Int32]) -> Float
    ) {
        self.init(name, weight: weight) { rollout in
            rollout.completions.enumerated().map { number, completion in
                value(rollout.prompts[rollout.group(of: number)], completion.tokens)
            }
        }
    }

    /// The score of a reward model, or of an ensemble, that shares the policy's tokenizer.
    public init(_ name: String = "reward_model", weight: Float = 1, of model: some CompletionScoring) {
        self.init(name, weight: weight) { rollout in
            rollout.parts(keepsLastRow: true).flatMap { model.rewards(of: $0.batch) }
        }
    }

    /// A program's reward of a text.
    ///
    /// - Parameters:
    ///   - program: Judges; an answer of which it has no opinion counts as not judged.
    ///   - weight: Multiplies its reward.
    ///   - answer: The text of a completion and the conversation it belongs to.
    public init(
        _ program: ProgrammaticReward, weight: Float = 1,
        answer: @escaping @Sendable (Rollout.Completion) -> ProgrammaticReward.Answer
    ) {
        self.init(program.name, weight: weight) { rollout in
            rollout.completions.map { program.value(answer($0)).map(Float.init) ?? .nan }
        }
    }
}

/// A rollout with the rewards of its completions: all that a policy learns from.
public struct Experience: Sendable {
    /// Prompts and completions.
    public let rollout: Rollout
    /// The reward of each completion; NaN where nothing had an opinion.
    public var rewards: [Float]
    /// The values of each part of the reward, by its name, before any weight.
    public var parts: [String: [Float]]

    /// A rollout with its rewards.
    ///
    /// - Precondition: There is one reward for each completion.
    public init(_ rollout: Rollout, rewards: [Float], parts: [String: [Float]] = [:]) {
        guard rewards.count == rollout.completions.count else {
            misuse("\(rewards.count) rewards for \(rollout.completions.count) completions")
        }
        self.rollout = rollout
        self.rewards = rewards
        self.parts = parts
    }
}

extension Rollout {
    /// The rollout with the weighted sum of rewards; one that has no opinion on a completion is left out of
    /// its sum.
    public func scored(by rewards: [CompletionReward]) -> Experience {
        var totals = [Float](repeating: .nan, count: completions.count)
        var parts: [String: [Float]] = [:]
        for reward in rewards {
            let values = reward.values(self)
            guard values.count == completions.count else {
                misuse("\(reward.name) gave \(values.count) rewards for \(completions.count) completions")
            }
            parts[reward.name] = values
            for (index, value) in values.enumerated() where value.isFinite {
                totals[index] = (totals[index].isNaN ? 0 : totals[index]) + reward.weight * value
            }
        }
        return Experience(self, rewards: totals, parts: parts)
    }

    /// The rollout with the rewards of one program or model.
    public func scored(by reward: CompletionReward) -> Experience { scored(by: [reward]) }
}

/// Completions chosen by their rewards, to learn from as if someone had written them.
extension Experience {
    /// The completion with the greatest reward of each prompt, the first of equals; none of a prompt without
    /// rewards.
    ///
    /// - SeeAlso: best-of-n, [Stiennon et al. 2020](https://arxiv.org/abs/2009.01325).
    public func bestOfEach() -> [(prompt: [Int32], completion: Rollout.Completion, reward: Float)] {
        rollout.prompts.indices.compactMap { group in
            ranked(group).first.map { (rollout.prompts[group], rollout.completions[$0], rewards[$0]) }
        }
    }

    /// The completions whose reward is at least `least`, at most `most` of each prompt, best first, no two
    /// the same.
    ///
    /// - SeeAlso: rejection sampling as in RAFT, [Dong et al. 2023](https://arxiv.org/abs/2304.06767),
    ///   Algorithm 1, and [Touvron et al. 2023](https://arxiv.org/abs/2307.09288), section 3.2.3.
    public func accepted(
        rewardedAtLeast least: Float, atMost most: Int = .max
    ) -> [(prompt: [Int32], completion: Rollout.Completion, reward: Float)] {
        rollout.prompts.indices.flatMap { group in
            var seen: Set<[Int32]> = []
            return ranked(group).filter {
                rewards[$0] >= least && seen.insert(rollout.completions[$0].tokens).inserted
            }
            .prefix(most).map { (rollout.prompts[group], rollout.completions[$0], rewards[$0]) }
        }
    }

    /// The best and the worst completion of each prompt where one is better than the other.
    public func preferencePairs() -> [TokenizedPair] {
        extremes().map { pair in
            TokenizedPair(
                prompt: rollout.prompts[rollout.group(of: pair.best)],
                chosen: rollout.completions[pair.best].tokens,
                rejected: rollout.completions[pair.worst].tokens)
        }
    }

    /// The numbers of the completions of each pair.
    func extremes() -> [(best: Int, worst: Int)] {
        rollout.prompts.indices.compactMap { group in
            let order = ranked(group)
            guard let best = order.first, let worst = order.last, rewards[best] > rewards[worst] else {
                return nil
            }
            return (best, worst)
        }
    }

    /// A group's completions that have a reward, best first, equals in order.
    private func ranked(_ group: Int) -> [Int] {
        rollout.numbers(of: group).filter { !rewards[$0].isNaN }
            .sorted { (rewards[$1], $0) < (rewards[$0], $1) }
    }
}

/// A bound on the KL divergence of the best of n samples from the policy they were drawn from, nats.
///
///     KL = log n − (n − 1) / n
///
/// - SeeAlso: [Beirami et al. 2024](https://arxiv.org/abs/2401.01879), who show that it is a bound.
public func bestOfKL(_ groupSize: Int) -> Float {
    let count = Float(max(1, groupSize))
    return log(count) - (count - 1) / count
}
