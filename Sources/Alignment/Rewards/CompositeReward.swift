/// A weighted sum of rewards, each clipped and brought to a common scale.
///
///     r = Σ_i w_i · clip((r_i − μ_i) / σ_i)
///
/// over the parts that have an opinion. Without normalization μ = 0 and σ = 1; a negative weight makes a
/// penalty.
public struct CompositeReward: Sendable {
    /// One of the rewards.
    public struct Part: Sendable {
        /// The reward.
        public var reward: ProgrammaticReward
        /// Its weight in the sum.
        public var weight: Double
        /// The bounds it is kept within after normalization; nil for none.
        public var bounds: ClosedRange<Double>?
        /// True if it is brought to mean 0 and deviation 1 over all answers so far.
        public var isNormalized: Bool

        /// A part of the composite.
        public init(
            _ reward: ProgrammaticReward, weight: Double = 1, bounds: ClosedRange<Double>? = nil,
            isNormalized: Bool = false
        ) {
            self.reward = reward
            self.weight = weight
            self.bounds = bounds
            self.isNormalized = isNormalized
        }
    }

    /// The reward of one answer.
    public struct Score: Hashable, Sendable {
        /// The weighted sum.
        public var total: Double
        /// Each part's own reward, as its program gave it, by name; nil where it had no opinion.
        public var parts: [String: Double?]
    }

    /// The rewards.
    public var parts: [Part]
    /// The moments of each part's rewards so far.
    private(set) var statistics: [RunningMoments]

    /// A composite of the given parts.
    public init(_ parts: [Part]) {
        self.parts = parts
        statistics = Array(repeating: RunningMoments(), count: parts.count)
    }

    /// The rewards of a batch of answers; normalization counts the batch before it is applied.
    ///
    /// An answer on which no part has an opinion is given 0. A reward that is not finite counts as none.
    public mutating func scores(of answers: [ProgrammaticReward.Answer]) -> [Score] {
        let values = parts.map { part in
            answers.map { part.reward.value($0).flatMap { $0.isFinite ? $0 : nil } }
        }
        for (index, part) in parts.enumerated() where part.isNormalized {
            for value in values[index] { if let value { statistics[index].add(value) } }
        }
        return answers.indices.map { answer in
            var sum = 0.0
            var own: [String: Double?] = [:]
            for (index, part) in parts.enumerated() {
                own[part.reward.name] = .some(values[index][answer])
                guard var value = values[index][answer] else { continue }
                if part.isNormalized { value = statistics[index].standardized(value) }
                if let bounds = part.bounds { value = min(max(value, bounds.lowerBound), bounds.upperBound) }
                sum += part.weight * value
            }
            return Score(total: sum, parts: own)
        }
    }
}
