import Foundation

/// A format of numbers.
public enum NumberStyle: Hashable, Sendable {
    /// With this many significant digits: `2.314`, `0.00031` as `3.1e−4`, `12 400`.
    case significant(Int)
    /// With this many digits after the point.
    case fixed(Int)
    /// Rounded to a whole number, in groups of three: `12 400`.
    case integer
    /// A share of one, in percent with one digit after the point: `93.1 %`.
    case percent
    /// A count with a suffix: `1.24 M`.
    case compact
    /// Bytes in binary units: `1.2 GiB`.
    case bytes
    /// A time in seconds: `4 min 12 s`.
    case duration

    /// The number in this style; `–` where it is none.
    public func string(_ value: Double) -> String {
        guard value.isFinite else { return "–" }
        switch self {
        case .significant(let digits): return Self.significant(value, digits: max(1, min(15, digits)))
        case .fixed(let digits): return Self.fixed(value, digits: max(0, min(15, digits)))
        case .integer: return Self.fixed(value, digits: 0)
        case .percent: return Self.fixed(value * 100, digits: 1) + "\u{202F}%"
        case .compact: return Self.scaled(value, by: 1_000, units: ["", "k", "M", "G", "T"])
        case .bytes: return Self.scaled(value, by: 1_024, units: ["B", "KiB", "MiB", "GiB", "TiB"])
        case .duration: return Self.duration(value)
        }
    }

    /// The reach of an interval beside its value, without the unit.
    func reach(_ value: Double) -> String {
        switch self {
        case .percent: Self.fixed(value * 100, digits: 1)
        case .significant: Self.significant(value, digits: 2)
        default: string(value)
        }
    }

    private static func significant(_ value: Double, digits: Int) -> String {
        guard value != 0 else { return "0" }
        let exponent = Int(floor(log10(abs(value))))
        if exponent < -3 || exponent > 9 { return scientific(value, digits: digits) }
        return fixed(value, digits: max(0, digits - 1 - exponent))
    }

    /// `3.1e−4`, without zeros at the mantissa's end.
    static func scientific(_ value: Double, digits: Int) -> String {
        let parts = String(format: "%.*e", digits - 1, value).split(separator: "e")
        guard parts.count == 2, let exponent = Int(parts[1]) else { return "–" }
        var mantissa = parts[0]
        if mantissa.contains(".") {
            while mantissa.hasSuffix("0") { mantissa.removeLast() }
            if mantissa.hasSuffix(".") { mantissa.removeLast() }
        }
        return "\(mantissa)e\(exponent)".replacing("-", with: "−")
    }

    private static func fixed(_ value: Double, digits: Int) -> String {
        guard abs(value) < 1e15 else { return scientific(value, digits: 3) }
        let parts = String(format: "%.*f", digits, abs(value)).split(separator: ".")
        let isZero = parts.allSatisfy { $0.allSatisfy { $0 == "0" } }
        var whole = ""
        for (index, digit) in parts[0].enumerated() {
            let left = parts[0].count - index
            if index > 0, left % 3 == 0, parts[0].count > 4 { whole += "\u{202F}" }
            whole.append(digit)
        }
        return (value < 0 && !isZero ? "−" : "") + whole + (parts.count > 1 ? "." + parts[1] : "")
    }

    private static func scaled(_ value: Double, by base: Double, units: [String]) -> String {
        var (rest, unit) = (value, 0)
        // 999.6 reads as 1 000 of its unit.
        while abs(rest) >= base - 0.5, unit < units.count - 1 { (rest, unit) = (rest / base, unit + 1) }
        let digits =
            unit == 0 ? (rest == rest.rounded() ? 0 : 1) : abs(rest) < 10 ? 2 : abs(rest) < 100 ? 1 : 0
        return fixed(rest, digits: digits) + (units[unit].isEmpty ? "" : "\u{202F}" + units[unit])
    }

    private static func duration(_ seconds: Double) -> String {
        guard abs(seconds) >= 9.95 else { return fixed(seconds, digits: 1) + "\u{202F}s" }
        guard abs(seconds) < 1e12 else { return scientific(seconds, digits: 2) + "\u{202F}s" }
        let whole = Int(abs(seconds).rounded())
        let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
        let sign = seconds < 0 ? "−" : ""
        if hours > 0 { return "\(sign)\(hours)\u{202F}h \(minutes)\u{202F}min" }
        return sign + (minutes > 0 ? "\(minutes)\u{202F}min \(rest)\u{202F}s" : "\(rest)\u{202F}s")
    }
}

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
