import NeuralCore
import Testing

@Suite struct ParameterSharesTests {
    private struct Weights: Module {
        var parts: [Tensor]

        mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
            for index in parts.indices { visitor.visit(&parts[index], named: "part\(index)") }
        }
    }

    private static func shares(_ counts: [Int], among size: Int) -> ParameterShares {
        ParameterShares(of: Weights(parts: counts.map { Tensor(zeros: [$0]) }), among: size)
    }

    @Test func theLargestComeFirstAndGoWhereThereIsLeast() {
        // 9 to rank 0, 7 to rank 1, 6 to rank 1 would be 13: it goes there only where 9 is more than 7.
        #expect(Self.shares([7, 2, 9, 6, 1], among: 2).owners == [1, 0, 0, 1, 0])
        #expect(Self.shares([3, 3, 3], among: 3).owners == [0, 1, 2])
        #expect(Self.shares([3, 3, 3], among: 1).owners == [0, 0, 0])
    }

    @Test func eachParameterHasOneRank() {
        let shares = Self.shares([5, 0, 8, 8, 1, 13, 2], among: 4)
        let names = (0..<4).map { shares.names(of: $0) }
        #expect(names.map(\.count).reduce(0, +) == 7)
        #expect(names.reduce(into: Set()) { $0.formUnion($1) }.count == 7)
    }
}
