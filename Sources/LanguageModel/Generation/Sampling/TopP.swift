import Foundation

extension TokenCandidates {
    /// Keeps the fewest likeliest tokens whose probabilities add up to at least `share`.
    ///
    /// - SeeAlso: [Holtzman et al. 2020](https://arxiv.org/abs/1904.09751), section 3.1.
    mutating func keepNucleus(_ share: Float) {
        guard share < 1 else { return }
        sort()
        let greatest = greatest
        let weights = logits.map { exp($0 - greatest) }
        let total = weights.reduce(0, +)
        var sum: Float = 0
        let last = weights.firstIndex { weight in
            sum += weight
            return sum >= share * total
        }
        keepLikeliest((last ?? tokens.count - 1) + 1)
    }
}
