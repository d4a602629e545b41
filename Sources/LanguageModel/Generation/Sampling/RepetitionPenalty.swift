/// Makes tokens that have occurred less likely.
///
///     z > 0:  z / penalty        z ≤ 0:  z · penalty
///
/// - SeeAlso: [Keskar et al. 2019](https://arxiv.org/abs/1909.05858), section 4.1; multiplying where negative is the
///   correction that everyone makes.
func penalize(_ occurred: Set<Int32>, by penalty: Float, in logits: inout [Float]) {
    for token in occurred where logits.indices.contains(Int(token)) {
        let logit = logits[Int(token)]
        logits[Int(token)] = logit > 0 ? logit / penalty : logit * penalty
    }
}
