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
    guard input.isRecorded, let recording = input.edge?.node.recording else { return body(input) }
    let scope = CheckpointScope()
    let output = recording.within(scope) { body(input) }
    guard let result = output.edge, result.node.scope === scope else { return output }
    let captured = captures(of: scope, from: result)
    return recording.entering(output.detached, from: captured) { cotangents in
        guard let cotangent = cotangents[0].take() else { return [] }
        let scope = CheckpointScope()
        let output = recording.within(scope) { body(input) }
        guard let result = output.edge else { return [] }
        let gradients = Backpropagation.gradients(
            from: result, cotangent: cotangent, until: { $0.scope !== scope })
        return captured.map { gradients[$0.id] }
    }
}

extension Recording {
    /// Enters `output` into the graph as computed from values known by their edges.
    fileprivate func entering(
        _ output: Tensor, from inputs: [Edge], pullback: @escaping Node.Pullback
    ) -> Tensor {
        var output = output
        output.edge = Edge(node: Node(recording: self, inputs: inputs, pullback: pullback), output: 0)
        return output
    }
}

/// The values from outside `scope` that the graph inside it begins at, each once, in a fixed order.
private func captures(of scope: CheckpointScope, from result: Edge) -> [Edge] {
    var captured: [Edge] = []
    var seen: Set<Edge.ID> = []
    var visited: Set<ObjectIdentifier> = [ObjectIdentifier(result.node)]
    var unexplored = [result.node]
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
