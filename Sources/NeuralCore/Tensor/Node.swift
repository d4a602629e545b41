/// An operation in the graph: which values it consumed, and how gradients flow back through it.
///
/// Nodes are immutable and known to their consumers only, so that a part of the graph lives exactly as long as
/// something needs it. A leaf, which stands for a parameter, has no pullback.
package final class Node: Sendable {
    /// From the gradients of the outputs to those of the inputs; nil stands for zero, before and after.
    ///
    /// The array is handed over: what is taken from it may be overwritten.
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
