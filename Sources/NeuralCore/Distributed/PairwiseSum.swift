/// The sum of numbered values, in an order that follows from how many there are.
///
///     0   1   2   3   4   5   6
///     └─┬─┘   └─┬─┘   └─┬─┘   │
///       └───┬───┘       └──┬──┘
///           └──────┬───────┘
///
/// Neighbors are added in pairs, then the sums of pairs in pairs, and so on; one without a neighbor goes up as it is.
/// Wherever a partial sum is made, it is of the same values in the same order, so that any processes that each have some
/// consecutive values end with the same bits.
///
/// Values come in the order of their numbers. No more partial sums are kept than ⌈log₂ count⌉ + 1, where they begin at 0.
package struct PairwiseSum<Value> {
    /// A partial sum: number `index` of those of 2^`level` values.
    package struct Node {
        package var level: Int
        package var index: Int
        package var value: Value
    }

    /// The number of values in all.
    package let count: Int
    /// The partial sums that cannot be added up further, in order.
    package private(set) var nodes: [Node] = []
    private let add: (_ sum: inout Value, _ value: Value) -> Void

    package init(of count: Int, adding add: @escaping (_ sum: inout Value, _ value: Value) -> Void) {
        (self.count, self.add) = (count, add)
    }

    /// Takes a value or a partial sum, the one after what was taken last.
    package mutating func take(_ value: Value, level: Int = 0, index: Int) {
        nodes.append(Node(level: level, index: index, value: value))
        while let last = nodes.last {
            if nodes.count > 1, isPair(nodes[nodes.count - 2], last) {
                nodes.removeLast()
                add(&nodes[nodes.count - 1].value, last.value)
            } else if !isAlone(last) {
                return
            }
            nodes[nodes.count - 1].level += 1
            nodes[nodes.count - 1].index /= 2
        }
    }

    /// Gives up the partial sums, first to last.
    mutating func removeNodes() -> [Node] {
        defer { nodes = [] }
        return nodes
    }

    private func isPair(_ first: Node, _ second: Node) -> Bool {
        first.level == second.level && first.index % 2 == 0 && second.index == first.index + 1
    }

    /// True of the last of its level that has no neighbor.
    private func isAlone(_ node: Node) -> Bool {
        let width = (count + (1 << node.level) - 1) >> node.level
        return width > 1 && node.index % 2 == 0 && node.index == width - 1
    }
}

extension PairwiseSum.Node: Sendable where Value: Sendable {}

extension PairwiseSum<Void> {
    /// The partial sums that consecutive values come to.
    package init(of count: Int, taking values: Range<Int>) {
        self.init(of: count) { _, _ in }
        for value in values { take((), index: value) }
    }
}
