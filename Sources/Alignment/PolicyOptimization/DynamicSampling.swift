import NeuralCore

/// Replaces groups whose rewards are all the same, which teach nothing, by others: DAPO's dynamic sampling.
///
///     let sampling = DynamicSampling(groups: 8, atMost: 5)
///     let (experience, report) = sampling.experience { round in
///         grpo.rollout(of: prompts(step, round), using: random.split()).scored(by: reward)
///     }
///     grpo.step(on: experience)
///
/// Prompts that every answer gets right, or none, drop out, so that each step learns from as many groups as the one before,
/// though a run solves more and more of its prompts.
///
/// - SeeAlso: [Yu et al. 2025](https://arxiv.org/abs/2503.14476), section 3.2 and Eq. 11. Departures: rounds are
///   bounded, and a step learns from what there is when they are used up.
public struct DynamicSampling: Sendable, Hashable, Codable {
    /// Groups that a step learns from.
    public var groups: Int
    /// The most rounds to sample before learning from fewer groups.
    public var greatestRounds: Int

    /// Sampling until that many groups have rewards that differ.
    public init(groups: Int, atMost greatestRounds: Int) {
        guard groups > 0, greatestRounds > 0 else {
            misuse("dynamic sampling of \(groups) groups in \(greatestRounds) rounds")
        }
        self.groups = groups
        self.greatestRounds = greatestRounds
    }

    /// Counts of what was sampled.
    public struct Report: Sendable, Hashable {
        /// Rounds sampled.
        public var rounds = 0
        /// Groups that were sampled in all rounds.
        public var sampled = 0
        /// Of them those whose rewards differ.
        public var differing = 0

        /// The figures by their names in metrics.
        public var metrics: [String: Float] {
            [
                "dynamic_sampling/rounds": Float(rounds),
                "dynamic_sampling/differing": Float(differing) / Float(max(1, sampled)),
            ]
        }
    }

    /// Samples until there are enough groups.
    ///
    /// - Parameter round: Samples once more, and judges; it is given the number of the round, from 0.
    /// - Returns: The first groups with rewards that differ; where there is none at all, what came last, so that the step
    ///   on it says that there was nothing to learn.
    public func experience<E: Error>(
        _ round: (_ number: Int) throws(E) -> Experience
    ) throws(E) -> (experience: Experience, report: Report) {
        var report = Report()
        var kept: Experience?
        while true {
            let next = try round(report.rounds)
            let differing = next.differingGroups
            report.rounds += 1
            report.sampled += next.rollout.prompts.count
            report.differing += differing.count
            let wanted = differing.prefix(groups - (kept?.rollout.prompts.count ?? 0))
            if !wanted.isEmpty {
                let chosen = next.keeping(Array(wanted))
                kept = kept?.joined(with: chosen) ?? chosen
            }
            let isEnough = kept?.rollout.prompts.count == groups
            if isEnough || report.rounds >= greatestRounds { return (kept ?? next, report) }
        }
    }
}

extension Experience {
    /// The numbers of the groups whose rewards differ.
    var differingGroups: [Int] {
        rollout.prompts.indices.filter { group in
            rollout.numbers(of: group).map { rewards[$0] }.moments.deviation
                > Float.greatestUniformDeviation
        }
    }

    /// Some of the groups, in the order given, counted anew.
    func keeping(_ groups: [Int]) -> Experience {
        let numbers = groups.flatMap { Array(rollout.numbers(of: $0)) }
        let completions = numbers.enumerated().map { place, number in
            rollout.completions[number].counted(place / rollout.groupSize)
        }
        return Experience(
            Rollout(
                prompts: groups.map { rollout.prompts[$0] }, completions: completions, using: rollout.random),
            rewards: numbers.map { rewards[$0] },
            parts: parts.mapValues { values in numbers.map { values[$0] } })
    }

    /// These groups and then those of another experience, with equally many completions each.
    func joined(with other: Experience) -> Experience {
        let count = rollout.prompts.count
        let others = other.rollout.completions.map { $0.counted($0.prompt + count) }
        return Experience(
            Rollout(
                prompts: rollout.prompts + other.rollout.prompts,
                completions: rollout.completions + others, using: rollout.random),
            rewards: rewards + other.rewards, parts: parts.merging(other.parts) { $0 + $1 })
    }
}

extension Rollout.Completion {
    /// The same as a completion of the prompt of another number.
    fileprivate func counted(_ prompt: Int) -> Rollout.Completion {
        var copy = self
        copy.prompt = prompt
        return copy
    }
}
