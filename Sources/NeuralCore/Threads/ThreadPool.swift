internal import CKernels

/// The threads that share the work of every operation in this process.
public enum ThreadPool {
    /// How many threads share an operation, the calling one included; at first, the processors this process may use.
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
