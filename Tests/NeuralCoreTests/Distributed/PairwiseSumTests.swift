import NeuralCore
import Testing

@Suite struct PairwiseSumTests {
    /// The sum of numbers, written out.
    private static func tree(of count: Int, _ ranges: [Range<Int>]) -> [PairwiseSum<String>.Node] {
        func sum() -> PairwiseSum<String> { PairwiseSum(of: count) { $0 = "(\($0)+\($1))" } }
        var whole = sum()
        for range in ranges {
            var part = sum()
            for number in range { part.take("\(number)", index: number) }
            for node in part.nodes { whole.take(node.value, level: node.level, index: node.index) }
        }
        return whole.nodes
    }

    @Test(arguments: [
        (1, "0"), (2, "(0+1)"), (3, "((0+1)+2)"), (4, "((0+1)+(2+3))"), (5, "(((0+1)+(2+3))+4)"),
        (6, "(((0+1)+(2+3))+(4+5))"), (7, "(((0+1)+(2+3))+((4+5)+6))"),
    ])
    func neighborsAreAddedFirst(count: Int, expected: String) {
        #expect(Self.tree(of: count, [0..<count]).map(\.value) == [expected])
    }

    @Test func anyCutIntoConsecutiveRangesGivesTheSameSum() {
        for count in 1...24 {
            let whole = Self.tree(of: count, [0..<count]).map(\.value)
            #expect(whole.count == 1)
            for size in 1...count + 2 {
                let ranges = (0..<size).map { $0 * count / size..<($0 + 1) * count / size }
                #expect(Self.tree(of: count, ranges).map(\.value) == whole, "\(count) on \(size)")
            }
        }
    }

    @Test func thePlacesOfPartialSumsFollowFromTheRange() {
        var sum = PairwiseSum<Int>(of: 12) { $0 += $1 }
        for number in 3..<9 { sum.take(number, index: number) }
        let places = PairwiseSum(of: 12, taking: 3..<9).nodes
        #expect(sum.nodes.map(\.level) == places.map(\.level))
        #expect(sum.nodes.map(\.index) == places.map(\.index))
        #expect(sum.nodes.map(\.value) == [3, 4 + 5 + 6 + 7, 8])
    }

    @Test func fewPartialSumsAreKept() {
        for count in 1...200 {
            var sum = PairwiseSum<Int>(of: count) { $0 += $1 }
            var most = 0
            for number in 0..<count {
                sum.take(number, index: number)
                most = max(most, sum.nodes.count)
            }
            #expect(1 << most <= 4 * count)
        }
    }
}
