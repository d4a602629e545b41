/// The pairs of adjacent tokens: how frequent each is, and the words it may be found in.
struct PairTable {
    private var index = MergeTable(capacity: 1 << 16)
    private var tokens: ContiguousArray<(left: Int32, right: Int32)> = []
    private var frequencies: ContiguousArray<Int> = []
    /// The first node of each pair's list of words, or -1.
    private var heads: ContiguousArray<Int32> = []
    private var nodes: ContiguousArray<(word: Int32, next: Int32)> = []

    /// The number of distinct pairs so far.
    var count: Int { frequencies.count }

    func frequency(of pair: Int) -> Int { frequencies[pair] }

    func tokens(of pair: Int) -> (left: Int32, right: Int32) { tokens[pair] }

    /// Raises the frequency of a pair that occurs in a word.
    mutating func add(_ count: Int, to left: Int32, _ right: Int32, in word: Int32) {
        let pair = find(left, right) ?? insert(left, right)
        frequencies[pair] += count
        // A word with several occurrences is listed once: they are added one after the other.
        if heads[pair] >= 0, nodes[Int(heads[pair])].word == word { return }
        nodes.append((word, heads[pair]))
        heads[pair] = Int32(nodes.count - 1)
    }

    /// Lowers the frequency of a pair. Its words stay listed, and are found to be without it when it is merged.
    mutating func subtract(_ count: Int, from left: Int32, _ right: Int32) {
        if let pair = find(left, right) { frequencies[pair] -= count }
    }

    /// Calls `body` with the words of a pair, which are forgotten.
    mutating func forEachWord(of pair: Int, _ body: (_ word: Int32, inout PairTable) -> Void) {
        var node = heads[pair]
        heads[pair] = -1
        while node >= 0 {
            let (word, next) = nodes[Int(node)]
            body(word, &self)
            node = next
        }
    }

    private func find(_ left: Int32, _ right: Int32) -> Int? {
        let found = index.withLookup { $0[left, right] }
        return found == .none ? nil : Int(found.result)
    }

    private mutating func insert(_ left: Int32, _ right: Int32) -> Int {
        let pair = frequencies.count
        index.insert(left: left, right: right, MergeTable.Merge(rank: 0, result: Int32(pair)))
        tokens.append((left, right))
        frequencies.append(0)
        heads.append(-1)
        return pair
    }
}
