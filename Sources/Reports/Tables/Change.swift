public import Formatting

/// A figure of a model beside that of the model it was made from: what the training between them changed.
///
///     Change("invented about unknown people", from: .init("SFT", sft), to: .init("DPO", dpo), direction: .lowerIsBetter)
public struct Change: Sendable {
    /// The figure of one model.
    public struct Figure: Sendable {
        /// The model.
        public var model: String
        /// The figure.
        public var estimate: Estimate

        /// The figure of a model.
        public init(_ model: String, _ estimate: Estimate) {
            self.model = model
            self.estimate = estimate
        }
    }

    /// The measure.
    public var title: String
    /// The figure before.
    public var before: Figure
    /// The figure after.
    public var after: Figure
    /// Figures of other models, to compare with.
    public var others: [Figure]
    /// The format of the figures.
    public var style: NumberStyle
    /// The direction in which figures are better.
    public var direction: Direction

    /// A change of a figure.
    public init(
        _ title: String, from before: Figure, to after: Figure, others: [Figure] = [],
        style: NumberStyle = .percent, direction: Direction
    ) {
        self.title = title
        self.before = before
        self.after = after
        self.others = others
        self.style = style
        self.direction = direction
    }

    /// Better or worse where the intervals are apart; else it may be chance.
    public var verdict: Verdict {
        guard let old = before.estimate.interval, let new = after.estimate.interval else {
            return Verdict("intervals unknown", .neutral)
        }
        if old.overlaps(new) { return Verdict("may be chance: the intervals overlap", .neutral) }
        let isBetter = (new.lowerBound > old.upperBound) == (direction == .higherIsBetter)
        return isBetter ? Verdict("better beyond chance", .good) : Verdict("worse beyond chance", .bad)
    }

    /// Writes changes side by side.
    static func write(_ changes: [Change], to markup: inout Markup) {
        markup.element("ul", ["class": "changes"]) {
            for change in changes { $0.element("li") { change.write(to: &$0) } }
        }
        markup.newline()
    }

    private func write(to markup: inout Markup) {
        markup.element("h3", title)
        markup.element("p", ["class": "change"]) {
            write(before, to: &$0)
            $0.element("span", ["class": "to", "role": "img", "aria-label": "then"], "→")
            write(after, to: &$0)
        }
        markup.element("p", ["class": "finding"]) { verdict.write(to: &$0) }
        guard !others.isEmpty else { return }
        markup.element("p", ["class": "note"]) {
            for (index, other) in others.enumerated() {
                if index > 0 { $0.text(", ") }
                $0.text("\(other.model) \(style.string(other.estimate.value))")
                if let spread = other.estimate.spread(in: style) { $0.text(" (\(spread))") }
            }
        }
    }

    private func write(_ figure: Figure, to markup: inout Markup) {
        markup.element("span") {
            $0.element("bdi", figure.model)
            $0.text(" ")
            $0.element("b", style.string(figure.estimate.value))
            $0.text(" ")
            $0.element("small", figure.estimate.spread(in: style) ?? "")
        }
    }
}
