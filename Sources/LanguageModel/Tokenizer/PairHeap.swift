/// Which of equally frequent pairs is merged first in training.
public enum MergeTies: Sendable {
    /// The one whose left token has the lower id, of these the one whose right token has the lower id: the rule of
    /// Hugging Face's `tokenizers`. As ids are given in order, older tokens come first.
    case lowerIDs
    /// The one whose left token has the greater bytes, of these the one whose right token has the greater bytes, in
    /// lexicographic order.
    case greaterBytes
}

/// A binary heap of pairs: the most frequent on top.
struct PairHeap {
    struct Entry {
        var frequency: Int
        var left: Int32
        var right: Int32
        var pair: Int
    }

    private let ties: MergeTies
    private var entries: ContiguousArray<Entry> = []

    init(_ ties: MergeTies) { self.ties = ties }

    /// - Parameter tokens: The bytes of each token, which may decide ties.
    mutating func insert(_ entry: Entry, _ tokens: [[UInt8]]) {
        entries.append(entry)
        var index = entries.count - 1
        while index > 0, precedes(entry, entries[(index - 1) / 2], tokens) {
            entries[index] = entries[(index - 1) / 2]
            index = (index - 1) / 2
        }
        entries[index] = entry
    }

    mutating func pop(_ tokens: [[UInt8]]) -> Entry? {
        guard let top = entries.first, let last = entries.popLast() else { return nil }
        var index = 0
        while 2 * index + 1 < entries.count {
            var child = 2 * index + 1
            if child + 1 < entries.count, precedes(entries[child + 1], entries[child], tokens) { child += 1 }
            if !precedes(entries[child], last, tokens) { break }
            entries[index] = entries[child]
            index = child
        }
        if !entries.isEmpty { entries[index] = last }
        return top
    }

    @inline(__always)
    private func precedes(_ a: Entry, _ b: Entry, _ tokens: [[UInt8]]) -> Bool {
        if a.frequency != b.frequency { return a.frequency > b.frequency }
        switch ties {
        case .lowerIDs: return (a.left, a.right) < (b.left, b.right)
        case .greaterBytes:
            if a.left != b.left {
                return tokens[Int(b.left)].lexicographicallyPrecedes(tokens[Int(a.left)])
            }
            return tokens[Int(b.right)].lexicographicallyPrecedes(tokens[Int(a.right)])
        }
    }
}
