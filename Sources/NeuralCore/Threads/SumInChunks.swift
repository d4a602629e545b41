/// The sum of what `body` gives for consecutive ranges that cover `0..<count`.
///
/// The ranges are cut by `size` and added up first to last, so that the sum does not depend on the number of threads.
func sumInChunks(of count: Int, each size: Int, _ body: (Range<Int>) -> Double) -> Double {
    let parts = (count + size - 1) / size
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: max(1, parts)) { sums in
        sums.initialize(repeating: 0)
        // Every range writes an element of its own.
        let first = sums.baseAddress!
        parallelRanges(of: count, each: size) { first[$0.lowerBound / size] = body($0) }
        return sums.reduce(0, +)
    }
}
