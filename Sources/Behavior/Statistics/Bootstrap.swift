public import NeuralCore

/// The interval in which the mean of samples lies, found by drawing from them again and again.
public enum Bootstrap {
    /// The percentile interval of the mean.
    ///
    /// - Parameters:
    ///   - samples: Independent measurements.
    ///   - confidence: The share of resampled means that the interval covers, in (0, 1).
    ///   - resamples: How often to draw as many samples as there are.
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
