import CKernels

extension Tensor {
    /// Whether a running `valueWithGradient` differentiates through this tensor.
    ///
    /// An operation asks before it records, so as not to compute gradients that nobody wants.
    package var isRecorded: Bool { edge?.node.recording.isActive ?? false }

    /// The same values outside any graph: no gradient flows back through them.
    public var detached: Tensor {
        var copy = self
        copy.edge = nil
        return copy
    }
}

/// Enters `output` into the graph as computed from `inputs`; returns it unchanged when none of these is recorded.
///
/// - Parameters:
///   - output: The result, already computed.
///   - inputs: The operands, in the order in which `pullback` answers for them.
///   - pullback: From the gradient with respect to `output`, which it owns and may overwrite, to one gradient
///     for each input; nil where none flows. Keep only detached tensors in it.
package func recorded(
    _ output: consuming Tensor, from inputs: [Tensor],
    pullback: @escaping @Sendable (consuming Tensor) -> [Tensor?]
) -> Tensor {
    recorded([output], from: inputs) { cotangents in
        guard let cotangent = cotangents[0].take() else { return [] }
        return pullback(cotangent)
    }[0]
}

/// Enters several outputs of one operation into the graph.
///
/// - Parameters:
///   - outputs: The results, already computed.
///   - inputs: The operands, in the order in which `pullback` answers for them.
///   - pullback: From the gradients with respect to the outputs (nil where an output was not used; take one out
///     of the array to overwrite it) to one gradient for each input. An empty answer means that none flows.
package func recorded(
    _ outputs: [Tensor], from inputs: [Tensor],
    pullback: @escaping @Sendable (_ cotangents: inout [Tensor?]) -> [Tensor?]
) -> [Tensor] {
    // In nested calls, the operation belongs to the innermost one; the others' tensors are constants.
    var recording: Recording?
    for input in inputs {
        guard let candidate = input.edge?.node.recording, candidate.isActive else { continue }
        if candidate.serial > recording?.serial ?? 0 { recording = candidate }
    }
    guard let recording else { return outputs.map(\.detached) }
    let edges = inputs.map { $0.edge?.node.recording === recording ? $0.edge : nil }
    let node = Node(recording: recording, inputs: edges, outputs: outputs.count, pullback: pullback)
    return outputs.indices.map { index in
        var output = outputs[index]
        output.edge = Edge(node: node, output: index)
        return output
    }
}

/// Walks a graph from one value back to where it began, one node at a time.
///
/// A node's order exceeds that of everything it depends on, so visiting nodes in falling order meets each one
/// after all its consumers. Every node is dropped as soon as it has been consumed, and with it the activations
/// that only its pullback kept.
struct Backpropagation {
    /// A node that some gradient has reached.
    private struct Visit {
        let node: Node
        var cotangents: [Tensor?]
    }

    /// Visits still to be made, by order of their nodes.
    private var pending: [[Visit]] = []
    private var places: [ObjectIdentifier: Int] = [:]
    private let isBoundary: (Node) -> Bool
    private var gradients: [Edge.ID: Tensor] = [:]
    /// The times that each value at the boundary is still to be met as an operand; empty where nobody waits for it.
    private var uses: [Edge.ID: Int] = [:]

    /// The gradients with respect to the values at the boundary.
    ///
    /// - Parameters:
    ///   - edge: The value to start from.
    ///   - cotangent: The gradient with respect to that value.
    ///   - isBoundary: Nodes at which the walk ends.
    static func gradients(
        from edge: consuming Edge, cotangent: consuming Tensor, until isBoundary: @escaping (Node) -> Bool
    ) -> [Edge.ID: Tensor] {
        var walk = Backpropagation(isBoundary: isBoundary)
        walk.deliver(cotangent, to: edge)
        walk.run()
        return walk.gradients
    }

