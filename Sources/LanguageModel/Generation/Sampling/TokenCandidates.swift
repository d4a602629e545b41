import Foundation

/// The likeliest tokens and their logits, likeliest first; of equal ones, the smaller id first.
///
/// A value that the sampling steps narrow down one after another. The vocabulary is never sorted as a whole: tokens
/// that cannot be among those wanted are passed over in one scan.
package struct TokenCandidates {
    private var keys: [Rank]

    /// Tokens out of the whole vocabulary.
    ///
    /// - Parameters:
    ///   - logits: One for each token.
    ///   - limit: Keeps this many of the likeliest.
    ///   - floor: Keeps only those of at least this logit. If there is none, the likeliest stands in.
    /// - Complexity: O(vocabulary + n log n) for n tokens kept, when likely tokens stand in no particular place.
    package init(_ logits: UnsafeBufferPointer<Float>, atMost limit: Int = .max, floor: Float = -.infinity) {
        keys = []
        var least = Rank(logit: floor, token: .max)
        // Twice as many as are wanted are collected, then the lesser half is forgotten.
        let room = limit > logits.count / 2 ? Int.max : 2 * limit
        for (token, logit) in logits.enumerated() {
            let key = Rank(logit: logit, token: Int32(truncatingIfNeeded: token))
            guard key >= least else { continue }
            keys.append(key)
            if keys.count == room {
                keep(limit)
                least = keys[limit - 1]
            }
        }
        keep(limit)
        if keys.isEmpty {
            keys = [Rank(logit: -.infinity, token: Int32(truncatingIfNeeded: logits.indexOfGreatest))]
        }
    }

    /// Keeps the `count` likeliest of all collected, in order.
    private mutating func keep(_ count: Int) {
        keys.sort(by: >)
        keys.removeLast(max(0, keys.count - count))
    }

    /// The ids, likeliest first.
    package var tokens: [Int32] { keys.map(\.token) }

    /// The logits beside them.
    package var logits: [Float] { keys.map(\.logit) }

    /// The number of candidates, at least one.
    package var count: Int { keys.count }

    /// Keeps the fewest likeliest tokens whose probabilities add up to at least `share`.
    ///
    /// - Parameter logSum: The logarithm of the sum of exp(logit) over all tokens that count.
    /// - SeeAlso: [Holtzman et al. 2020](https://arxiv.org/abs/1904.09751), section 3.1.
    package mutating func keepNucleus(_ share: Float, logSum: Float) {
        var sum: Float = 0
        let last = keys.firstIndex { key in
            sum += exp(key.logit - logSum)
            return sum >= share
        }
        keys.removeLast(keys.count - ((last ?? keys.count - 1) + 1))
    }

    /// Keeps the tokens at least `share` times as likely as the likeliest.
    ///
    /// - SeeAlso: [Nguyen et al. 2025](https://arxiv.org/abs/2407.01082), section 3.
    package mutating func keepComparable(_ share: Float) {
        let floor = keys[0].logit + log(share)
        let last = keys.lastIndex { $0.logit >= floor } ?? 0
        keys.removeLast(keys.count - (last + 1))
    }

    /// The logarithm of the sum of exp(logit).
    package var logSum: Float {
        let greatest = keys[0].logit
        return greatest + log(keys.reduce(0) { $0 + exp($1.logit - greatest) })
    }
}

/// A logit and its token in one number, greater where the token is likelier.
private struct Rank: Comparable {
    private let bits: UInt64

    /// A logit that is not a number counts as −∞.
    init(logit: Float, token: Int32) {
        let pattern = (logit.isNaN ? -Float.infinity : logit + 0).bitPattern
        // Floats in the order of their values become integers in the order of theirs.
        let ordered = pattern & 0x8000_0000 == 0 ? pattern | 0x8000_0000 : ~pattern
        bits = UInt64(ordered) << 32 | UInt64(~UInt32(bitPattern: token))
    }

    var logit: Float {
        let ordered = UInt32(truncatingIfNeeded: bits >> 32)
        return Float(bitPattern: ordered & 0x8000_0000 == 0 ? ~ordered : ordered ^ 0x8000_0000)
    }

    var token: Int32 { Int32(bitPattern: ~UInt32(truncatingIfNeeded: bits)) }

    static func < (a: Rank, b: Rank) -> Bool { a.bits < b.bits }
}

extension UnsafeBufferPointer<Float> {
    /// The first index of the greatest element. NaN is passed over; the index is 0 if there is nothing else.
    var indexOfGreatest: Int {
        var (best, greatest) = (0, -Float.infinity)
        for (index, value) in enumerated() where value > greatest { (best, greatest) = (index, value) }
        return best
    }
}

/// A token and how probable the model finds it.
public struct TokenProbability: Sendable, Hashable {
    /// The token's id.
    public var token: Int32
    /// The logarithm of its probability, nats.
    public var logProbability: Float

    /// A token with the logarithm of its probability.
    public init(token: Int32, logProbability: Float) {
        self.token = token
        self.logProbability = logProbability
    }
}

/// A token that was generated, with how probable it was.
public struct GeneratedToken: Sendable, Hashable {
    /// The token's id.
    public let token: Int32
    /// The logarithm of its probability under the model, whatever the sampling, nats.
    public let logProbability: Float
    /// The likeliest tokens in its place, as many as were asked for, likeliest first.
    public let alternatives: [TokenProbability]
}
