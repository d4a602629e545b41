import CKernels
import Foundation

extension RandomSource {
    /// Fills `buffer`; element `i` depends on where this source stands and on `i` alone.
    public mutating func fill(_ buffer: UnsafeMutableBufferPointer<Float>, from distribution: Distribution) {
        guard let out = buffer.baseAddress else { return }
        let (start, chunk) = (state, 1 << 16)
        parallelFor(tasks: (buffer.count + chunk - 1) / chunk) { task in
            let begin = task * chunk
            distribution.fill(out, begin..<min(begin + chunk, buffer.count), at: start)
        }
        skip(blocks: (buffer.count + 3) / 4)
    }

    /// The next `count` numbers from `distribution`.
    public mutating func numbers(_ count: Int, from distribution: Distribution) -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            fill(UnsafeMutableBufferPointer(rebasing: buffer[..<count]), from: distribution)
            initialized = count
        }
    }

    /// One number from `distribution`: the first that a fill would give.
    public mutating func number(from distribution: Distribution) -> Float {
        var number: Float = 0
        distribution.fill(&number, 0..<1, at: state)
        skip(blocks: 1)
        return number
    }

    /// A number at least 0 and less than 1, a multiple of 2⁻²⁴.
    public mutating func uniform() -> Float {
        number(from: .uniform())
    }

    /// A normally distributed number.
    public mutating func normal(mean: Float = 0, standardDeviation: Float = 1) -> Float {
        number(from: .normal(mean: mean, standardDeviation: standardDeviation))
    }

    /// An index drawn with the given probabilities, which need not sum to one.
    ///
    /// - Returns: `nil` when there is nothing to draw from: no weight is positive, or one is infinite. A weight that
    ///   is negative or not a number counts as zero.
    /// - Complexity: O(`probabilities.count`), two passes in double precision.
    public mutating func categorical(probabilities: [Float]) -> Int? {
        probabilities.withUnsafeBufferPointer { categorical(probabilities: $0) }
    }

    /// An index drawn with probabilities in proportion to `exp(logWeights[i])`, such as logits.
    ///
    /// - Returns: `nil` when there is nothing to draw from: no weight is above −∞, or one is +∞. A weight that is
    ///   not a number counts as −∞.
    /// - Complexity: O(`logWeights.count`), three passes in double precision.
    public mutating func categorical(logWeights: [Float]) -> Int? {
        logWeights.withUnsafeBufferPointer { categorical(logWeights: $0) }
    }

    package mutating func categorical(probabilities: UnsafeBufferPointer<Float>) -> Int? {
        draw(fromWeights: probabilities.lazy.map(Double.init))
    }

    package mutating func categorical(logWeights: UnsafeBufferPointer<Float>) -> Int? {
        var greatest = -Float.infinity
        for weight in logWeights where weight > greatest { greatest = weight }
        return draw(fromWeights: logWeights.lazy.map { exp(Double($0) - Double(greatest)) })
    }

    /// The first index at which the running sum of the weights exceeds a uniform share of the whole sum.
    private mutating func draw(fromWeights weights: some Collection<Double>) -> Int? {
        var total = 0.0
        for weight in weights where weight > 0 { total += weight }
        guard total > 0, total.isFinite else { return nil }

        let share = total * (Double(next() >> 11) * 0x1p-53)
        var sum = 0.0
        var last: Int?
        for (index, weight) in weights.enumerated() where weight > 0 {
            sum += weight
            last = index
            if sum > share { break }
        }
        return last
    }
}

/// A distribution from which random numbers are drawn.
public enum Distribution: Sendable, Hashable, Codable {
    /// Evenly spaced numbers from the lower bound up to the upper one, in 2²⁴ steps; the bounds are finite.
    ///
    /// The upper bound itself is left out, except where rounding cannot tell it from the last step.
    case uniform(in: Range<Float> = 0..<1)

    /// The normal distribution; `standardDeviation` is not negative.
    case normal(mean: Float = 0, standardDeviation: Float = 1)

    /// The normal distribution given that a number lies within `limit` standard deviations of the mean.
    ///
    /// `standardDeviation` is that of the whole distribution; what remains has less (0.88 of it for a limit of 2).
    case truncatedNormal(mean: Float = 0, standardDeviation: Float = 1, limit: Float = 2)

    /// Writes elements `range` of the fill that starts where `source` stands.
    func fill(_ out: UnsafeMutablePointer<Float>, _ range: Range<Int>, at source: ck_random) {
        let (begin, end) = (range.lowerBound, range.upperBound)
        switch self {
        case .uniform(let bounds):
            ck_random_uniform(out, source, begin, end, bounds.lowerBound, bounds.upperBound)
        case .normal(let mean, let deviation):
            ck_random_normal(out, source, begin, end, mean, deviation, 0)
        case .truncatedNormal(let mean, let deviation, let limit):
            let probabilityBeyondLimit = Float(erfc(Double(limit) / 2.0.squareRoot()) / 2)
            ck_random_normal(out, source, begin, end, mean, deviation, probabilityBeyondLimit)
        }
    }
}

extension Tensor {
    /// A tensor of independent numbers from `distribution`.
    ///
    ///     let weight = Tensor(of: [3072, 768], from: .truncatedNormal(standardDeviation: 0.02), using: &random)
    public init(of shape: Shape, from distribution: Distribution, using random: inout RandomSource) {
        self.init(uninitialized: shape)
        withUnsafeMutableBuffer { random.fill($0, from: distribution) }
    }
}
