import NeuralCore
import Synchronization

private let threadCountIsSet = Mutex(())

/// Runs `body` with that many threads, one caller at a time.
func withThreads<R>(_ count: Int, _ body: () throws -> R) rethrows -> R {
    try threadCountIsSet.withLock { _ in
        let before = ThreadPool.count
        ThreadPool.count = count
        defer { ThreadPool.count = before }
        return try body()
    }
}
