extension Collection where Element: BinaryFloatingPoint {
    /// The mean; 0 for none.
    var mean: Element { isEmpty ? 0 : reduce(0, +) / Element(count) }

    /// The standard deviation of a whole population; 0 for none.
    var deviation: Element {
        let mean = mean
        return map { ($0 - mean) * ($0 - mean) }.mean.squareRoot()
    }

    /// The standard error of the mean, from the deviation of a sample of two or more.
    var standardError: Element {
        let mean = mean
        let squares = reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (squares / Element((count - 1) * count)).squareRoot()
    }

    /// Pearson's correlation with as many other numbers; 0 where one of both never varies.
    func correlation(with other: some Collection<Element>) -> Element {
        let (a, b) = (mean, other.mean)
        let scale = deviation * other.deviation
        return scale > 0 ? zip(self, other).map { ($0 - a) * ($1 - b) }.mean / scale : 0
    }
}

/// Rewards and advantages. NaN marks one that was not given: it is left out of every mean.
extension [Float] {
    /// True where any reward was given.
    var isJudged: Bool { contains { !$0.isNaN } }

    /// The mean of those that are numbers, and their deviation as of a sample; zero where there are too few.
    var moments: (mean: Float, deviation: Float) {
        let known = filter { !$0.isNaN }.map(Double.init)
        let mean = known.mean
        let squares = known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (Float(mean), known.count > 1 ? Float((squares / Double(known.count - 1)).squareRoot()) : 0)
    }

    /// All values brought to mean 0 and deviation 1, by the deviation of a sample.
    func standardized(keepingMean: Bool = false) -> [Float] {
        let moments = moments
        let scale = 1 / (moments.deviation * moments.deviation + 1e-8).squareRoot()
        return map { ($0 - moments.mean) * scale + (keepingMean ? moments.mean : 0) }
    }
}

/// Mean and deviation of all numbers seen, in one pass.
///
/// - SeeAlso: [Welford 1962](https://doi.org/10.1080/00401706.1962.10490022). Departures: none.
struct RunningMoments: Hashable, Sendable, Codable {
    private(set) var count = 0
    private(set) var mean = 0.0
    private var squares = 0.0

    /// Takes in a number.
    mutating func add(_ value: Double) {
        count += 1
        let difference = value - mean
        mean += difference / Double(count)
        squares += difference * (value - mean)
    }

    /// The standard deviation, of a sample.
    var deviation: Double { count > 1 ? (squares / Double(count - 1)).squareRoot() : 0 }

    /// The number in units of the deviation from the mean; 0 while all numbers are the same.
    func standardized(_ value: Double) -> Double { deviation > 1e-8 ? (value - mean) / deviation : 0 }
}
