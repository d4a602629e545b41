import Foundation

extension Curve {
    /// The line without its noise, from its first point to its last: through the neighbours of each place, weighted
    /// by a bell curve, goes a straight line, and its height there is taken. A straight line, unlike a mean, stays
    /// true at the ends. Near the beginning, where runs change fastest, the bell curve is narrow.
    ///
    /// - Parameter count: At how many places the line is known, besides its ends.
    /// - Complexity: O(`count` · n) in the number of stretches at worst.
    /// - SeeAlso: [Fan & Gijbels 1996](https://doi.org/10.1201/9780203748725), local linear regression.
    package func smoothed(places count: Int = 120) -> [Point] {
        guard let first, let last, last.x > first.x else { return stretches.map(\.mean) }
        let length = last.x - first.x
        let places = [first.x] + thinned(to: count).stretches.map(\.mean.x) + [last.x]
        return places.map { x in
            let width = min(0.02 * length, max(0.002 * length, 0.15 * (x - first.x)))
            var near = stretches.filter { abs($0.mean.x - x) < 3 * width }[...]
            if near.count < 4 {
                let nearest =
                    stretches.indices.min { abs(stretches[$0].mean.x - x) < abs(stretches[$1].mean.x - x) }
                    ?? 0
                near = stretches[max(0, nearest - 2)..<min(stretches.count, nearest + 3)]
            }
            let reach = near.map { abs($0.mean.x - x) }.max() ?? 0
            return Point(x: x, y: height(at: x, through: near, width: max(width, reach / 2)))
        }
    }

    private func height(at x: Double, through near: ArraySlice<Stretch>, width: Double) -> Double {
        var (weights, dx, dxx, y, dxy) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for stretch in near {
            let point = stretch.mean
            let distance = (point.x - x) / width
            let weight = stretch.count * exp(-distance * distance / 2)
            weights += weight
            dx += weight * distance
            dxx += weight * distance * distance
            y += weight * point.y
            dxy += weight * distance * point.y
        }
        let determinant = weights * dxx - dx * dx
        let height = determinant > 1e-9 * weights * weights ? (dxx * y - dx * dxy) / determinant : y / weights
        // A steep line may overshoot what was ever measured here.
        let low = near.map(\.lowest.y).min() ?? height
        let high = near.map(\.highest.y).max() ?? height
        return min(high, max(low, height))
    }
}
