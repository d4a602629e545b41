/// Applies merges inside one piece: the lowest-ranked first, of equals the leftmost, until none applies.
///
/// Short pieces are searched through for each merge, which is fastest for words; long ones keep their candidate
/// merges in a heap and their tokens in a linked list, so that n tokens take O(n log n) time whatever they are.
struct PieceMerger: Sendable {
    /// The tokens of the piece: at first one per byte or character, in the end the result.
    var tokens: ContiguousArray<Int32> = []
    /// The places of the piece, where the model is a unigram one.
    var steps: ContiguousArray<UnigramModel.Step> = []
    private var merges: ContiguousArray<MergeTable.Merge> = []
    private var previous: ContiguousArray<Int32> = []
    private var next: ContiguousArray<Int32> = []
    private var heap = MergeHeap()

    /// The length, tokens, of the longest piece that is merged faster by searching than with a heap.
    private static let longestSearched = 96

    /// Merges `tokens` in place.
    @inline(__always)
    mutating func merge(with table: MergeTable.Lookup) {
        if tokens.count <= Self.longestSearched {
            mergeBySearch(table)
        } else {
            mergeByHeap(table)
        }
    }

    private mutating func mergeBySearch(_ table: MergeTable.Lookup) {
        var count = tokens.count
        guard count > 1 else { return }
        if merges.count < count { merges = ContiguousArray(repeating: .none, count: Self.longestSearched) }
        tokens.withUnsafeMutableBufferPointer { tokens in
            merges.withUnsafeMutableBufferPointer { merges in
                for index in 0..<count - 1 { merges[index] = table[tokens[index], tokens[index + 1]] }
                while count > 1 {
                    var best = MergeTable.Merge.none
                    var place = 0
                    for index in 0..<count - 1 where merges[index].rawValue < best.rawValue {
                        best = merges[index]
                        place = index
                    }
                    if best == .none { break }
                    tokens[place] = best.result
                    count -= 1
                    for index in place + 1..<max(count, place + 1) {
                        tokens[index] = tokens[index + 1]
                        merges[index - 1] = merges[index]
                    }
                    if place > 0 { merges[place - 1] = table[tokens[place - 1], tokens[place]] }
                    if place + 1 < count { merges[place] = table[tokens[place], tokens[place + 1]] }
                }
            }
        }
        tokens.removeSubrange(count...)
    }

    /// Each heap entry is a rank and a place. It has lapsed if the place was merged away, or now has another merge.
    private mutating func mergeByHeap(_ table: MergeTable.Lookup) {
        let count = tokens.count
        merges.removeAll(keepingCapacity: true)
        previous.removeAll(keepingCapacity: true)
        next.removeAll(keepingCapacity: true)
        heap.removeAll()
        for index in 0..<count {
            let merge = index + 1 < count ? table[tokens[index], tokens[index + 1]] : .none
            merges.append(merge)
            previous.append(Int32(index) - 1)
            next.append(Int32(index) + 1)
            if merge != .none { heap.append(rank: merge.rank, place: UInt32(index)) }
        }
        heap.order()
        let absent: Int32 = -1
        while let (rank, entryPlace) = heap.pop() {
            let place = Int(entryPlace)
            guard merges[place] != .none, merges[place].rank == rank else { continue }
            let merged = Int(next[place])
            let after = Int(next[merged])
            let before = Int(previous[place])
            tokens[place] = merges[place].result
            tokens[merged] = absent
            merges[merged] = .none
            next[place] = Int32(after)
            if after < count { previous[after] = Int32(place) }
            merges[place] = after < count ? table[tokens[place], tokens[after]] : .none
            if merges[place] != .none { heap.insert(rank: merges[place].rank, place: entryPlace) }
            if before >= 0 {
                merges[before] = table[tokens[before], tokens[place]]
                if merges[before] != .none { heap.insert(rank: merges[before].rank, place: UInt32(before)) }
            }
        }
        tokens.removeAll { $0 == absent }
    }
}

/// Candidates for a merge: the lowest rank first, of equals the leftmost place.
private struct MergeHeap: Sendable {
    private var heap = BinaryHeap<UInt64>()

    mutating func removeAll() { heap.removeAll() }

    private static func entry(_ rank: UInt32, _ place: UInt32) -> UInt64 {
        UInt64(rank) << 32 | UInt64(place)
    }

    /// Adds a candidate without keeping the order; `order()` must follow.
    mutating func append(rank: UInt32, place: UInt32) { heap.append(Self.entry(rank, place)) }

    mutating func order() { heap.order(by: <) }

    mutating func insert(rank: UInt32, place: UInt32) { heap.insert(Self.entry(rank, place), by: <) }

    mutating func pop() -> (rank: UInt32, place: UInt32)? {
        heap.pop(by: <).map { (UInt32(truncatingIfNeeded: $0 >> 32), UInt32(truncatingIfNeeded: $0)) }
    }
}