    /// Calls `body` with the gradient with respect to each leaf as soon as nothing can add to it, or at the end.
    ///
    /// - Parameters:
    ///   - edge: The value to start from.
    ///   - cotangent: The gradient with respect to that value.
    ///   - uses: The number of times that each leaf is an operand, from ``Edge/usesOfLeaves``.
    static func forEachLeaf(
        from edge: consuming Edge, cotangent: consuming Tensor, uses: [Edge.ID: Int],
        _ body: (_ leaf: Edge.ID, _ gradient: Tensor) -> Void
    ) {
        var walk = Backpropagation(isBoundary: { $0.pullback == nil })
        walk.uses = uses
        walk.deliver(cotangent, to: edge)
        walk.run(body)
        while let (leaf, gradient) = walk.gradients.popFirst() { body(leaf, gradient) }
    }

    /// The gradients from several values, each with its own.
    static func gradients(
        from seeds: consuming [(edge: Edge, cotangent: Tensor)], until isBoundary: @escaping (Node) -> Bool
    ) -> [Edge.ID: Tensor] {
        var walk = Backpropagation(isBoundary: isBoundary)
        while let seed = seeds.popLast() { walk.deliver(seed.cotangent, to: seed.edge) }
        walk.run()
        return walk.gradients
    }

    private init(isBoundary: @escaping (Node) -> Bool) { self.isBoundary = isBoundary }

    private mutating func run(_ finish: (_ value: Edge.ID, _ gradient: Tensor) -> Void = { _, _ in }) {
        while !pending.isEmpty {
            guard var visit = pending[pending.count - 1].popLast() else {
                pending.removeLast()
                continue
            }
            places[ObjectIdentifier(visit.node)] = nil
            let inputs = visit.node.inputs
            var results = visit.node.pullback?(&visit.cotangents) ?? []
            for index in results.indices {
                guard let edge = inputs[index], let gradient = results[index].take() else { continue }
                deliver(gradient, to: edge)
            }
            guard !uses.isEmpty else { continue }
            for case let edge? in inputs {
                guard let left = uses[edge.id] else { continue }
                uses[edge.id] = left - 1
                if left == 1, let gradient = gradients.removeValue(forKey: edge.id) {
                    finish(edge.id, gradient)
                }
            }
        }
    }

    private mutating func deliver(_ gradient: consuming Tensor, to edge: Edge) {
        if isBoundary(edge.node) {
            Self.add(gradient, to: &gradients[edge.id])
            return
        }
        let order = edge.node.order
        while pending.count <= order { pending.append([]) }
        let key = ObjectIdentifier(edge.node)
        if let place = places[key] {
            Self.add(gradient, to: &pending[order][place].cotangents[edge.output])
        } else {
            var cotangents = [Tensor?](repeating: nil, count: edge.node.outputs)
            cotangents[edge.output] = gradient
            places[key] = pending[order].count
            pending[order].append(Visit(node: edge.node, cotangents: cotangents))
        }
    }

    private static func add(_ gradient: consuming Tensor, to sum: inout Tensor?) {
        guard sum != nil else {
            sum = gradient.detached
            return
        }
        sum!.add(gradient)
    }
}

extension Edge {
    /// The number of times that each leaf is an operand in the graph of this value; one of a leaf itself.
    var usesOfLeaves: [ID: Int] {
        guard node.pullback != nil else { return [id: 1] }
        var uses: [ID: Int] = [:]
        var visited: Set = [ObjectIdentifier(node)]
        var unexplored = [node]
        while let node = unexplored.popLast() {
            for case let edge? in node.inputs {
                if edge.node.pullback == nil {
                    uses[edge.id, default: 0] += 1
                } else if visited.insert(ObjectIdentifier(edge.node)).inserted {
                    unexplored.append(edge.node)
                }
            }
        }
        return uses
    }
}

extension Tensor {
    /// Adds `other` element by element, in place unless another tensor shares the elements; nothing is recorded.
    package mutating func add(_ other: Tensor) {
        guard shape == other.shape else {
            misuse("cannot add a tensor of shape \(other.shape) to one of shape \(shape)")
        }
        let count = count
        other.withUnsafeBuffer { addend in
            let addend = addend.baseAddress
            replaceElements { new, old in
                parallelElements(count) { ck_add(new, old, addend, $0.lowerBound, $0.upperBound) }
            }
        }
    }
}
