import Formatting

/// A measured figure with its confidence interval.
public struct Estimate: Hashable, Sendable {
    /// The figure.
    public var value: Double
    /// The 95 % confidence interval of the figure; nil where it is not known.
    public var interval: ClosedRange<Double>?

    /// A figure with its interval.
    public init(_ value: Double, interval: ClosedRange<Double>? = nil) {
        self.value = value
        self.interval = interval
    }

    /// The interval as it is printed behind the value: `± 1.4`, or `91.5–94.2` where the interval is lopsided.
    func spread(in style: NumberStyle) -> String? {
        guard let interval, value.isFinite, interval.lowerBound.isFinite, interval.upperBound.isFinite else {
            return nil
        }
        let (below, above) = (
            style.reach(value - interval.lowerBound), style.reach(interval.upperBound - value)
        )
        if below == above { return "± \(above)" }
        return "\(style.reach(interval.lowerBound))–\(style.reach(interval.upperBound))"
    }
}

/// The direction in which a figure is better.
public enum Direction: Hashable, Sendable {
    /// The greater one.
    case higherIsBetter
    /// The smaller one.
    case lowerIsBetter

    /// An arrow to where it is better.
    var arrow: String { self == .higherIsBetter ? "↑" : "↓" }

    /// The arrow in words.
    var words: String { self == .higherIsBetter ? "higher is better" : "lower is better" }

    /// The best of some values; nil where there are not two to compare.
    func best(of values: [Double]) -> Double? {
        let finite = values.filter(\.isFinite)
        guard finite.count > 1 else { return nil }
        return self == .higherIsBetter ? finite.max() : finite.min()
    }
}
