/// The order in which training merges equally frequent pairs.
public enum MergeTies: Sendable {
    /// The one whose left token has the lower id, of these the one whose right token has the lower id: the rule of
    /// Hugging Face's `tokenizers`. As ids are given in order, older tokens come first.
    case lowerIDs
    /// The one whose left token has the greater bytes, of these the one whose right token has the greater bytes, in
    /// lexicographic order.
    case greaterBytes
}

/// Pairs: the most frequent on top.
struct PairHeap {
    struct Entry {
        var frequency: Int
        var left: Int32
        var right: Int32
        var pair: Int
    }

    private let ties: MergeTies
    private var heap = BinaryHeap<Entry>()

    init(_ ties: MergeTies) { self.ties = ties }

    /// - Parameter tokens: The bytes of each token, which may decide ties.
    mutating func insert(_ entry: Entry, _ tokens: [[UInt8]]) {
        heap.insert(entry) { [ties] in ties.precedes($0, $1, tokens) }
    }

    mutating func pop(_ tokens: [[UInt8]]) -> Entry? {
        heap.pop { [ties] in ties.precedes($0, $1, tokens) }
    }
}

extension MergeTies {
    @inline(__always)
    fileprivate func precedes(_ a: PairHeap.Entry, _ b: PairHeap.Entry, _ tokens: [[UInt8]]) -> Bool {
        if a.frequency != b.frequency { return a.frequency > b.frequency }
        switch self {
        case .lowerIDs: return (a.left, a.right) < (b.left, b.right)
        case .greaterBytes:
            if a.left != b.left {
                return tokens[Int(b.left)].lexicographicallyPrecedes(tokens[Int(a.left)])
            }
            return tokens[Int(b.right)].lexicographicallyPrecedes(tokens[Int(a.right)])
        }
    }
}
