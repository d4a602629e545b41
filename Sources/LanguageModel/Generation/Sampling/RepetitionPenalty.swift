extension TokenCandidates {
    /// Makes tokens that have occurred less likely.
    ///
    ///     z > 0:  z / penalty        z ≤ 0:  z · penalty
    ///
    /// - SeeAlso: [Keskar et al. 2019](https://arxiv.org/abs/1909.05858), section 4.1; multiplying where negative is
    ///   the correction that everyone makes.
    mutating func penalize(_ occurred: Set<Int32>, by penalty: Float) {
        guard penalty != 1 else { return }
        for token in occurred {
            adjust(token) { logit in logit = logit > 0 ? logit / penalty : logit * penalty }
        }
    }
}
