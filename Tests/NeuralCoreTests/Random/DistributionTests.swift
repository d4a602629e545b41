import Foundation
import NeuralCore
import Testing

@Suite struct DistributionTests {
    private static let count = 200_000

    @Test func uniformNumbersFollowTheirDistribution() {
        var random = RandomSource(seed: 11)
        let numbers = random.numbers(Self.count, from: .uniform(in: -2..<3))
        #expect(numbers.allSatisfy { (-2..<3).contains($0) })
        expect(numbers, mean: 0.5, variance: 25.0 / 12)
        #expect(kolmogorovDistance(numbers) { ($0 + 2) / 5 } < criticalDistance(Self.count))
    }

    @Test func normalNumbersFollowTheirDistribution() {
        var random = RandomSource(seed: 12)
        let numbers = random.numbers(Self.count, from: .normal(mean: 1, standardDeviation: 3))
        expect(numbers, mean: 1, variance: 9)
        #expect(
            kolmogorovDistance(numbers) { normalShare(below: ($0 - 1) / 3) } < criticalDistance(Self.count))

        let fourth = numbers.map { pow((Double($0) - 1) / 3, 4) }.reduce(0, +) / Double(Self.count)
        // The fourth power of a normal number has mean 3 and variance 96.
        #expect(abs(fourth - 3) < 5 * (96 / Double(Self.count)).squareRoot())
    }

    @Test(arguments: [0.5, 1, 2, 3] as [Float])
    func truncatedNumbersFollowTheirDistribution(limit: Float) {
        var random = RandomSource(seed: 13)
        let numbers = random.numbers(
            Self.count, from: .truncatedNormal(mean: -1, standardDeviation: 2, limit: limit))
        // One rounding of the result may pass the limit.
        #expect(numbers.allSatisfy { abs($0 + 1) <= 2 * limit * (1 + 4e-7) + 1e-6 })
        let least = normalShare(below: -Double(limit))
        let distance = kolmogorovDistance(numbers) {
            (normalShare(below: ($0 + 1) / 2) - least) / (1 - 2 * least)
        }
        #expect(distance < criticalDistance(Self.count))
    }

    @Test func normalNumbersInvertTheDistributionFunction() {
        // One word gives one number, so each number must have the share of its word below it.
        let random = RandomSource(seed: 14)
        var (uniform, normal) = (random, random)
        let shares = uniform.numbers(Self.count, from: .uniform()).map(Double.init)
        for (share, number) in zip(shares, normal.numbers(Self.count, from: .normal())) {
            // A uniform number keeps 24 of the word's 32 bits; seven digits of the normal number move its share
            // by at most φ(z)·z·10⁻⁷.
            #expect(abs(normalShare(below: Double(number)) - share) < 0x1p-24 + 1e-7)
        }
    }

    @Test func categoricalSharesFollowTheirProbabilities() {
        var random = RandomSource(seed: 15)
        let probabilities: [Float] = [0.1, 0, 0.4, 0.5, .nan, -1]
        let logWeights = probabilities.map { $0 > 0 ? log($0) + 1_000 : $0 == 0 ? -.infinity : .nan }
        var counts = [[Int]](repeating: [Int](repeating: 0, count: probabilities.count), count: 2)
        let draws = 50_000
        for _ in 0..<draws {
            counts[0][random.categorical(probabilities: probabilities)!] += 1
            counts[1][random.categorical(logWeights: logWeights)!] += 1
        }
        for (counts, name) in zip(counts, ["probabilities", "logWeights"]) {
            let (statistic, freedom) = chiSquare(counts, probabilities.map { $0 > 0 ? Double($0) : 0 })
            #expect(statistic < 40 && freedom == 2, "\(name): \(counts)")
            #expect(counts[1] == 0 && counts[4] == 0 && counts[5] == 0)
        }
    }

    @Test func nothingIsDrawnFromNothing() {
        var random = RandomSource(seed: 16)
        #expect(random.categorical(probabilities: []) == nil)
        #expect(random.categorical(probabilities: [0, -1, .nan]) == nil)
        #expect(random.categorical(probabilities: [1, .infinity]) == nil)
        #expect(random.categorical(logWeights: []) == nil)
        #expect(random.categorical(logWeights: [-.infinity, .nan]) == nil)
        #expect(random.categorical(logWeights: [1, .infinity]) == nil)
        #expect(random.categorical(logWeights: [-.infinity, -3e38]) == 1)
        #expect(random.categorical(probabilities: [3e38, 3e38, 3e38]) != nil)
    }

    @Test func integersAreEvenlySpread() {
        var random = RandomSource(seed: 17)
        var counts = [Int](repeating: 0, count: 7)
        for _ in 0..<70_000 { counts[random.integer(in: -3..<4) + 3] += 1 }
        #expect(chiSquare(counts, [Double](repeating: 1 / 7, count: 7)).statistic < 40)
        #expect(random.integer(in: 5..<6) == 5)
        for _ in 0..<100 { _ = random.integer(in: .min ..< .max) }

        // Reduced without rejection, a range of ¾ of the integers would give its first third twice as often.
        let range = Int.min..<(1 << 62)
        let third = (0..<30_000).count { _ in random.integer(in: range) < Int.min + 1 << 62 }
        #expect(abs(Double(third) - 10_000) < 5 * (30_000.0 * 2 / 9).squareRoot())
    }

    @Test func everyOrderIsAsLikely() {
        var random = RandomSource(seed: 18)
        var counts: [[Int]: Int] = [:]
        for _ in 0..<24_000 { counts[random.permutation(of: 4), default: 0] += 1 }
        #expect(counts.count == 24)
        #expect(chiSquare(Array(counts.values), [Double](repeating: 1 / 24, count: 24)).statistic < 80)
        #expect(random.permutation(of: 0).isEmpty)

        var slice = Array("hone")[1...]
        random.shuffle(&slice)
        #expect(slice.sorted() == ["e", "n", "o"])
    }
}

