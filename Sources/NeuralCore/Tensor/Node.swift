import Synchronization

/// An operation in the graph: which values it consumed, and how gradients flow back through it.
///
/// Nodes are immutable and known to their consumers only, so that a part of the graph lives exactly as long as
/// something needs it. A leaf, which stands for a parameter, has no pullback.
package final class Node: Sendable {
    /// From the gradients of the outputs to those of the inputs; nil stands for zero, before and after.
    ///
    /// The array is handed over: elements taken from it may be overwritten.
    typealias Pullback = @Sendable (_ cotangents: inout [Tensor?]) -> [Tensor?]

    let recording: Recording
    let scope: CheckpointScope?
    /// One more than the greatest order of the inputs, so a node's order exceeds that of all it depends on.
    let order: Int
    let outputs: Int
    let pullback: Pullback?
    /// Written only while the node is torn down, when nobody else can see it.
    nonisolated(unsafe) private(set) var inputs: [Edge?]

    init(
        recording: Recording, inputs: [Edge?], outputs: Int = 1, pullback: Pullback?
    ) {
        self.recording = recording
        self.scope = recording.scope
        self.order = 1 + (inputs.lazy.compactMap { $0?.node.order }.max() ?? -1)
        self.outputs = outputs
        self.pullback = pullback
        self.inputs = inputs
    }

    /// Tears a chain of nodes down in a loop: one deinitializer calling the next would overflow the stack on a
    /// graph some twenty thousand operations deep.
    deinit {
        var doomed = inputs
        inputs = []
        while var edge = doomed.popLast() {
            guard edge != nil, isKnownUniquelyReferenced(&edge!.node) else { continue }
            doomed.append(contentsOf: edge!.node.inputs)
            edge!.node.inputs = []
        }
    }
}

/// One output of a node.
package struct Edge: Sendable {
    var node: Node
    let output: Int

    /// The identity of the value this edge stands for.
    var id: ID { ID(node: ObjectIdentifier(node), output: output) }

    struct ID: Hashable {
        let node: ObjectIdentifier
        let output: Int
    }
}

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
