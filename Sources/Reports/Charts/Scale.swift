import Foundation

/// Maps figures to a share of an axis.
struct Scale: Equatable {
    /// The figures at the axis' ends.
    let range: ClosedRange<Double>
    /// Whether equal ratios, not equal differences, have equal lengths.
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
    /// A linear one begins at zero when the figures come near it.
    init(around values: [Double], isLogarithmic: Bool = false, ticks limit: Int) {
        let values = values.filter { $0.isFinite && (!isLogarithmic || $0 > 0) }
        guard let low = values.min(), let high = values.max() else {
            self.init(0...1, ticks: limit)
            return
        }
        if isLogarithmic {
            let room = low == high ? 2 : pow(high / low, 0.04)
            self.init(low / room...high * room, isLogarithmic: true, ticks: limit)
        } else if low == high {
            let room = low == 0 ? 1 : abs(low) * 0.1
            self.init(low - room...high + room, ticks: limit)
        } else {
            let room = (high - low) * 0.05
            let bottom = low >= 0 && low < 0.3 * high ? 0 : low - room
            let top = high <= 0 && high > 0.3 * low ? 0 : high + room
            self.init(bottom...top, ticks: limit)
        }
    }

    /// Where a figure stands, 0 at the axis' beginning and 1 at its end; nil where it has no place.
    func callAsFunction(_ value: Double) -> Double? {
        guard value.isFinite, !isLogarithmic || value > 0 else { return nil }
        let (low, high) = (range.lowerBound, range.upperBound)
        let share =
            isLogarithmic ? log(value / low) / log(high / low) : (value - low) / (high - low)
        return share.isFinite ? min(1, max(0, share)) : 0.5
    }
}
