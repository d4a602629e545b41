import CKernels
import Foundation

/// What random numbers are drawn from.
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
