import Foundation
import JSON
import NeuralCore
import Testing

@Suite struct RandomSourceTests {
    @Test func sameSeedSameNumbers() {
        var first = RandomSource(seed: 42)
        var second = RandomSource(seed: 42)
        var other = RandomSource(seed: 43)
        let numbers = (0..<100).map { _ in first.next() }
        #expect(numbers == (0..<100).map { _ in second.next() })
        #expect(Set(numbers).isDisjoint(with: (0..<100).map { _ in other.next() }))
    }

    /// These numbers may never change: a seed in somebody's paper names them.
    @Test func numbersOfSeedFortyTwoStayWhatTheyAre() {
        var random = RandomSource(seed: 42)
        #expect(random.next() == 8_643_895_580_192_075_859)
        #expect(random.uniform() == 0.98771864)
        #expect(random.normal() == 0.9379572)
        #expect(random.number(from: .truncatedNormal(mean: 1, standardDeviation: 0.5)) == 1.2901628)
        #expect(random.integer(in: -5..<1_000) == 838)
        #expect(random.permutation(of: 8) == [6, 4, 3, 1, 0, 7, 5, 2])
        #expect(random.categorical(probabilities: [1, 2, 3, 4]) == 1)
        var child = random.split()
        #expect(child.next() == 4_948_759_680_400_004_154)
        #expect(
            child.numbers(5, from: .normal()) == [1.0113331, 0.8780511, -0.9359393, -1.3014104, 0.056977395])
    }

    @Test func numbersMatchAnIndependentComputation() throws {
        let golden = try JSONDecoder().decode(GoldenNumbers.self, from: fixture("random-source.json"))
        let random = RandomSource(seed: 42)
        var (integers, uniform, normal, truncated, parent) = (random, random, random, random, random)
        #expect(golden.next.map { _ in String(integers.next()) } == golden.next)
        #expect(uniform.numbers(golden.uniform.count, from: .uniform()) == golden.uniform)
        for (number, exact) in zip(normal.numbers(golden.normal.count, from: .normal()), golden.normal) {
            #expect(abs(number - exact) <= 4e-7 * max(1, abs(exact)))
        }
        for (number, exact) in zip(
            truncated.numbers(golden.truncated.count, from: .truncatedNormal()), golden.truncated)
        {
            #expect(abs(number - exact) <= 1e-6)
        }
        var child = parent.split()
        #expect(golden.child.map { _ in String(child.next()) } == golden.child)
    }

    @Test func copyReplaysItsOriginal() {
        var original = RandomSource(seed: 1)
        _ = original.next()
        var copy = original
        #expect(copy == original)
        _ = original.split()
        #expect(copy != original)
        _ = copy.split()
        #expect(copy.next() == original.next())
    }

    @Test func decodedSourceGoesOn() throws {
        var original = RandomSource(seed: .max)
        _ = original.numbers(1_001, from: .normal())
        let written = try JSONEncoder().encode(original)
        var decoded = try JSONValue(parsing: Array(written)).decoded(as: RandomSource.self)
        #expect(decoded == original)
        #expect(decoded.split() == original.split())
        #expect(decoded.next() == original.next())
    }

    @Test func singleDrawIsTheFirstOfAFill() {
        let random = RandomSource(seed: 5)
        for distribution: Distribution in [.uniform(in: -3..<8), .normal(), .truncatedNormal(limit: 1)] {
            var (single, several) = (random, random)
            #expect(single.number(from: distribution) == several.numbers(4, from: distribution)[0])
            #expect(single == several)
        }
    }

    @Test func longerFillBeginsLikeAShorterOne() {
        let random = RandomSource(seed: 6)
        var (short, long) = (random, random)
        let numbers = long.numbers(1_000, from: .normal())
        #expect(short.numbers(331, from: .normal()) == Array(numbers[..<331]))
        // What follows a fill of 331 is not what a fill of 1,000 goes on with, but its block 83.
        #expect(short.numbers(8, from: .normal()) == Array(numbers[332..<340]))
    }

    @Test func fillSharedBetweenThreadsIsTheSameFill() {
        let random = RandomSource(seed: 7)
        var (whole, pieces) = (random, random)
        let numbers = whole.numbers(200_002, from: .normal())
        let piecewise = (0..<4).flatMap { _ in pieces.numbers(50_000, from: .normal()) }
        #expect(piecewise == Array(numbers[..<200_000]))

        var tensors = random
        #expect(Tensor(of: [2, 100_001], from: .normal(), using: &tensors).scalars == numbers)
    }

    @Test func splitSourcesAreUncorrelated() {
        var parent = RandomSource(seed: 0)
        let children = (0..<8).map { _ in parent.split() } + [parent]
        let samples = children.map { child in
            var child = child
            return child.numbers(20_000, from: .normal()).map(Double.init)
        }
        for (index, a) in samples.enumerated() {
            for b in samples[..<index] {
                // The correlation of n independent pairs is normal with deviation 1/√n: five of them.
                let correlation = zip(a, b).map(*).reduce(0, +) / Double(a.count)
                #expect(abs(correlation) < 5 / Double(a.count).squareRoot())
            }
        }
    }

    @Test func manySplitsAllDiffer() {
        var parent = RandomSource(seed: 9)
        var nested = parent
        var sources = Set<RandomSource>()
        for _ in 0..<10_000 {
            sources.insert(parent.split())
            nested = nested.split()
            sources.insert(nested)
        }
        // The first split of the parent and of its copy is the same source.
        #expect(sources.count == 19_999)
    }

    @Test func standardLibraryAlgorithmsTakeIt() {
        var random = RandomSource(seed: 3)
        let shuffled = (0..<100).shuffled(using: &random)
        #expect(shuffled.sorted() == Array(0..<100))
        #expect((0..<1).contains(Double.random(in: 0..<1, using: &random)))
    }
}

/// What Fixtures/random-source.py computes.
private struct GoldenNumbers: Decodable {
    var next: [String]
    var uniform: [Float]
    var normal: [Float]
    var truncated: [Float]
    var child: [String]
}
