/// How a figure began and how it has been lately.
struct MetricSeries: Hashable, Sendable, Codable {
    /// How many of the first values are kept, and how many make up a mean of what is now.
    static let window = 8
    /// How many of the last values are kept.
    static let reach = 32

    private(set) var first: [Float] = []
    private(set) var recent: [Float] = []
    /// How many values there were.
    private(set) var count = 0

    /// Takes in a value; one that is not finite is passed over.
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
        count >= 2 * Self.window ? recent.suffix(Self.window).map { $0 }.mean : nil
    }
    /// The mean of the last values, however few there are since the beginning; nil until there are enough.
    var level: Float? {
        recent.count >= Self.window ? recent.suffix(Self.window).map { $0 }.mean : nil
    }
    /// The value in the middle of those before the last; nil until there are enough.
    var medianBefore: Float? {
        let before = recent.dropLast()
        return before.count >= 2 * Self.window ? before.sorted()[before.count / 2] : nil
    }
    /// How far above the median the third greatest value before the last lies, so that two jumps do not count as noise;
    /// nil until there are enough.
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
        recent.count >= Self.window ? Array(recent.suffix(Self.window)).standardError : 0
    }

    /// The correlation of the last values of two figures; nil until there are enough, 0 where one never varies.
    static func correlation(_ a: MetricSeries, _ b: MetricSeries) -> Float? {
        guard a.count == b.count, a.recent.count >= 3 * window else { return nil }
        let (meanA, meanB) = (a.recent.mean, b.recent.mean)
        let (x, y) = (a.recent.map { $0 - meanA }, b.recent.map { $0 - meanB })
        let scale = (x.map { $0 * $0 }.mean * y.map { $0 * $0 }.mean).squareRoot()
        return scale > 0 ? zip(x, y).map { $0 * $1 }.mean / scale : 0
    }
}

extension [Float] {
    /// The mean; 0 for none.
    fileprivate var mean: Float { isEmpty ? 0 : reduce(0, +) / Float(count) }

    /// The deviation of the mean, from that of a sample of two or more.
    fileprivate var standardError: Float {
        let mean = mean
        let squares = reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (squares / Float((count - 1) * count)).squareRoot()
    }
}
