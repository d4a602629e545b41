import Synchronization

/// One call of `valueWithGradient`: the operations between its start and its end are recorded.
///
/// A tensor belongs to a recording through its node, so nothing is ambient: outside the closure, and on tensors
/// that do not depend on the model, no operation records. Once the call returns its recording is over, and a
/// tensor that escaped from it is a plain value.
package final class Recording: Sendable {
    private static let started = Atomic<Int>(0)

    /// Later calls have greater numbers, so that of two nested recordings the inner one is known.
    let serial: Int
    private let isOver = Atomic<Bool>(false)
    private let innermostScope = Mutex<CheckpointScope?>(nil)

    init() {
        serial = Self.started.add(1, ordering: .relaxed).newValue
    }

    var isActive: Bool { !isOver.load(ordering: .acquiring) }

    func end() { isOver.store(true, ordering: .releasing) }

    /// The scope that nodes made now belong to.
    var scope: CheckpointScope? { innermostScope.withLock { $0 } }

    /// Runs `body` with every node it makes marked as belonging to `scope`.
    func within<R>(_ scope: CheckpointScope, _ body: () -> R) -> R {
        let outer = innermostScope.withLock { current in
            defer { current = scope }
            return current
        }
        defer { innermostScope.withLock { $0 = outer } }
        return body()
    }
}

/// Marks the nodes made by one run of the closure of `checkpointed`.
package final class CheckpointScope: Sendable {}
