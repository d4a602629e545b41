import Foundation

extension TokenCandidates {
    /// Keeps the tokens at least `share` times as likely as the likeliest.
    ///
    /// - SeeAlso: [Nguyen et al. 2025](https://arxiv.org/abs/2407.01082), section 3.
    mutating func keepComparable(_ share: Float) {
        guard share > 0 else { return }
        let threshold = greatest + log(share)
        sort()
        keepLikeliest(max(1, logits.firstIndex { $0 < threshold } ?? logits.count))
    }
}
