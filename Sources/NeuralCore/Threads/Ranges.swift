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
