/// A token of a text and how probable the model found it.
public struct ScoredToken: Hashable, Sendable {
    /// The token's text.
    public var text: String
    /// Its probability given what stands before it, 0…1; nil where the model was not asked.
    public var probability: Double?

    /// A token with its probability.
    public init(_ text: String, probability: Double?) {
        self.text = text
        self.probability = probability
    }

    /// Writes tokens one after another: the less probable, the stronger the background; the figure on hover.
    ///
    /// Neighbours with the same figure as printed share a tag, so that long certain stretches cost little.
    static func write(_ tokens: [ScoredToken], limit: Int = 800, to markup: inout Markup) {
        for token in tokens.prefix(limit) {
            guard let probability = token.probability, probability.isFinite else {
                markup.text(token.text)
                continue
            }
            let share = min(1, max(0, probability))
            // Nine levels by the logarithm: 1 for one half, 9 for one in five hundred.
            let level = share > 0 ? min(9, Int(surprise(share).rounded())) : 9
            let title = NumberStyle.percent.string(share)
            markup.element("span", ["class": level > 0 ? "t\(level)" : nil, "title": title], token.text)
        }
        if tokens.count > limit { markup.text("… (\(tokens.count - limit) more tokens)") }
    }

    /// In bits: how often one halves 1 to get the probability.
    private static func surprise(_ probability: Double) -> Double {
        var (bits, rest) = (0.0, probability)
        while rest <= 0.5, bits < 9 { (bits, rest) = (bits + 1, rest * 2) }
        return bits + 2 * (1 - rest)
    }
}
