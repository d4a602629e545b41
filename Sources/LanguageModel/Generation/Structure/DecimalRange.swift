internal import JSON

/// The decimals between two bounds, written without an exponent.
///
/// Bounds are counted in units of the last decimal, so that they are compared without rounding. A reader that rounds a text
/// to 64 bits finds it within the bounds too, since rounding keeps the order; for that, an exclusive bound is moved to the
/// next number of 64 bits.
struct DecimalRange {
    /// Digits behind the point.
    let decimals: Int
    /// The number that whole numbers are multiples of.
    let divisor: Int
    private var low: Int128
    private var high: Int128

    /// Digits before the point.
    private static let wholeDigits = 18

    init(decimals: Int, divisor: Int) {
        self.decimals = decimals
        self.divisor = divisor
        high = Self.power(Self.wholeDigits + decimals) - 1
        low = -high
    }

    private static func power(_ exponent: Int) -> Int128 {
        (0..<exponent).reduce(1) { power, _ in power * 10 }
    }

    mutating func narrow(by bound: JSONValue, isLower: Bool, isExclusive: Bool) {
        if isLower {
            low = max(low, units(bound, roundingUp: true, isExclusive: isExclusive))
        } else {
            high = min(high, units(bound, roundingUp: false, isExclusive: isExclusive))
        }
    }

    /// The least number of units that is not below a bound, or the greatest that is not above it.
    private func units(_ bound: JSONValue, roundingUp: Bool, isExclusive: Bool) -> Int128 {
        let limit = Self.power(Self.wholeDigits + decimals)
        let step: Int128 = roundingUp ? 1 : -1
        if decimals == 0, let whole = bound.integer {
            let whole = max(-limit, min(limit, Int128(whole)))
            return isExclusive ? whole + step : whole
        }
        var value = bound.number ?? 0
        if isExclusive { value = roundingUp ? value.nextUp : value.nextDown }
        guard abs(value) < 1e18 else { return value < 0 ? -limit : limit }
        // The shortest decimal that is this number of 64 bits.
        let parts = "\(abs(value))".split(separator: "e")
        let digits = parts[0].split(separator: ".")
        let fraction = digits.count > 1 ? digits[1] : ""
        let mantissa = Int128(digits[0] + fraction) ?? 0
        let shift = (parts.count > 1 ? Int(parts[1]) ?? 0 : 0) - fraction.count + decimals
        var (units, isExact) = (Int128(0), mantissa == 0)
        if shift >= 0 {
            (units, isExact) = (mantissa * Self.power(shift), true)
        } else if shift > -36 {
            let (quotient, rest) = mantissa.quotientAndRemainder(dividingBy: Self.power(-shift))
            (units, isExact) = (quotient, rest == 0)
        }
        let isNegative = value < 0
        if !isExact, isNegative != roundingUp { units += 1 }
        return isNegative ? -units : units
    }

    // MARK: The automaton

    /// A number between the bounds.
    func node(in automaton: inout ByteAutomaton, then next: Int) -> Int {
        var ways: [Int] = []
        var builder = Builder(range: self, next: next)
        if high >= 0, low <= high { ways += builder.numbers(from: max(low, 0), to: high, in: &automaton) }
        if low < 0, low <= high {
            let negative = builder.numbers(from: max(1, -high), to: -low, in: &automaton)
            ways.append(automaton.literal("-", then: automaton.choice(negative)))
        }
        return automaton.choice(ways)
    }

    private struct Builder {
        let range: DecimalRange
        let next: Int
        /// The nodes from which any digits may follow.
        private var free: [Place: Int] = [:]

        private struct Place: Hashable {
            /// Digits before the point that are still to come.
            let whole: Int
            let decimals: Int
            let remainder: Int
        }

        init(range: DecimalRange, next: Int) { (self.range, self.next) = (range, next) }

        /// The first nodes of the numbers of each length.
        mutating func numbers(from low: Int128, to high: Int128, in automaton: inout ByteAutomaton) -> [Int] {
            (1...DecimalRange.wholeDigits).compactMap { length in
                let least = length == 1 ? 0 : DecimalRange.power(length - 1 + range.decimals)
                let most = DecimalRange.power(length + range.decimals) - 1
                let (low, high) = (max(low, least), min(high, most))
                guard low <= high else { return nil }
                let place = Place(whole: length, decimals: range.decimals, remainder: 0)
                return node(place, low, high, isFirst: true, in: &automaton)
            }
        }

        /// The rest of a number.
        ///
        /// - Parameters:
        ///   - low: The least that the digits to come may be, as a number.
        ///   - high: The most that they may be.
        private mutating func node(
            _ place: Place, _ low: Int128, _ high: Int128, isFirst: Bool = false, hasPoint: Bool = false,
            in automaton: inout ByteAutomaton
        ) -> Int {
            let unit = DecimalRange.power(place.whole + place.decimals)
            let isFree = !isFirst && !hasPoint && low == 0 && high == unit - 1
            if isFree, let node = free[place] { return node }
            var edges: [ByteAutomaton.Edge] = []
            let isWhole = place.whole > 0 || hasPoint || place.decimals < range.decimals
            if isWhole, place.whole + place.decimals > 0 {
                let digit = unit / 10
                for value in Int(low / digit)...Int(high / digit) {
                    let begin = Int128(value) * digit
                    let remainder = place.whole > 0 ? (place.remainder * 10 + value) % range.divisor : 0
                    let following = Place(
                        whole: max(0, place.whole - 1),
                        decimals: place.whole > 0 ? place.decimals : place.decimals - 1, remainder: remainder)
                    let target = node(
                        following, max(0, low - begin), min(digit - 1, high - begin), in: &automaton)
                    let byte = UInt8(0x30 + value)
                    edges.append(.init(bytes: byte...byte, target: target))
                }
            }
            if !isWhole, place.decimals > 0 {
                let fraction = node(place, low, high, hasPoint: true, in: &automaton)
                edges.append(.init(bytes: UInt8(ascii: ".")...UInt8(ascii: "."), target: fraction))
            }
            let digits = automaton.add(.edges(edges))
            let mayEnd = place.whole == 0 && !hasPoint && low == 0 && place.remainder == 0
            let node = mayEnd ? automaton.choice([next, digits]) : digits
            if isFree { free[place] = node }
            return node
        }
    }
}
