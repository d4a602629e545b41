/// The first and the last values of a figure.
struct MetricSeries: Hashable, Sendable, Codable {
    /// The number of first values that are kept, and of last values in a mean.
    static let window = 8
    /// The number of last values that are kept.
    static let reach = 32

    private(set) var first: [Float] = []
    private(set) var recent: [Float] = []
    /// The number of values so far.
    private(set) var count = 0

    /// Takes in a value, unless it is not finite.
    mutating func add(_ value: Float) {
        guard value.isFinite else { return }
        count += 1
        if first.count < Self.window { first.append(value) }
        recent.append(value)
        if recent.count > Self.reach { recent.removeFirst() }
    }

    /// The mean of the first values; nil until there are enough.
    var start: Float? { first.count == Self.window ? first.mean : nil }
    /// The mean of the last values; nil until there are enough that none of them is among the first.
    var now: Float? {
        count >= 2 * Self.window ? recent.suffix(Self.window).mean : nil
    }
    /// The mean of the last values, however few there are since the beginning; nil until there are enough.
    var level: Float? {
        recent.count >= Self.window ? recent.suffix(Self.window).mean : nil
    }
    /// The value in the middle of those before the last; nil until there are enough.
    var medianBefore: Float? {
        let before = recent.dropLast()
        return before.count >= 2 * Self.window ? before.sorted()[before.count / 2] : nil
    }
    /// The third greatest value before the last less the median, so that two jumps do not count as noise; nil until
    /// there are enough.
    var noiseBefore: Float? {
        let before = recent.dropLast().sorted()
        return medianBefore.map { before[before.count - 3] - $0 }
    }
    /// The value that the last ones all have; nil where they differ or there are not enough.
    var constant: Float? {
        let last = recent.suffix(Self.window)
        return last.count == Self.window && last.allSatisfy { $0 == last.first } ? last.first : nil
    }
    /// The standard error of the mean of the first values; 0 until there are enough.
    var startError: Float { first.count == Self.window ? first.standardError : 0 }
    /// The standard error of the mean of the last values; 0 until there are enough.
    var levelError: Float {
        recent.count >= Self.window ? recent.suffix(Self.window).standardError : 0
    }

    /// The correlation of the last values of two figures; nil until there are enough, 0 where one never varies.
    static func correlation(_ a: MetricSeries, _ b: MetricSeries) -> Float? {
        guard a.count == b.count, a.recent.count >= 3 * window else { return nil }
        return a.recent.correlation(with: b.recent)
    }
}
