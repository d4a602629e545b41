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
    // Where calls are nested, the operation belongs to the one begun last; the others' tensors are constants.
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
