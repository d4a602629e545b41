/// A line of points of any length in bounded memory: neighbors are put together where there are too many, and
/// of each such stretch its mean and its extremes are kept.
///
///     var curve = Curve()
///     for (step, loss) in losses { curve.append(x: step, y: loss) }
public struct Curve: Hashable, Sendable {
    /// One point of the line.
    public struct Point: Hashable, Sendable {
        /// The place on the horizontal axis.
        public var x: Double
        /// The value measured there.
        public var y: Double
    }

    /// Neighboring points.
    struct Stretch: Hashable, Sendable {
        var first, last, lowest, highest: Point
        var count = 1.0
        var sum: Point

        init(_ point: Point) {
            (first, last, lowest, highest, sum) = (point, point, point, point, point)
        }

        var mean: Point { Point(x: sum.x / count, y: sum.y / count) }

        /// The extremes in their order; once where they are the same point.
        var corners: [Point] {
            if lowest == highest { return [lowest] }
            return lowest.x <= highest.x ? [lowest, highest] : [highest, lowest]
        }

        mutating func join(_ next: Stretch) {
            last = next.last
            if next.lowest.y < lowest.y { lowest = next.lowest }
            if next.highest.y > highest.y { highest = next.highest }
            count += next.count
            sum = Point(x: sum.x + next.sum.x, y: sum.y + next.sum.y)
        }
    }

    /// The most stretches that are kept.
    let capacity: Int
    /// In order of x.
    private(set) var stretches: [Stretch] = []
    /// The number of points in each stretch.
    private var pointsPerStretch = 1.0
    /// The number of points that were appended and are drawn.
    public private(set) var count = 0
    /// The number of points left out since they had no finite value.
    public private(set) var leftOut = 0

    /// An empty line that keeps at most this many stretches, at least two.
    public init(capacity: Int = 512) { self.capacity = max(2, capacity) }

    /// A line through points.
    public init(_ points: some Sequence<(Double, Double)>, capacity: Int = 512) {
        self.init(capacity: capacity)
        for (x, y) in points { append(x: x, y: y) }
    }

    /// Goes on with a point.
    ///
    /// One that is not finite, or greater than any figure of a training run, is counted in `leftOut`. One that
    /// stands before the last takes the place of all from there on, as when a run was resumed.
    ///
    /// - Complexity: O(1), amortised.
    public mutating func append(x: Double, y: Double) {
        guard abs(x) < 1e30, abs(y) < 1e30 else {
            leftOut += 1
            return
        }
        let point = Point(x: x, y: y)
        if let last = stretches.last, x < last.last.x { removeAll(from: x) }
        count += 1
        if let last = stretches.indices.last, stretches[last].count < pointsPerStretch {
            stretches[last].join(Stretch(point))
        } else {
            if stretches.count == capacity { join(by: 2) }
            stretches.append(Stretch(point))
        }
    }

    /// The last point; nil where there is none.
    public var last: Point? { stretches.last?.last }
    /// The first point; nil where there is none.
    public var first: Point? { stretches.first?.first }
    /// The lowest point; nil where there is none.
    public var lowest: Point? { stretches.map(\.lowest).min { $0.y < $1.y } }
    /// The highest point; nil where there is none.
    public var highest: Point? { stretches.map(\.highest).max { $0.y < $1.y } }
    /// The sum of the values.
    public var total: Double { stretches.reduce(0) { $0 + $1.sum.y } }
    /// The middle one of the values, of stretches' means in a long line; nil where there is none.
    public var median: Double? {
        let means = stretches.map(\.mean.y).sorted()
        return means.isEmpty ? nil : means[means.count / 2]
    }

    /// The points that are kept: the ends and each stretch's extremes.
    package var kept: [Point] {
        guard let first, let last else { return [] }
        return [first] + stretches.flatMap(\.corners) + [last]
    }

    /// True if two lines differ by no more than the rounding of their figures.
    func isNearly(_ other: Curve) -> Bool {
        let (own, others) = (kept, other.kept)
        guard own.count == others.count else { return false }
        let rounding = 1e-5 * (own.map { abs($0.y) }.max() ?? 0)
        return zip(own, others).allSatisfy { $0.x == $1.x && abs($0.y - $1.y) <= rounding }
    }

    /// The same line in at most this many stretches.
    package func thinned(to limit: Int) -> Curve {
        var copy = self
        copy.join(by: (stretches.count + max(1, limit) - 1) / max(1, limit))
        return copy
    }

    /// The same line in another unit.
    func scaled(by factor: Double) -> Curve {
        func scaled(_ point: Point) -> Point { Point(x: point.x, y: point.y * factor) }
        var copy = self
        for index in copy.stretches.indices {
            copy.stretches[index].first = scaled(stretches[index].first)
            copy.stretches[index].last = scaled(stretches[index].last)
            copy.stretches[index].lowest = scaled(stretches[index].lowest)
            copy.stretches[index].highest = scaled(stretches[index].highest)
            copy.stretches[index].sum = scaled(stretches[index].sum)
        }
        return copy
    }

    /// Joins each `factor` neighboring stretches.
    private mutating func join(by factor: Int) {
        guard factor > 1 else { return }
        var joined: [Stretch] = []
        joined.reserveCapacity(capacity)
        for (index, stretch) in stretches.enumerated() {
            if index % factor == 0 { joined.append(stretch) } else { joined[index / factor].join(stretch) }
        }
        stretches = joined
        pointsPerStretch *= Double(factor)
    }

    /// Forgets what stands at `x` or after it; a stretch that begins before it stays.
    private mutating func removeAll(from x: Double) {
        while let last = stretches.last, last.first.x >= x {
            count -= Int(last.count)
            stretches.removeLast()
        }
    }
}
