import Foundation

extension Curve {
    /// The line without its noise, from its first point to its last: through the neighbors of each place, weighted
    /// by a bell curve, goes a straight line, and its height there is taken. A straight line, unlike a mean, stays
    /// true at the ends. Near the beginning, where runs change fastest, the bell curve is narrow; lone peaks count
    /// for nothing.
    ///
    /// - Parameter count: At how many places the line is known, besides its ends.
    /// - Complexity: O(`count` · n) in the number of stretches at worst.
    /// - SeeAlso: [Cleveland 1979](https://doi.org/10.1080/01621459.1979.10481038), with a bell curve for the tricube and
    ///   one round of robust weights.
    package func smoothed(places count: Int = 120) -> [Point] {
        guard let first, let last, last.x > first.x else { return stretches.map(\.mean) }
        let length = last.x - first.x
        // A fiftieth of the line, but some points of a short one.
        let widest = length * max(0.02, 3 / Double(self.count))
        let places = [first.x] + thinned(to: count).stretches.map(\.mean.x) + [last.x]
        return places.map { x in
            let width = min(widest, max(0.3 * widest, 0.15 * (x - first.x)))
            let near = neighbors(of: x, within: 3 * width)
            let reach = near.map { abs($0.mean.x - x) }.max() ?? 0
            let height = Self.height(at: x, through: near, width: max(width, reach / 2))
            // A steep line may overshoot what was ever measured here.
            let (low, high) = (near.map(\.lowest.y).min() ?? height, near.map(\.highest.y).max() ?? height)
            return Point(x: x, y: min(high, max(low, height)))
        }
    }

    /// The stretches within a distance, or the next few where there are hardly any.
    private func neighbors(of x: Double, within distance: Double) -> ArraySlice<Stretch> {
        func offset(_ index: Int) -> Double { abs(stretches[index].mean.x - x) }
        let near = stretches.filter { abs($0.mean.x - x) < distance }
        if near.count >= 4 { return near[...] }
        let nearest = stretches.indices.min { offset($0) < offset($1) } ?? 0
        return stretches[max(0, nearest - 2)..<min(stretches.count, nearest + 3)]
    }

    private static func height(at x: Double, through near: ArraySlice<Stretch>, width: Double) -> Double {
        let points = near.map { (distance: ($0.mean.x - x) / width, y: $0.mean.y) }
        var weights = zip(near, points).map { $0.count * exp(-$1.distance * $1.distance / 2) }
        let rough = fit(points, weights)
        let residuals = points.map { abs($0.y - rough.height - rough.slope * $0.distance) }
        let scale = 6 * residuals.sorted()[residuals.count / 2]
        guard scale > 0 else { return rough.height }
        for (index, residual) in residuals.enumerated() {
            let share = min(1, residual / scale)
            weights[index] *= (1 - share * share) * (1 - share * share)
        }
        return fit(points, weights).height
    }

    /// The straight line with the least sum of weighted squares: its height at distance 0 and its slope.
    private static func fit(
        _ points: [(distance: Double, y: Double)], _ weights: [Double]
    ) -> (height: Double, slope: Double) {
        var (sum, dx, dxx, y, dxy) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for (point, weight) in zip(points, weights) {
            sum += weight
            dx += weight * point.distance
            dxx += weight * point.distance * point.distance
            y += weight * point.y
            dxy += weight * point.distance * point.y
        }
        let determinant = sum * dxx - dx * dx
        guard determinant > 1e-9 * sum * sum else { return (y / sum, 0) }
        return ((dxx * y - dx * dxy) / determinant, (sum * dxy - dx * y) / determinant)
    }
}
