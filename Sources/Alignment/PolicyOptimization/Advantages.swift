/// What a group's rewards are divided by.
public enum RewardScaling: String, Sendable, Hashable, Codable, CaseIterable {
    /// The standard deviation within the group.
    case group
    /// The standard deviation of all rewards.
    case batch
    /// Nothing, so that easy and hard prompts are not favored ([Liu et al.
    /// 2025](https://arxiv.org/abs/2503.20783)).
    case none
}

/// How much better than expected completions are. NaN marks a reward that was not given: it is left out of
/// every mean, and its advantage is zero.
enum Advantages {
    /// Added to a deviation that is divided by.
    static let smallest: Float = 1e-4
    /// Rewards that deviate no more than this are the same.
    static let greatestUniformDeviation: Float = 1e-8

    /// Each reward less the mean of its group, divided by a standard deviation.
    ///
    ///     A = (r − mean) / (s + 1e-4)
    ///
    /// - SeeAlso: [Shao et al. 2024](https://arxiv.org/abs/2402.03300), section 4.1.2. Departure: 1e-4 is
    ///   added to the deviation.
    static func groupRelative(_ rewards: [Float], samples: Int, scaling: RewardScaling) -> [Float] {
        let overall = rewards.moments.deviation
        return byGroup(rewards, samples) { group in
            let moments = group.moments
            let scale: Float =
                switch scaling {
                case .group: moments.deviation + smallest
                case .batch: overall + smallest
                case .none: 1
                }
            return group.map { ($0 - moments.mean) / scale }
        }
    }

    /// Each reward less the mean of the others of its group; zero where there is no other.
    ///
    /// - SeeAlso: [Ahmadian et al. 2024](https://arxiv.org/abs/2402.14740), the estimator RLOO. Departures:
    ///   none.
    static func leaveOneOut(_ rewards: [Float], samples: Int) -> [Float] {
        byGroup(rewards, samples) { group in
            let known = group.filter { !$0.isNaN }
            let sum = known.reduce(0, +)
            return group.map { known.count > 1 ? $0 - (sum - $0) / Float(known.count - 1) : .nan }
        }
    }

    /// All values brought to mean 0 and deviation 1, by the deviation of a sample.
    static func standardized(_ values: [Float], keepingMean: Bool = false) -> [Float] {
        let moments = values.moments
        let scale = 1 / (moments.deviation * moments.deviation + 1e-8).squareRoot()
        return values.map { ($0 - moments.mean) * scale + (keepingMean ? moments.mean : 0) }
    }

    /// The share of groups whose rewards are all the same, which teach nothing.
    static func uniformShare(_ rewards: [Float], samples: Int) -> Float {
        let groups = stride(from: 0, to: rewards.count, by: samples).map { Array(rewards[$0..<$0 + samples]) }
        return Float(groups.count { $0.moments.deviation <= greatestUniformDeviation })
            / Float(max(1, groups.count))
    }

    /// NaN becomes zero.
    private static func byGroup(_ rewards: [Float], _ samples: Int, _ body: ([Float]) -> [Float]) -> [Float] {
        stride(from: 0, to: rewards.count, by: samples).flatMap { body(Array(rewards[$0..<$0 + samples])) }
            .map { $0.isNaN ? 0 : $0 }
    }
}

extension [Float] {
    /// The mean of those that are numbers, and their deviation as of a sample; zero where there are too few.
    var moments: (mean: Float, deviation: Float) {
        let known = filter { !$0.isNaN }.map(Double.init)
        guard !known.isEmpty else { return (0, 0) }
        let mean = known.reduce(0, +) / Double(known.count)
        let squares = known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (Float(mean), known.count > 1 ? Float((squares / Double(known.count - 1)).squareRoot()) : 0)
    }
}
