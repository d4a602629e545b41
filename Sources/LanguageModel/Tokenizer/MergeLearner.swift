/// Learns merges from counted pieces: again and again, the most frequent pair of adjacent tokens becomes a token.
///
/// Each piece is a word of tokens with a count. The counts of pairs are kept up to date as words change, each pair
/// knows the words it may be in, and a heap knows the most frequent pair; a merge costs time only for the words that
/// contain it. As all occurrences of a new token arise in one step, so do all pairs it is part of.
///
/// - SeeAlso: [Sennrich, Haddow & Birch 2016](https://arxiv.org/abs/1508.07909), Algorithm 1. Departures: counts are
///   updated instead of recounted, as the authors' own program does; ties are defined.
struct MergeLearner {
    /// The bytes of each token.
    private(set) var tokens: [[UInt8]]
    /// The merges, in the order in which they were learned.
    private(set) var rules: [MergeTable.Rule] = []

    private var words = Words()
    private var pairs = PairTable()
    private var heap: PairHeap

    /// - Parameters:
    ///   - pieces: The counted pieces.
    ///   - tokens: The tokens to begin with; those of single bytes make up the words.
    ///   - byteTokens: The token of each byte.
    ///   - ties: The order of equally frequent pairs.
    init(_ pieces: PieceCounts, tokens: [[UInt8]], byteTokens: [Int32], ties: MergeTies) {
        self.tokens = tokens
        heap = PairHeap(ties)
        pieces.forEach { piece, count in
            guard piece.count > 1 else { return }
            let word = words.append(piece.lazy.map { byteTokens[Int($0)] }, count: count)
            var previous: Int32?
            for token in words[word] {
                if let previous { pairs.add(count, to: previous, token, in: word) }
                previous = token
            }
        }
        for pair in 0..<pairs.count { push(pair) }
    }

    private mutating func push(_ pair: Int) {
        guard pairs.frequency(of: pair) > 0 else { return }
        let (left, right) = pairs.tokens(of: pair)
        let entry = PairHeap.Entry(frequency: pairs.frequency(of: pair), left: left, right: right, pair: pair)
        heap.insert(entry, tokens)
    }

    /// Learns the next merge; false if there is no pair left.
    mutating func learnMerge() -> Bool {
        while let top = heap.pop(tokens) {
            // Frequencies only fall once a pair is in the heap; an entry that is out of date goes back.
            guard pairs.frequency(of: top.pair) == top.frequency else {
                push(top.pair)
                continue
            }
            let merged = Int32(tokens.count)
            tokens.append(tokens[Int(top.left)] + tokens[Int(top.right)])
            rules.append(MergeTable.Rule(left: top.left, right: top.right, result: merged))
            let firstNewPair = pairs.count
            pairs.forEachWord(of: top.pair) { word, pairs in
                words.merge(top.left, top.right, into: merged, word: word, updating: &pairs)
            }
            for pair in firstNewPair..<pairs.count { push(pair) }
            return true
        }
        return false
    }
}

/// Words as runs of tokens in one block of memory.
private struct Words {
    private var tokens: ContiguousArray<Int32> = []
    private var starts: ContiguousArray<Int> = []
    private var lengths: ContiguousArray<Int32> = []
    private var counts: ContiguousArray<Int> = []

    mutating func append(_ word: some Sequence<Int32>, count: Int) -> Int32 {
        starts.append(tokens.count)
        tokens.append(contentsOf: word)
        lengths.append(Int32(tokens.count - starts[starts.count - 1]))
        counts.append(count)
        return Int32(starts.count - 1)
    }

    subscript(word: Int32) -> ArraySlice<Int32> {
        let start = starts[Int(word)]
        return ArraySlice(tokens[start..<start + Int(lengths[Int(word)])])
    }

    /// Replaces every occurrence of a pair in a word, from the left, and updates the pairs around it.
    mutating func merge(
        _ left: Int32, _ right: Int32, into merged: Int32, word: Int32, updating pairs: inout PairTable
    ) {
        let start = starts[Int(word)]
        let end = start + Int(lengths[Int(word)])
        let count = counts[Int(word)]
        tokens.withUnsafeMutableBufferPointer { tokens in
            var source = start
            var target = start
            while source < end {
                guard source + 1 < end, tokens[source] == left, tokens[source + 1] == right else {
                    tokens[target] = tokens[source]
                    target += 1
                    source += 1
                    continue
                }
                if target > start {
                    pairs.subtract(count, from: tokens[target - 1], left)
                    pairs.add(count, to: tokens[target - 1], merged, in: word)
                }
                if source + 2 < end {
                    pairs.subtract(count, from: right, tokens[source + 2])
                    pairs.add(count, to: merged, tokens[source + 2], in: word)
                }
                tokens[target] = merged
                target += 1
                source += 2
            }
            lengths[Int(word)] = Int32(target - start)
        }
    }
}
