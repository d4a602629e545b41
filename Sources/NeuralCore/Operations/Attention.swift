internal import CKernels

/// Causal attention over a forest of segments, with grouped queries.
///
///     s = scale · q·k      s = cap · tanh(s / cap) with a soft-cap      out = Σ softmax(s) · v
///
/// Row r sees the keys of its own segment up to itself and all of the segments above it, within the window. Segments
/// that share a part compute it once, and nothing the size of rows × rows is ever stored: the forward pass keeps one
/// number for each row and head, from which the backward pass computes the probabilities again.
///
/// - Parameters:
///   - query: `[rows, heads · headSize]`.
///   - key: `[rows, keyValueHeads · headSize]`.
///   - value: The shape of `key`.
///   - forest: Which rows see which.
///   - heads: Query heads; a multiple of `keyValueHeads`.
///   - keyValueHeads: Key and value heads, each read by `heads / keyValueHeads` query heads.
///   - scale: Multiplies the products; nil for 1/√headSize.
///   - window: How many positions back a row sees, itself included; nil for all.
///   - softCap: Bounds the scores; nil for none.
/// - Returns: `[rows, heads · headSize]`.
/// - Complexity: 4 · headSize floating-point operations for each head and each key that a row sees, and 10 in the
///   backward pass. The bits do not depend on the number of threads.
/// - SeeAlso: [Vaswani et al. 2017](https://arxiv.org/abs/1706.03762), Eq. 1;
///   [Ainslie et al. 2023](https://arxiv.org/abs/2305.13245) for grouped queries;
///   [Dao 2023](https://arxiv.org/abs/2307.08691) for the passes, whose departures the kernel names.
public func attention(
    query: Tensor, key: Tensor, value: Tensor, over forest: Forest, heads: Int, keyValueHeads: Int,
    scale: Float? = nil, window: Int? = nil, softCap: Float? = nil
) -> Tensor {
    guard heads > 0, keyValueHeads > 0, heads % keyValueHeads == 0, query.channels % heads == 0,
        query.channels > 0, query.rows == forest.rowCount, key.rows == forest.rowCount,
        key.channels == query.channels / heads * keyValueHeads, key.shape == value.shape
    else {
        misuse(
            "attention of \(heads) heads over \(keyValueHeads) with query \(query.shape), key \(key.shape), value "
                + "\(value.shape) over a forest of \(forest.rowCount) rows")
    }
    guard window ?? 1 > 0, softCap ?? 1 > 0 else {
        misuse("attention with window \(window ?? 0), soft-cap \(softCap ?? 0); both are greater than zero")
    }
    let operands = AttentionOperands(
        query: query.detached, key: key.detached, value: value.detached, forest: forest, heads: heads,
        keyValueHeads: keyValueHeads, scale: scale ?? 1 / Float(query.channels / heads).squareRoot(),
        window: window, softCap: softCap)
    guard query.isRecorded || key.isRecorded || value.isRecorded else { return operands.output(logSums: nil) }
    let logSums = Tensor(uninitialized: [forest.rowCount, heads])
    let output = operands.output(logSums: logSums)
    return recorded(output, from: [query, key, value]) { cotangent in
        let gradients = operands.gradients(cotangent, output: output, logSums: logSums)
        return [gradients.query, gradients.key, gradients.value]
    }
}
