public import NeuralCore

/// The interval in which the mean of samples lies, found by drawing from them again and again.
public enum Bootstrap {
    /// The percentile interval of the mean.
    ///
    /// - Parameters:
    ///   - samples: Independent measurements.
    ///   - confidence: The share of resampled means that the interval covers, in (0, 1).
    ///   - resamples: The number of resampled means.
    ///   - random: What to draw with.
    /// - Returns: nil where there are no samples.
    /// - SeeAlso: [Efron 1979](https://doi.org/10.1214/aos/1176344552); the percentile method. Departures:
    ///   none.
    public static func interval(
        ofMean samples: [Double], confidence: Double = 0.95, resamples: Int = 2_000,
        using random: inout RandomSource
    ) -> ClosedRange<Double>? {
        guard !samples.isEmpty, resamples > 0 else { return nil }
        var means = (0..<resamples).map { _ in
            (0..<samples.count).reduce(0.0) { sum, _ in
                sum + samples[Int.random(in: 0..<samples.count, using: &random)]
            }
                / Double(samples.count)
        }
        means.sort()
        let tail = (1 - confidence) / 2 * Double(resamples)
        let low = min(resamples - 1, max(0, Int(tail)))
        return means[low]...means[max(low, resamples - 1 - low)]
    }
}

/// The calibration of probabilities: of the answers given with 70 %, 70 % should be right.
public struct Calibration: Hashable, Sendable, Codable {
    /// Answers given with about the same probability.
    public struct Bin: Hashable, Sendable, Codable {
        /// The number of answers.
        public var count: Int
        /// The mean of their probabilities.
        public var confidence: Double
        /// The share of them that was right.
        public var accuracy: Double
    }

    /// The bins that hold answers, by probability.
    public var bins: [Bin]

    /// Sorts answers into bins of equal width.
    ///
    /// - Parameters:
    ///   - answers: Each answer's probability, in [0, 1], and whether it was right.
    ///   - binCount: The number of bins that [0, 1] is divided into.
    public init(_ answers: [(probability: Double, isRight: Bool)], bins binCount: Int = 15) {
        let usable = answers.filter { (0...1).contains($0.probability) }
        let grouped = Dictionary(grouping: usable) {
            min(binCount - 1, Int($0.probability * Double(binCount)))
        }
        bins = grouped.sorted { $0.key < $1.key }.map { _, members in
            Bin(
                count: members.count,
                confidence: members.reduce(0) { $0 + $1.probability } / Double(members.count),
                accuracy: Double(members.count { $0.isRight }) / Double(members.count))
        }
    }

    /// The number of answers.
    public var count: Int { bins.reduce(0) { $0 + $1.count } }

    /// The expected calibration error, in [0, 1]; nil where there are no answers.
    ///
    ///     ECE = Σ_b (n_b / n) |accuracy_b − confidence_b|
    ///
    /// - SeeAlso: [Guo et al. 2017](https://arxiv.org/abs/1706.04599), Eq. 3. Departures: none.
    public var expectedError: Double? {
        guard count > 0 else { return nil }
        return bins.reduce(0) { $0 + Double($1.count) * abs($1.accuracy - $1.confidence) } / Double(count)
    }
}
