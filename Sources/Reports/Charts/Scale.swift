import Formatting
import Foundation

/// Maps figures to a share of an axis.
struct Scale: Equatable {
    /// The figures at the axis' ends.
    let range: ClosedRange<Double>
    /// True if equal ratios, not equal differences, have equal lengths.
    let isLogarithmic: Bool
    /// The numbers to write along it.
    let ticks: Ticks

    /// A scale whose ends are these figures.
    init(_ range: ClosedRange<Double>, isLogarithmic: Bool = false, ticks limit: Int) {
        self.range = range
        self.isLogarithmic = isLogarithmic && range.lowerBound > 0
        ticks =
            self.isLogarithmic
            ? Ticks(logarithmic: range, atMost: limit) : Ticks(range, atMost: limit)
    }

    /// A scale with room for some figures; those that are not finite, or have no logarithm, are left out.
    ///
    /// A linear one begins at zero when the figures come near it, and reaches over a fifth of the greatest figure: what
    /// hardly changes is drawn as what hardly changes.
    init(around values: [Double], isLogarithmic: Bool = false, ticks limit: Int) {
        let values = values.filter { $0.isFinite && (!isLogarithmic || $0 > 0) }
        guard let low = values.min(), let high = values.max() else {
            self.init(0...1, ticks: limit)
            return
        }
        if isLogarithmic {
            let room = max(pow(high / low, 0.04), (2 / (high / low)).squareRoot())
            self.init(low / room...high * room, isLogarithmic: true, ticks: limit)
        } else if low == 0, high == 0 {
            self.init(-1...1, ticks: limit)
        } else {
            let least = Self.leastShare * max(abs(low), abs(high))
            let room = max((high - low) * 0.05, (least - (high - low)) / 2)
            let bottom = low >= 0 && low < 0.3 * high ? 0 : low - room
            let top = high <= 0 && high > 0.3 * low ? 0 : high + room
            self.init(bottom...top, ticks: limit)
        }
    }

    /// The least length of a linear axis, as a share of its greatest figure.
    private static let leastShare = 0.2

    /// True if lengths along it are not in proportion to figures, as it begins elsewhere than at zero.
    var leavesOutZero: Bool { !isLogarithmic && !range.contains(0) }

    /// The place of a figure, 0 at the axis' beginning and 1 at its end; nil where it has no place.
    func callAsFunction(_ value: Double) -> Double? {
        guard value.isFinite, !isLogarithmic || value > 0 else { return nil }
        let (low, high) = (range.lowerBound, range.upperBound)
        let share =
            isLogarithmic ? log(value / low) / log(high / low) : (value - low) / (high - low)
        return share.isFinite ? min(1, max(0, share)) : 0.5
    }
}

/// The numbers along an axis: 1, 2 or 5 times a power of ten, all written alike.
package struct Ticks: Equatable {
    /// Their places.
    package var values: [Double]
    /// Their labels.
    package var labels: [String]

    /// At most this many ticks, about as many, in a range; at equal distances.
    package init(_ range: ClosedRange<Double>, atMost limit: Int) {
        let span = range.upperBound - range.lowerBound
        guard span > 0, span.isFinite else {
            values = [range.lowerBound]
            labels = [NumberStyle.significant(3).string(range.lowerBound)]
            return
        }
        let rough = span / Double(max(1, limit))
        let power = pow(10, floor(log10(rough)))
        let step =
            [1, 2, 5, 10].map { $0 * power }.first { Self.count($0, in: range) <= limit } ?? 20 * power
        let first = (range.lowerBound / step - 1e-9).rounded(.up)
        values = (0..<Self.count(step, in: range)).map { (first + Double($0)) * step }
        labels = Self.labels(values, step: step)
    }

    /// Powers of ten in a positive range, and 2 and 5 times them where there is room.
    package init(logarithmic range: ClosedRange<Double>, atMost limit: Int) {
        let decades = Int(floor(log10(range.lowerBound)))...Int(ceil(log10(range.upperBound)))
        func ticks(_ mantissas: [Double], every stride: Int = 1) -> [Double] {
            decades.filter { $0 % stride == 0 }
                .flatMap { decade in mantissas.map { $0 * pow(10, Double(decade)) } }
                .filter { range.contains($0) }
        }
        var chosen = [[1, 2, 5], [1, 3], [1]].lazy.map { ticks($0) }.first { $0.count <= limit }
        var stride = 2
        while chosen == nil, stride < 100 {
            let ticks = ticks([1], every: stride)
            if ticks.count <= limit { chosen = ticks }
            stride += 1
        }
        guard let chosen, chosen.count > 1 else {
            self = Ticks(range, atMost: limit)
            return
        }
        values = chosen
        labels = chosen.map { value in
            guard value >= 1e4 else { return NumberStyle.significant(1).string(value) }
            return NumberStyle.compact.string(value).filter { !$0.isWhitespace }.replacing(".00", with: "")
                .replacing(".0", with: "")
        }
    }

    private static func count(_ step: Double, in range: ClosedRange<Double>) -> Int {
        let last = (range.upperBound / step + 1e-9).rounded(.down)
        return max(0, Int(last - (range.lowerBound / step - 1e-9).rounded(.up)) + 1)
    }

    private static func labels(_ values: [Double], step: Double) -> [String] {
        let greatest = values.map(abs).max() ?? 0
        if greatest >= 1e12 || step < 1e-4 {
            return values.map { $0 == 0 ? "0" : NumberStyle.scientific($0, digits: digits($0, step)) }
        }
        for (size, suffix) in [(1e9, "G"), (1e6, "M"), (1e3, "k")] where greatest >= max(size, 1e4) {
            return values.map { value in
                value == 0 ? "0" : NumberStyle.fixed(decimals(step / size)).string(value / size) + suffix
            }
        }
        return values.map { NumberStyle.fixed(decimals(step)).string($0) }
    }

    /// The digits after the point that tell multiples of a step apart.
    private static func decimals(_ step: Double) -> Int { max(0, -Int(floor(log10(step) + 1e-9))) }

    /// The significant digits that tell a value from its neighbors at a step's distance.
    private static func digits(_ value: Double, _ step: Double) -> Int {
        max(1, min(15, Int(floor(log10(abs(value)) + 1e-9)) - Int(floor(log10(step) + 1e-9)) + 1))
    }
}