// MARK: - Statistics

/// Φ(z).
private func normalShare(below z: Double) -> Double { erfc(-z / 2.0.squareRoot()) / 2 }

/// The greatest distance between the empirical distribution function of `numbers` and `share`.
private func kolmogorovDistance(_ numbers: [Float], _ share: (Double) -> Double) -> Double {
    let count = Double(numbers.count)
    return numbers.sorted().enumerated().reduce(0) { distance, element in
        let below = share(Double(element.element))
        return max(
            distance, abs(below - Double(element.offset) / count),
            abs(below - Double(element.offset + 1) / count))
    }
}

/// The distance that a true sample exceeds once in 10⁶: √(ln(2 / 10⁻⁶) / 2n).
private func criticalDistance(_ count: Int) -> Double { (log(2e6) / Double(2 * count)).squareRoot() }

private func chiSquare(_ counts: [Int], _ probabilities: [Double]) -> (statistic: Double, freedom: Int) {
    let total = Double(counts.reduce(0, +))
    let possible = zip(counts, probabilities).filter { $0.1 > 0 }
    let statistic = possible.reduce(0) { $0 + pow(Double($1.0) - total * $1.1, 2) / (total * $1.1) }
    return (statistic, possible.count - 1)
}

/// Expects the first two moments within five of their own standard deviations.
private func expect(
    _ numbers: [Float], mean: Double, variance: Double, location: SourceLocation = #_sourceLocation
) {
    let count = Double(numbers.count)
    let average = numbers.reduce(0) { $0 + Double($1) } / count
    let spread = numbers.reduce(0) { $0 + pow(Double($1) - mean, 2) } / count
    #expect(abs(average - mean) < 5 * (variance / count).squareRoot(), sourceLocation: location)
    #expect(abs(spread / variance - 1) < 5 * (2 / count).squareRoot(), sourceLocation: location)
}
