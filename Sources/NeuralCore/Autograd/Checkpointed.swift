/// Computes `body(input)` without keeping its activations; the backward pass computes them again.
///
///     for block in blocks { x = checkpointed(x) { x in block(x, over: forest) } }
///
/// Trades a second forward pass through `body` for the memory of everything inside it. Gradients flow to `input`
/// and to whatever else `body` captured: the first run is recorded to find that out, and then forgotten.
///
/// - Parameters:
///   - input: The activations that enter. When it is not recorded, `body` simply runs.
///   - body: A function of its argument and of constant captures. It runs twice and must compute the same both
///     times, so it takes any randomness from a captured `RandomSource`.
/// - SeeAlso: [Chen et al. 2016](https://arxiv.org/abs/1604.06174), with one segment for each call.
public func checkpointed(_ input: Tensor, _ body: @escaping @Sendable (Tensor) -> Tensor) -> Tensor {
    checkpointed(input) { [body($0)] }[0]
}

/// The same for several outputs.
package func checkpointed(
    _ input: Tensor, _ body: @escaping @Sendable (Tensor) -> [Tensor]
) -> [Tensor] {
    guard input.isRecorded, let recording = input.edge?.node.recording else { return body(input) }
    let scope = CheckpointScope()
    let outputs = recording.within(scope) { body(input) }
    let isInside = outputs.map { $0.edge.map { $0.node.scope === scope } ?? false }
    guard isInside.contains(true) else { return outputs }
    let captured = captures(
        of: scope, from: zip(outputs, isInside).compactMap { $1 ? $0.edge : nil })
    let entered = recording.entering(outputs.map(\.detached), from: captured) { cotangents in
        let scope = CheckpointScope()
        // Nothing else may hold the nodes, which are dropped one after another.
        var edges: [Edge?] = recording.within(scope) { body(input).map { $0.edge } }
        var seeds: [(edge: Edge, cotangent: Tensor)] = []
        while let last = edges.popLast() {
            guard let edge = last, let cotangent = cotangents[edges.count].take() else { continue }
            seeds.append((edge: edge, cotangent: cotangent))
        }
        let gradients = Backpropagation.gradients(from: consume seeds, until: { $0.scope !== scope })
        return captured.map { gradients[$0.id] }
    }
    return outputs.indices.map { isInside[$0] ? entered[$0] : outputs[$0] }
}

extension Recording {
    /// Enters outputs into the graph as computed from values known by their edges.
    fileprivate func entering(
        _ outputs: [Tensor], from inputs: [Edge], pullback: @escaping Node.Pullback
    ) -> [Tensor] {
        let node = Node(recording: self, inputs: inputs, outputs: outputs.count, pullback: pullback)
        return outputs.indices.map { index in
            var output = outputs[index]
            output.edge = Edge(node: node, output: index)
            return output
        }
    }
}

/// The values from outside `scope` that the graph inside it begins at, each once, in a fixed order.
private func captures(of scope: CheckpointScope, from results: [Edge]) -> [Edge] {
    var captured: [Edge] = []
    var seen: Set<Edge.ID> = []
    var visited: Set<ObjectIdentifier> = []
    var unexplored = results.map(\.node).filter { visited.insert(ObjectIdentifier($0)).inserted }
    while let node = unexplored.popLast() {
        for case let edge? in node.inputs {
            if edge.node.scope === scope {
                if visited.insert(ObjectIdentifier(edge.node)).inserted { unexplored.append(edge.node) }
            } else if seen.insert(edge.id).inserted {
                captured.append(edge)
            }
        }
    }
    return captured
}
