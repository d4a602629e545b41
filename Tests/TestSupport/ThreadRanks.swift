import Foundation
public import NeuralCore
import Synchronization

/// Runs `body` as so many ranks, each on a thread of its own, that reach each other through memory.
///
/// - Returns: What each rank returned, `[size]`.
public func onRanks<Result: Sendable>(
    _ size: Int, _ body: @escaping @Sendable (any Communicator) throws -> Result
) throws -> [Result] {
    let meeting = Meeting(of: size)
    let results = Mutex<[Int: Swift.Result<Result, any Error>]>([:])
    let done = DispatchGroup()
    for rank in 0..<size {
        done.enter()
        let thread = Thread {
            let result = Swift.Result { try body(ThreadRank(rank: rank, meeting: meeting)) }
            results.withLock { $0[rank] = result }
            done.leave()
        }
        thread.stackSize = 16 << 20
        thread.start()
    }
    done.wait()
    return try results.withLock { found in try (0..<size).compactMap { try found[$0]?.get() } }
}

/// The same with a body that waits for other work. A rank blocks its thread until the others come, so each has a queue of its own.
///
/// - Returns: What each rank returned, `[size]`.
public func onRanks<Result: Sendable>(
    _ size: Int, awaiting body: @escaping @Sendable (any Communicator) async throws -> Result
) throws -> [Result] {
    try onRanks(size) { communicator in
        let awaited = Mutex<Swift.Result<Result, any Error>?>(nil)
        let done = DispatchSemaphore(value: 0)
        Task(executorPreference: QueueExecutor()) {
            let result: Swift.Result<Result, any Error>
            do { result = .success(try await body(communicator)) } catch { result = .failure(error) }
            awaited.withLock { $0 = result }
            done.signal()
        }
        done.wait()
        guard let result = awaited.withLock({ $0 }) else { fatalError("signaled without a result") }
        return try result.get()
    }
}

/// Runs what one rank does, on a thread that nobody else needs.
private final class QueueExecutor: TaskExecutor {
    private let queue = DispatchQueue(label: "rank")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

/// The place where threads meet: each lays down where its bytes are, and takes those of the others.
private final class Meeting: @unchecked Sendable {
    struct Offer {
        var bytes: UnsafeRawPointer?
        var counts: [Int]
    }

    let size: Int
    private let condition = NSCondition()
    private var arrived = 0
    private var round = 0
    private var offers: [Offer?]

    init(of size: Int) {
        self.size = size
        offers = Array(repeating: nil, count: size)
    }

    func wait() {
        condition.lock()
        defer { condition.unlock() }
        let own = round
        arrived += 1
        if arrived == size {
            (arrived, round) = (0, round + 1)
            condition.broadcast()
        }
        while round == own { condition.wait() }
    }

    /// Takes what all lay down, while all of it is there.
    func meet(_ rank: Int, _ bytes: UnsafeRawPointer?, _ counts: [Int] = [], _ take: ([Offer]) -> Void) {
        condition.lock()
        offers[rank] = Offer(bytes: bytes, counts: counts)
        condition.unlock()
        wait()
        take(offers.compactMap(\.self))
        wait()
    }
}

/// A rank that is a thread, and another one beside it; only one of them may call at a time, as with MPI.
private final class ThreadRank: Communicator {
    let rank: Int
    private let meeting: Meeting
    private let isCalled = Atomic<Bool>(false)
    var size: Int { meeting.size }
    var besideComputation: (any Communicator)? { size > 1 ? self : nil }

    init(rank: Int, meeting: Meeting) { (self.rank, self.meeting) = (rank, meeting) }

    private func meet(_ bytes: UnsafeRawPointer?, _ counts: [Int] = [], _ take: ([Meeting.Offer]) -> Void) {
        precondition(!isCalled.exchange(true, ordering: .acquiring), "two threads of a rank call at once")
        meeting.meet(rank, bytes, counts, take)
        isCalled.store(false, ordering: .releasing)
    }

    func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int) {
        meet(bytes.baseAddress.map { UnsafeRawPointer($0) }) { offers in
            guard rank != root, let source = offers[root].bytes else { return }
            bytes.baseAddress?.copyMemory(from: source, byteCount: bytes.count)
        }
    }

    func exchange(
        _ outgoing: UnsafeRawBufferPointer, sending sent: [Int],
        into incoming: UnsafeMutableRawBufferPointer, receiving received: [Int]
    ) {
        meet(outgoing.baseAddress, sent) { offers in
            var place = 0
            for (source, count) in zip(offers, received) {
                precondition(source.counts[rank] == count, "a rank sends more or less than another takes")
                let begin = source.counts[..<rank].reduce(0, +)
                if count > 0, let bytes = source.bytes {
                    incoming.baseAddress?.advanced(by: place).copyMemory(
                        from: bytes + begin, byteCount: count)
                }
                place += count
            }
        }
    }

    func gather(_ own: UnsafeRawBufferPointer, into all: UnsafeMutableRawBufferPointer, counts: [Int]) {
        precondition(own.count == counts[rank], "a rank gives more or less than all take")
        meet(own.baseAddress) { offers in
            var place = 0
            for (source, count) in zip(offers, counts) {
                let target = all.baseAddress?.advanced(by: place)
                if count > 0, let bytes = source.bytes, bytes != target.map({ UnsafeRawPointer($0) }) {
                    target?.copyMemory(from: bytes, byteCount: count)
                }
                place += count
            }
        }
    }

    func sum(_ values: UnsafeMutableBufferPointer<Float>) {
        var total = [Float](repeating: 0, count: values.count)
        meet(values.baseAddress.map { UnsafeRawPointer($0) }) { offers in
            for offer in offers {
                guard let terms = offer.bytes?.assumingMemoryBound(to: Float.self) else { continue }
                for index in total.indices { total[index] += terms[index] }
            }
        }
        for index in total.indices { values[index] = total[index] }
    }

    func barrier() { meet(nil) { _ in } }
}
