extension RandomSource {
    /// An integer from `range`, each as likely as the others.
    ///
    /// - Precondition: `range` is not empty.
    /// - SeeAlso: [Lemire 2019](https://doi.org/10.1145/3230636), Algorithm 5. Departures: none.
    public mutating func integer(in range: Range<Int>) -> Int {
        guard !range.isEmpty else { misuse("there is no integer in the empty range \(range)") }
        let count = UInt64(bitPattern: Int64(range.upperBound &- range.lowerBound))
        var product = next().multipliedFullWidth(by: count)
        if product.low < count {
            // 2⁶⁴ mod count low parts belong to an incomplete round of the range.
            let incomplete = (0 &- count) % count
            while product.low < incomplete { product = next().multipliedFullWidth(by: count) }
        }
        return range.lowerBound &+ Int(truncatingIfNeeded: product.high)
    }

    /// Puts `elements` in a random order, each of the orders as likely as the others.
    ///
    /// - Complexity: O(`elements.count`).
    /// - SeeAlso: Knuth, *The Art of Computer Programming*, volume 2, Algorithm 3.4.2P. Departures: none.
    public mutating func shuffle(_ elements: inout some RandomAccessCollection & MutableCollection) {
        var end = elements.endIndex
        var remaining = elements.count
        while remaining > 1 {
            let chosen = elements.index(elements.startIndex, offsetBy: integer(in: 0..<remaining))
            elements.formIndex(before: &end)
            elements.swapAt(chosen, end)
            remaining -= 1
        }
    }

    /// The integers from 0 up to `count`, in a random order.
    public mutating func permutation(of count: Int) -> [Int] {
        var order = Array(0..<count)
        shuffle(&order)
        return order
    }
}
