import Foundation

/// A format of numbers.
///
/// The first styles are those of printed pages, with narrow spaces and minus signs; the last ones are plain text for
/// terminals and Markdown.
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
    /// A number of bytes in decimal units: `1.29 GB`.
    case bytes
    /// A time in seconds: `4 min 12 s`.
    case duration
    /// A count with a suffix, in plain text: `950`, `38.2k`, `1.4M`, `2.0G`.
    case short
    /// A time in seconds, as a clock shows it: `0:41`, `12:05`, `3:20:00`.
    case clock
    /// A number of bytes of memory, in plain text: `412 MB`, `1.9 GB`, `4,200 GB`.
    case memory
    /// A number of bytes of a file, in plain text, to a hundredth or a tenth of the unit: `850 bytes`, `1.29 GB`.
    case size

    /// Returns a number in this style; `–` if it is not finite.
    public func string(_ value: Double) -> String {
        guard value.isFinite else { return "–" }
        switch self {
        case .significant(let digits): return Self.significant(value, digits: max(1, min(15, digits)))
        case .fixed(let digits): return Self.fixed(value, digits: max(0, min(15, digits)))
        case .integer: return Self.fixed(value, digits: 0)
        case .percent: return Self.fixed(value * 100, digits: 1) + "\u{202F}%"
        case .compact: return Self.scaled(value, by: 1_000, units: ["", "k", "M", "G", "T"])
        case .bytes: return Self.scaled(value, by: 1_000, units: ["B", "kB", "MB", "GB", "TB"])
        case .duration: return Self.duration(value)
        case .short: return Self.short(value)
        case .clock: return Self.clock(value)
        case .memory: return Self.memory(value)
        case .size: return Self.size(value)
        }
    }

    /// The reach of an interval beside its value, without the unit.
    package func reach(_ value: Double) -> String {
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
    package static func scientific(_ value: Double, digits: Int) -> String {
        let parts = exponential(value, digits - 1).split(separator: "e")
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
        let parts = printed(abs(value), as: "f", digits).split(separator: ".")
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

// MARK: Plain text

extension NumberStyle {
    private static func short(_ value: Double) -> String {
        for (limit, unit) in [(1e9, "G"), (1e6, "M"), (1e3, "k")] where value >= limit {
            return Formatting.fixed(value / limit, value < 100 * limit ? 1 : 0) + unit
        }
        return Formatting.fixed(value, value < 10 ? 1 : 0)
    }

    private static func clock(_ seconds: Double) -> String {
        let whole = Int(min(1e15, max(0, seconds)).rounded())
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }
        let (hours, minutes) = (whole / 3600, whole / 60 % 60)
        return hours > 0
            ? "\(hours):\(two(minutes)):\(two(whole % 60))" : "\(minutes):\(two(whole % 60))"
    }

    private static func memory(_ bytes: Double) -> String {
        if bytes >= 1e12 { return grouped(Int(min(1e18, bytes / 1e9))) + " GB" }
        return bytes >= 1e9
            ? Formatting.fixed(bytes / 1e9, 1) + " GB" : Formatting.fixed(bytes / 1e6, 0) + " MB"
    }

    private static func size(_ bytes: Double) -> String {
        var value = bytes
        for unit in ["bytes", "kB", "MB", "GB"] {
            if value < 1_000 {
                return unit == "bytes" ? counted(Int(bytes), "byte") : "\(rounded(value)) \(unit)"
            }
            value /= 1_000
        }
        return "\(rounded(value)) TB"
    }

    /// The shortest text of a number rounded to a hundredth, or from 10 on to a tenth.
    package static func rounded(_ value: Double) -> String {
        value < 10 ? shortest((value * 100).rounded() / 100) : shortest((value * 10).rounded() / 10)
    }
}
