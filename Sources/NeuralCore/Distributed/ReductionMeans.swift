/// The means of a reduction: the processes, memory, and threads.
struct ReductionMeans: Sendable {
    let communicator: any Communicator
    let memory: ReductionMemory
    /// False beside a computation: the pool has one loop at a time, and a large product that found it taken by a small sum would
    /// run on one thread.
    let usesThreadPool: Bool

    /// Calls `body` with ranges that cover `0..<count`.
    func forElements(_ count: Int, _ body: (Range<Int>) -> Void) {
        if usesThreadPool {
            parallelElements(count, body)
        } else if count > 0 {
            body(0..<count)
        }
    }
}

/// The memory of reductions, kept from one to the next, so that a steady step takes none from the system.
///
/// One reduction uses it at a time.
final class ReductionMemory: @unchecked Sendable {
    enum Use: Int, CaseIterable { case sent, received, widened, unrounded }

    private var blocks: [Storage?] = Use.allCases.map { _ in nil }

    /// Room of a kind, with undefined contents, until it is asked for again.
    func block(_ use: Use, byteCount: Int) -> UnsafeMutableRawPointer {
        let count = max(1, (byteCount + 3) / 4)
        if let block = blocks[use.rawValue], block.count >= count {
            return UnsafeMutableRawPointer(block.pointer)
        }
        blocks[use.rawValue] = nil
        let block = Storage(count: count)
        blocks[use.rawValue] = block
        return UnsafeMutableRawPointer(block.pointer)
    }
}
