/// How often something happened, with the interval that the true rate lies in.
public struct Proportion: Hashable, Sendable, Codable {
    /// How often it happened.
    public var successes: Double
    /// How often it could have.
    public var trials: Int

    /// So many of so many; halves stand for ties.
    public init(_ successes: Double, of trials: Int) {
        self.successes = successes
        self.trials = trials
    }

    /// How often the elements are true.
    public init(_ outcomes: some Collection<Bool>) {
        self.init(Double(outcomes.count { $0 }), of: outcomes.count)
    }

    /// The rate, in [0, 1]; nil where nothing was tried.
    public var rate: Double? { trials > 0 ? successes / Double(trials) : nil }

    /// Wilson's score interval for the true rate, 95 % unless said otherwise.
    ///
    ///     (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n)
    ///
    /// Unlike p ± z √(p(1 − p)/n), it is right for few trials and for rates near 0 and 1.
    ///
    /// - Parameter z: The normal quantile; 1.96 covers 95 %.
    /// - SeeAlso: [Wilson 1927](https://doi.org/10.1080/01621459.1927.10502953). Departures: none.
    public func interval(z: Double = 1.959_963_984_540_054) -> ClosedRange<Double>? {
        guard let p = rate else { return nil }
        let n = Double(trials)
        let middle = p + z * z / (2 * n)
        let reach = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
        let scale = 1 + z * z / n
        return max(0, (middle - reach) / scale)...min(1, (middle + reach) / scale)
    }
}
