/// The tokens that may come next and their logits.
///
/// A value that the sampling steps narrow down one after another. While nothing has been dropped the tokens stay in
/// the order of their ids; the first step that drops some sorts the rest, likeliest first, ties by id.
struct TokenCandidates {
    private(set) var tokens: [Int32]
    private(set) var logits: [Float]
    private var isSorted = false

    /// Every token of the vocabulary, by its logit.
    init(_ logits: UnsafeBufferPointer<Float>) {
        self.logits = Array(logits)
        tokens = (0..<Int32(logits.count)).map { $0 }
    }

    /// Changes each logit given.
    mutating func adjust(_ change: (_ token: Int32, _ logit: inout Float) -> Void) {
        for index in logits.indices { change(tokens[index], &logits[index]) }
    }

    /// Changes the logit of one token, while all are still there in order.
    mutating func adjust(_ token: Int32, _ change: (inout Float) -> Void) {
        change(&logits[Int(token)])
    }

    /// Keeps the `count` likeliest.
    mutating func keepLikeliest(_ count: Int) {
        guard count < tokens.count else { return }
        if isSorted {
            tokens.removeLast(tokens.count - count)
            logits.removeLast(logits.count - count)
        } else {
            reorder(Array(order().prefix(count)))
        }
    }

    /// Sorts, likeliest first.
    mutating func sort() {
        if !isSorted { reorder(order()) }
    }

    private func order() -> [Int] {
        tokens.indices.sorted { a, b in
            logits[a] != logits[b] ? logits[a] > logits[b] : tokens[a] < tokens[b]
        }
    }

    private mutating func reorder(_ order: [Int]) {
        tokens = order.map { tokens[$0] }
        logits = order.map { logits[$0] }
        isSorted = true
    }

    /// The greatest logit.
    var greatest: Float { isSorted ? logits[0] : logits.max() ?? -.infinity }
}
