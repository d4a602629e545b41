/// How many of a number of cases came out right.
public struct Proportion: Sendable, Equatable {
    /// Cases that came out right.
    public var hits: Int
    /// All cases.
    public var count: Int

    /// `hits` of `count`.
    public init(hits: Int = 0, of count: Int = 0) {
        self.hits = hits
        self.count = count
    }

    /// Counts one more case.
    public mutating func count(_ isHit: Bool) {
        hits += isHit ? 1 : 0
        count += 1
    }

    /// The share that came out right, 0…1; not a number for no cases.
    public var value: Double { Double(hits) / Double(count) }

    /// The share that came out right, 0…1; nil for no cases.
    public var share: Double? { count > 0 ? value : nil }

    /// Where the true share lies with 95 % confidence; all of 0…1 for no cases.
    ///
    ///     (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n)
    ///
    /// - SeeAlso: [Wilson 1927](https://doi.org/10.1080/01621459.1927.10502953).
    public var interval: ClosedRange<Double> {
        guard count > 0 else { return 0...1 }
        let (n, z) = (Double(count), 1.959963984540054)
        let center = value + z * z / (2 * n)
        let reach = z * (value * (1 - value) / n + z * z / (4 * n * n)).squareRoot()
        let scale = 1 + z * z / n
        return max(0, (center - reach) / scale)...min(1, (center + reach) / scale)
    }
}
