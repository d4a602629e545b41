internal import CKernels

/// The threads that share the work of every operation in this process.
public enum ThreadPool {
    /// The number of threads that share an operation, including the caller's; initially, that of the available processors.
    ///
    /// The number holds for the whole process and changes speed only: work is cut by its shape, never by the
    /// number of threads, so every result keeps its bits. Values outside `1...256` are limited to that range.
    public static var count: Int {
        get { Int(ck_threads_count()) }
        set { ck_threads_set_count(Int32(clamping: newValue)) }
    }
}

/// Calls `body` with every task in `0..<tasks`, on the threads of the pool, and returns when all have finished.
///
/// A task may run on any thread and beside any other, so each writes only memory of its own. Cut work by its
/// shape, never by the number of threads. Nested calls run their tasks one after another.
package func parallelFor(tasks: Int, _ body: (Int) -> Void) {
    guard tasks > 0 else { return }
    withoutActuallyEscaping(body) { body in
        withUnsafePointer(to: body) { pointer in
            ck_parallel_for(
                tasks,
                { context, task in
                    context!.assumingMemoryBound(to: ((Int) -> Void).self).pointee(task)
                },
                UnsafeMutableRawPointer(mutating: pointer))
        }
    }
}

/// Calls `body` with consecutive ranges that cover `0..<count`, on the threads of the pool.
///
/// Each range but the last has `size` elements, whatever the number of threads.
package func parallelRanges(of count: Int, each size: Int, _ body: (Range<Int>) -> Void) {
    guard count > size else {
        if count > 0 { body(0..<count) }
        return
    }
    parallelFor(tasks: (count + size - 1) / size) { task in
        body(task * size..<min(count, (task + 1) * size))
    }
}

/// Calls `body` with ranges of elements, each large enough to be worth a thread's while.
package func parallelElements(_ count: Int, _ body: (Range<Int>) -> Void) {
    parallelRanges(of: count, each: elementsPerTask, body)
}

/// Calls `body` with ranges of rows of `channels` elements, each large enough to be worth a thread's while.
package func parallelRows(_ rows: Int, channels: Int, _ body: (Range<Int>) -> Void) {
    parallelRanges(of: rows, each: max(1, elementsPerTask / max(1, channels)), body)
}

/// Half a second-level cache of floats: some ten microseconds of work.
private let elementsPerTask = 1 << 15

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
