import Foundation
import NeuralCore
import TestSupport
import Testing

@Suite struct GradientSumTests {
    /// Parameters of odd sizes, one of them without elements.
    private struct Weights: Module {
        var matrix = Tensor(zeros: [37, 53])
        var nothing = Tensor(zeros: [0, 5])
        var scale = Tensor(zeros: [7])

        mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
            visitor.visit(&matrix, named: "matrix")
            visitor.visit(&nothing, named: "nothing")
            visitor.visit(&scale, named: "scale")
        }
    }

    private static func gradient(of part: Int) -> [Tensor] {
        var random = RandomSource(seed: UInt64(part))
        return Weights().parameters.map {
            Tensor(of: $0.value.shape, from: .normal(standardDeviation: 3), using: &random)
        }
    }

    private static func sums(
        parts count: Int, ranks: Int, _ reduction: GradientReduction = .exact
    ) throws -> [[[Float]]] {
        try onRanks(ranks) { communicator in
            let sharing = WorkSharing(parts: count, among: communicator, reduction: reduction)
            var sum = GradientSum(of: count, at: Weights(), sharing)
            for part in sharing.own(of: count) {
                for (place, gradient) in gradient(of: part).enumerated() {
                    sum.take(gradient, ofParameter: place, part: part)
                }
            }
            return sum.total(at: Weights()).parameters.map(\.value.scalars)
        }
    }

    @Test(arguments: [1, 2, 3, 4, 6, 7, 8])
    func theSameBitsOnAnyNumberOfRanks(parts: Int) throws {
        let alone = try Self.sums(parts: parts, ranks: 1)[0]
        for ranks in 2...5 {
            for sum in try Self.sums(parts: parts, ranks: ranks) {
                #expect(sum == alone, "\(parts) parts on \(ranks) ranks")
            }
        }
    }

    @Test func theSumIsThatOfAllParts() throws {
        let found = try Self.sums(parts: 5, ranks: 2)[1]
        for index in [0, 1960, 1961 - 1] {
            let expected = (0..<5).reduce(0.0) { $0 + Double(Self.gradient(of: $1)[0].scalars[index]) }
            #expect(abs(Double(found[0][index]) - expected) < 1e-5)
        }
    }

    /// Of three parts a rank has two partial sums.
    @Test(arguments: [(8, 4), (6, 2)]) func aPlainSumIsTheSameToRounding(parts: Int, ranks: Int) throws {
        let exact = try Self.sums(parts: parts, ranks: 1)[0]
        let plain = try Self.sums(parts: parts, ranks: ranks, .plain)
        #expect(plain.allSatisfy { $0 == plain[0] })
        for (a, b) in zip(exact.joined(), plain[0].joined()) { #expect(abs(a - b) < 1e-5) }
    }

    /// Four numbers are rounded to 8 bits each, and their sum once more.
    @Test func aSumInBfloat16IsWithinItsRounding() throws {
        let exact = try Self.sums(parts: 4, ranks: 1)[0]
        let rounded = try Self.sums(parts: 4, ranks: 4, .bfloat16)
        #expect(rounded.allSatisfy { $0 == rounded[0] })
        let terms = (0..<4).map { Self.gradient(of: $0).flatMap(\.scalars) }
        for (index, (a, b)) in zip(exact.joined(), rounded[0].joined()).enumerated() {
            let size = terms.reduce(0) { $0 + abs($1[index]) }
            #expect(abs(a - b) <= (size + abs(a)) / 256 + 1e-6)
        }
    }

    @Test func figuresGoFromRankToRankBitByBit() throws {
        var figures = PartFigures([0.1, -0.0, .infinity, .nan, .leastNonzeroMagnitude])
        figures.named = ["rewards/chosen": 0.3, "löss": -.infinity]
        let back = [PartFigures]([figures, PartFigures(), figures].bytes)
        #expect(back.count == 3)
        #expect(back[1] == PartFigures())
        for found in [back[0], back[2]] {
            #expect(found.numbers.map(\.bitPattern) == figures.numbers.map(\.bitPattern))
            #expect(found.named == figures.named)
        }
    }

    @Test func everyNumberIsComputedOnceAndKnownToAll() throws {
        for ranks in 1...5 {
            let found = try onRanks(ranks) { communicator in
                var computed: [Int] = []
                let all = WorkSharing(parts: 3, among: communicator).shared(3) { number in
                    computed.append(number)
                    return PartFigures([Double(number) / 3])
                }
                return (computed, all.map(\.numbers))
            }
            #expect(found.flatMap(\.0) == [0, 1, 2])
            #expect(found.allSatisfy { $0.1 == [[0], [1.0 / 3], [2.0 / 3]] })
        }
    }

    @Test func theFirstRankThatDiffersIsKnownToAll() throws {
        let kinds = [["avx2"], ["avx2", "avx2"], ["avx512", "avx2"], ["avx2", "avx2", "avx512", "plain"]]
        for kinds in kinds {
            let found = try onRanks(kinds.count) { communicator in
                communicator.firstDifference(kinds[communicator.rank]).map { "\($0)" } ?? "none"
            }
            let expected = [
                1: "none",
                2: kinds.first == "avx2" ? "none" : #"(rank: 1, found: "avx2", expected: "avx512")"#,
                4: #"(rank: 2, found: "avx512", expected: "avx2")"#,
            ]
            #expect(found == kinds.map { _ in expected[kinds.count] })
        }
    }

    @Test func ranksAgree() throws {
        let found = try onRanks(3) { communicator in
            [
                communicator.isTrueOfAny(communicator.rank == 2), communicator.isTrueOfAny(false),
                communicator.decisionOfFirst(communicator.rank == 0),
                communicator.decisionOfFirst(communicator.rank != 0),
            ]
        }
        #expect(found == Array(repeating: [true, false, true, false], count: 3))
    }
}
