/// A named line of a chart.
public struct Series: Sendable {
    /// Its name in the legend.
    public var name: String
    /// Its points.
    public var curve: Curve

    /// A line of any length; see `Curve` for how long ones are thinned.
    public init(_ name: String, _ curve: Curve) {
        self.name = name
        self.curve = curve
    }

    /// A line through points.
    public init(_ name: String, points: some Sequence<(Double, Double)>) {
        self.init(name, Curve(points))
    }

    /// A line through values at 1, 2, 3, ….
    public init(_ name: String, values: some Sequence<Double>) {
        self.init(name, points: values.enumerated().map { (Double($0.offset + 1), $0.element) })
    }
}

/// Lines over a common axis. Long ones are drawn as a pale band of what was measured and a strong smoothed line.
public struct Chart: Sendable {
    /// A figure to compare with, drawn across the chart.
    public struct Reference: Sendable {
        /// The name of the line, such as the loss of a simpler model.
        public var name: String
        /// The figure.
        public var value: Double

        /// A figure to compare with.
        public init(_ name: String, _ value: Double) {
            self.name = name
            self.value = value
        }
    }

    /// The chart's title.
    public var title: String
    /// The label of the horizontal axis.
    public var xLabel: String
    /// The label of the vertical axis, with its unit.
    public var yLabel: String
    /// The lines.
    public var series: [Series]
    /// Figures to compare with.
    public var references: [Reference]
    /// True if equal ratios have equal heights; figures that are not positive are then left out.
    public var isLogarithmic: Bool
    /// The range of the vertical axis; nil to choose it by the figures.
    public var limits: ClosedRange<Double>?
    /// A range that an axis chosen by the figures covers at least: what is small against it is drawn small.
    public var least: ClosedRange<Double>?
    /// True if it is of less interest than others, and is drawn small.
    public var isMinor: Bool
    /// A sentence for the reader.
    public var note: String

    /// A chart of lines.
    public init(
        _ title: String, xLabel: String = "step", yLabel: String = "", series: [Series],
        references: [Reference] = [], isLogarithmic: Bool = false, limits: ClosedRange<Double>? = nil,
        least: ClosedRange<Double>? = nil, isMinor: Bool = false, note: String = ""
    ) {
        self.title = title
        self.xLabel = xLabel
        self.yLabel = yLabel
        self.series = series
        self.references = references
        self.isLogarithmic = isLogarithmic
        self.limits = limits
        self.least = least
        self.isMinor = isMinor
        self.note = note
    }
}
