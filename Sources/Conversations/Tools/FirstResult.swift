internal import Synchronization

/// The result of whichever of two tasks ends first; the other is canceled and not waited for, as it may never end.
final class FirstResult<Result: Sendable>: Sendable {
    private struct State {
        var waiting: CheckedContinuation<Result, Never>?
        var tasks: [Task<Void, Never>] = []
        var hasEnded = false
    }

    private let state = Mutex(State())

    /// - Parameters:
    ///   - work: The work whose result is wanted.
    ///   - limit: Gives the result in its place when it has taken too long.
    static func of(
        _ work: @escaping @Sendable () async -> Result, orElse limit: @escaping @Sendable () async -> Result
    ) async -> Result {
        let first = FirstResult<Result>()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                first.state.withLock { $0.waiting = continuation }
                first.start(work)
                first.start(limit)
            }
        } onCancel: {
            first.cancelTasks()
        }
    }

    private func start(_ work: @escaping @Sendable () async -> Result) {
        let task = Task { self.end(with: await work()) }
        let isLate = state.withLock { state in
            state.tasks.append(task)
            return state.hasEnded
        }
        if isLate { task.cancel() }
    }

    private func end(with result: Result) {
        let waiting = state.withLock { state in
            defer { (state.waiting, state.hasEnded) = (nil, true) }
            return state.waiting
        }
        waiting?.resume(returning: result)
        cancelTasks()
    }

    private func cancelTasks() {
        for task in state.withLock({ $0.tasks }) { task.cancel() }
    }
}
