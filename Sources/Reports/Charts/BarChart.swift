public import Formatting

/// One figure of several models as bars, with the interval of each.
public struct BarChart: Sendable {
    /// One bar.
    public struct Bar: Sendable {
        /// Whose figure it is.
        public var name: String
        /// The figure.
        public var estimate: Estimate

        /// A bar.
        public init(_ name: String, _ estimate: Estimate) {
            self.name = name
            self.estimate = estimate
        }
    }

    /// The measure.
    public var title: String
    /// The bars, from top to bottom.
    public var bars: [Bar]
    /// The format of the figures; bars of `.percent` reach from 0 to 1.
    public var style: NumberStyle
    /// The direction in which figures are better; nil where neither is.
    public var direction: Direction?
    /// A figure to reach, marked in the chart.
    public var target: Double?
    /// A sentence for the reader.
    public var note: String

    /// A bar chart.
    public init(
        _ title: String, bars: [Bar], style: NumberStyle = .percent, direction: Direction? = nil,
        target: Double? = nil, note: String = ""
    ) {
        self.title = title
        self.bars = bars
        self.style = style
        self.direction = direction
        self.target = target
        self.note = note
    }

    /// Writes the chart as a figure: a table whose middle column holds the bars.
    func write(to markup: inout Markup) {
        let scale = scale
        Figure(title: title, subtitle: subtitle, note: note).write(to: &markup) {
            $0.element("table", ["class": "bars"]) {
                for (index, bar) in bars.enumerated() { write(bar, number: index, on: scale, to: &$0) }
            }
        }
    }

    private var subtitle: String {
        guard let target else { return direction.map { "\($0.arrow) \($0.words)" } ?? "" }
        switch direction {
        case .higherIsBetter: return "↑ goal: over \(style.string(target))"
        case .lowerIsBetter: return "↓ goal: under \(style.string(target))"
        case nil: return "goal: \(style.string(target))"
        }
    }

    /// Bars begin at zero, or reach to the left of it.
    private var scale: Scale {
        if style == .percent { return Scale(0...1, ticks: 2) }
        let ends = bars.flatMap { bar -> [Double] in
            [bar.estimate.value, bar.estimate.interval?.lowerBound, bar.estimate.interval?.upperBound]
                .compactMap(\.self)
        }
        let values = (ends + [0, target ?? 0]).filter(\.isFinite)
        let (low, high) = (values.min() ?? 0, values.max() ?? 1)
        return Scale(low < high ? low...high : 0...1, ticks: 2)
    }

    private func write(_ bar: Bar, number: Int, on scale: Scale, to markup: inout Markup) {
        let isBest = direction?.best(of: bars.map(\.estimate.value)) == bar.estimate.value
        markup.element("tr", ["class": "s\(number % 6)"]) {
            $0.element("th", ["scope": "row"]) { $0.element("bdi", bar.name) }
            $0.element("td") {
                $0.element("svg", ["aria-hidden": "true"]) { draw(bar.estimate, on: scale, into: &$0) }
            }
            $0.element("td", ["class": isBest ? "best" : nil]) {
                $0.text(style.string(bar.estimate.value))
                if let spread = bar.estimate.spread(in: style) {
                    $0.text(" ")
                    $0.element("small", spread)
                }
            }
        }
    }

    private func draw(_ estimate: Estimate, on scale: Scale, into markup: inout Markup) {
        guard let end = scale(estimate.value), let zero = scale(0) else { return }
        markup.leaf(
            "rect",
            [
                "class": "bar", "x": Plot.percent(min(zero, end)), "width": Plot.percent(abs(end - zero)),
                "y": "20%", "height": "60%",
            ])
        if let target, let place = scale(target).map(Plot.percent) {
            markup.leaf("line", ["class": "target", "x1": place, "x2": place, "y2": "100%"])
        }
        guard let interval = estimate.interval, let low = scale(interval.lowerBound).map(Plot.percent),
            let high = scale(interval.upperBound).map(Plot.percent)
        else { return }
        markup.element("g", ["class": "whisker"]) {
            $0.leaf("line", ["x1": low, "x2": high, "y1": "50%", "y2": "50%"])
            for end in [low, high] { $0.leaf("line", ["x1": end, "x2": end, "y1": "32%", "y2": "68%"]) }
        }
    }
}
