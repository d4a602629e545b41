import Reports
import Testing

@Suite struct CurveTests {
    @Test(arguments: [1, 7, 64, 1_000, 100_003])
    func thinningKeepsEndsAndExtremes(count: Int) {
        var noise = Noise(seed: UInt64(count))
        let points = (0..<count).map { (Double($0), noise.next()) }
        let curve = Curve(points, capacity: 64)
        let thinned = curve.thinned(to: 10)
        for curve in [curve, thinned] {
            #expect(curve.count == count)
            #expect(curve.lowest?.y == points.map(\.1).min() && curve.highest?.y == points.map(\.1).max())
            #expect(curve.kept.first?.y == points[0].1 && curve.kept.last?.y == points[count - 1].1)
            #expect(zip(curve.kept, curve.kept.dropFirst()).allSatisfy { $0.x <= $1.x })
        }
        #expect(curve.kept.count <= 2 * 64 + 2 && thinned.kept.count <= 2 * 10 + 2)
    }

    @Test func valuesThatAreNotFiniteAreLeftOut() {
        let curve = Curve([(1, .nan), (2, 5), (3, .infinity), (.nan, 1), (4, 1e200), (5, 6)])
        #expect(curve.count == 2 && curve.leftOut == 4 && curve.last?.y == 6)
    }

    @Test func resumedRunTakesThePlaceOfWhatWasLost() {
        var curve = Curve((1...10).map { (Double($0), 1) })
        for step in 8...12 { curve.append(x: Double(step), y: 2) }
        #expect(curve.count == 12)
        #expect(curve.kept.filter { $0.x == 9 }.allSatisfy { $0.y == 2 })
    }

    @Test func smoothingKeepsAStraightLine() {
        let curve = Curve((0...5_000).map { (Double($0), 3 - 0.0005 * Double($0)) })
        for point in curve.smoothed() { #expect(abs(point.y - (3 - 0.0005 * point.x)) < 1e-6) }
    }

    @Test func smoothingStaysWithinWhatWasMeasured() {
        let curve = Curve((0..<400).map { (Double($0), $0 < 3 ? 1_000 : 1) })
        #expect(curve.smoothed().allSatisfy { (1...1_000).contains($0.y) })
        #expect(Curve([(1, 1)]).smoothed().count == 1 && Curve().smoothed().isEmpty)
        #expect(Curve([(1, 1), (1, 2), (1, 3)]).smoothed().allSatisfy { $0.y.isFinite })
    }
}
