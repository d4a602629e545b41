internal import CKernels

/// A run of keys and values that some rows of queries may look at.
///
/// Training derives spans from a forest; decoding keeps them. A prompt is one span that all its continuations see, and
/// each continuation adds a span of its own.
public struct KeySpan: Sendable {
    /// The keys, of `keyValueHeads · headSize` channels.
    public var keys: KeyRows
    /// The values beside them, as many and kept alike.
    public var values: KeyRows
    /// The position of the first key; the others follow it.
    public var position: Int
    /// The rows of queries that may look.
    public var queryRows: Range<Int>

    /// A span from its parts.
    public init(keys: KeyRows, values: KeyRows, position: Int, queryRows: Range<Int>) {
        guard keys.count == values.count, keys.channels == values.channels, keys.format == values.format
        else {
            misuse(
                "a span of \(keys.count) keys of \(keys.channels) channels in \(keys.format) with \(values.count) "
                    + "values of \(values.channels) in \(values.format)")
        }
        self.keys = keys
        self.values = values
        self.position = position
        self.queryRows = queryRows
    }
}

/// Attention of rows of queries to spans of keys, as when tokens are generated; nothing is recorded.
///
/// Row r sees key j of a span when r is one of its query rows and the key's position is not after the row's own.
///
/// - Parameters:
///   - query: `[rows, heads · headSize]`.
///   - positions: The position of each row.
///   - spans: The keys and values that the rows may read, all in one format.
///   - heads: Query heads; a multiple of `keyValueHeads`.
///   - keyValueHeads: Key and value heads.
///   - scale: Multiplies the products; nil for 1/√headSize.
///   - window: The number of positions that a row sees, counted back from its own; nil for all.
///   - softCap: Bounds the scores; nil for none.
///   - rowsBefore: The number of omitted earlier rows of a longer pass. Rows are computed in blocks, counted
///     from the first row of that pass, so that they get the bits that they would have in it.
/// - Returns: The shape of `query`.
public func attention(
    query: Tensor, positions: [Int32], over spans: [KeySpan], heads: Int, keyValueHeads: Int,
    scale: Float? = nil, window: Int? = nil, softCap: Float? = nil, rowsBefore: Int = 0
) -> Tensor {
    let channels = query.channels / heads * keyValueHeads
    let kind = spans.first?.keys.kernelKind ?? CK_KEYS_FLOAT32
    guard query.rows == positions.count, query.channels % heads == 0, heads % keyValueHeads == 0,
        spans.allSatisfy({ $0.keys.channels == channels && $0.keys.kernelKind == kind })
    else {
        misuse(
            "attention of \(heads) heads over \(keyValueHeads) with query \(query.shape), \(positions.count) positions "
                + "and keys of \(Set(spans.map(\.keys.channels))) channels")
    }
    let output = Tensor(uninitialized: query.shape)
    let size = query.channels / heads
    let described = spans.map { span in
        ck_span(
            k: span.keys.pointer, v: span.values.pointer,
            length: Int32(span.keys.count), position: Int32(span.position),
            query_begin: Int32(span.queryRows.lowerBound), query_end: Int32(span.queryRows.upperBound))
    }
    let rowsPerTask = rowsPerAttentionBlock(heads: heads, keyValueHeads: keyValueHeads)
    let offset = rowsBefore % rowsPerTask
    let blocks = (offset + query.rows + rowsPerTask - 1) / rowsPerTask
    withExtendedLifetime((query, output, spans)) {
        positions.withUnsafeBufferPointer { positions in
            described.withUnsafeBufferPointer { described in
                parallelFor(tasks: blocks * keyValueHeads) { task in
                    let end = (task / keyValueHeads + 1) * rowsPerTask - offset
                    let begin = max(0, end - rowsPerTask)
                    var attention = ck_attention(
                        of: query, over: described, at: positions, keys: kind, heads: heads,
                        keyValueHeads: keyValueHeads, window: window,
                        scale: scale ?? 1 / Float(size).squareRoot(), softCap: softCap)
                    ck_attention_forward(
                        output.storage.pointer, nil, query.storage.pointer, &attention, task % keyValueHeads,
                        begin, min(end, positions.count),
                        ck_scratch(ck_attention_forward_workspace(&attention)))
                }
            }
        }
    }
    return output
}

/// The rows of queries that attention computes together.
package func rowsPerAttentionBlock(heads: Int, keyValueHeads: Int) -> Int {
    max(1, Int(CK_ATTENTION_FORWARD_LANES) / (heads / keyValueHeads))
}
