/// Rows cut into at most 64 ranges for sums over all rows: each range is summed alone, and the sums are added up.
///
/// The cut depends on the number of rows only, so the bits of the sum do not depend on the number of threads.
struct RowChunks {
    let count: Int
    private let rows: Int
    private let rowsPerChunk: Int

    init(rows: Int) {
        self.rows = rows
        rowsPerChunk = max(16, (rows + 63) / 64)
        count = (rows + rowsPerChunk - 1) / rowsPerChunk
    }

    /// Calls `body` with every range and its number, on the threads of the pool.
    func forEach(_ body: (_ index: Int, _ rows: Range<Int>) -> Void) {
        parallelRanges(of: rows, each: rowsPerChunk) { body($0.lowerBound / rowsPerChunk, $0) }
    }
}
