/// Finds which of many byte strings a text goes on with, at any of its places.
///
/// Nodes are numbered by their depth, the children of one stand side by side in the order of their bytes.
struct ByteTrie: Sendable {
    /// The first child of each node; that of the next node is where they end.
    private var children: ContiguousArray<Int32> = []
    /// The byte that leads to each node; 0 for the root.
    private var labels: ContiguousArray<UInt8> = [0]
    /// The number of the string that ends at each node, or -1.
    private var values: ContiguousArray<Int32> = []

    /// - Parameter numbers: Which of the strings to look for; of two equal ones the later counts. Empty ones are left out.
    init(_ strings: ByteStrings, of numbers: some Sequence<Int32>) {
        let sorted = numbers.sorted { left, right in
            strings.withBytes(at: Int(left)) { left in
                strings.withBytes(at: Int(right)) { left.lexicographicallyPrecedes($0) }
            } || strings[Int(left)] == strings[Int(right)] && left < right
        }
        // The strings that go through each node.
        var ranges = [0..<sorted.count]
        var (node, depth, endOfDepth) = (0, 0, 1)
        while node < ranges.count {
            if node == endOfDepth { (depth, endOfDepth) = (depth + 1, ranges.count) }
            children.append(Int32(labels.count))
            var value: Int32 = -1
            for index in ranges[node] {
                strings.withBytes(at: Int(sorted[index])) { string in
                    if string.count == depth {
                        value = depth > 0 ? sorted[index] : -1
                    } else if let last = ranges.last, ranges.count > Int(children[node]),
                        labels[labels.count - 1] == string[depth]
                    {
                        ranges[ranges.count - 1] = last.lowerBound..<index + 1
                    } else {
                        labels.append(string[depth])
                        ranges.append(index..<index + 1)
                    }
                }
            }
            values.append(value)
            node += 1
        }
        children.append(Int32(labels.count))
    }

    /// Calls `body` with the length and number of each string that the text goes on with at a position, the shortest first.
    @inline(__always)
    func forEachPrefix(
        of text: UnsafeBufferPointer<UInt8>, from start: Int, _ body: (_ length: Int, _ number: Int32) -> Void
    ) {
        children.withUnsafeBufferPointer { children in
            labels.withUnsafeBufferPointer { labels in
                values.withUnsafeBufferPointer { values in
                    var (node, position) = (0, start)
                    while position < text.count {
                        let byte = text[position]
                        var (low, high) = (Int(children[node]), Int(children[node + 1]))
                        let end = high
                        while low < high {
                            let middle = (low + high) / 2
                            if labels[middle] < byte { low = middle + 1 } else { high = middle }
                        }
                        guard low < end, labels[low] == byte else { return }
                        (node, position) = (low, position + 1)
                        if values[node] >= 0 { body(position - start, values[node]) }
                    }
                }
            }
        }
    }

    /// The length of the longest string that the text goes on with at a position.
    func longestPrefix(of text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        var longest: Int?
        forEachPrefix(of: text, from: start) { length, _ in longest = length }
        return longest
    }
}
