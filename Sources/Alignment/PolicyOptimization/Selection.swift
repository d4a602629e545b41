import Foundation

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
