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
///   - forest: The segments, which determine the rows that each row sees.
///   - heads: Query heads; a multiple of `keyValueHeads`.
///   - keyValueHeads: Key and value heads, each read by `heads / keyValueHeads` query heads.
///   - scale: Multiplies the products; nil for 1/√headSize.
///   - window: The number of positions that a row sees, counted back from its own; nil for all.
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

/// The operands shared by the forward and the backward pass of attention.
struct AttentionOperands: Sendable {
    let query: Tensor
    let key: Tensor
    let value: Tensor
    let forest: Forest
    let heads: Int
    let keyValueHeads: Int
    let scale: Float
    let window: Int?
    let softCap: Float?

    /// Query heads that read one key-value head.
    var headsPerGroup: Int { heads / keyValueHeads }

    /// Trees that are worked on together: an interval of rows, and the segments it is made of.
    struct Grove {
        var rows: Range<Int>
        var segments: Range<Int>
    }

    /// The trees, each large one alone, small ones together until there are `rowsWanted` rows.
    func groves(of rowsWanted: Int) -> [Grove] {
        var groves: [Grove] = []
        for root in forest.roots {
            let rows = forest.subtreeRows[root]
            if var last = groves.last, last.rows.count + rows.count <= rowsWanted {
                last.rows = last.rows.lowerBound..<rows.upperBound
                groves[groves.count - 1] = last
            } else {
                groves.append(Grove(rows: rows, segments: root..<root))
            }
        }
        for index in groves.indices {
            let end =
                index + 1 < groves.count ? groves[index + 1].segments.lowerBound : forest.segments.count
            groves[index].segments = groves[index].segments.lowerBound..<end
        }
        return groves.filter { !$0.rows.isEmpty }
    }

    /// Calls `body` with a function that describes the problem of one grove as the kernels want it.
    func withProblem(_ body: (_ problem: (Grove) -> ck_attention) -> Void) {
        let (keys, values) = (UnsafePointer(key.storage.pointer), UnsafePointer(value.storage.pointer))
        let channels = key.channels
        let spans = forest.rows.enumerated().map { index, rows in
            ck_span(
                k: keys + rows.lowerBound * channels, v: values + rows.lowerBound * channels,
                length: Int32(rows.count), position: rows.isEmpty ? 0 : forest.positions[rows.lowerBound],
                query_begin: Int32(rows.lowerBound), query_end: Int32(forest.subtreeRows[index].upperBound))
        }
        withExtendedLifetime((query, key, value)) {
            forest.positions.withUnsafeBufferPointer { positions in
                spans.withUnsafeBufferPointer { spans in
                    body { grove in
                        ck_attention(
                            of: query, over: UnsafeBufferPointer(rebasing: spans[grove.segments]),
                            at: positions, heads: heads, keyValueHeads: keyValueHeads, window: window,
                            scale: scale, softCap: softCap)
                    }
                }
            }
        }
    }
}

extension ck_attention {
    /// Creates the kernels' description of attention: rows of queries, and the spans of keys and values that they may read.
    init(
        of query: Tensor, over spans: UnsafeBufferPointer<ck_span>, at positions: UnsafeBufferPointer<Int32>,
        keys: ck_keys = CK_KEYS_FLOAT32, heads: Int, keyValueHeads: Int, window: Int?, scale: Float,
        softCap: Float? = nil
    ) {
        let size = query.channels / heads
        self.init(
            spans: spans.baseAddress, positions: positions.baseAddress, span_count: spans.count, heads: heads,
            kv_heads: keyValueHeads, head_size: size, q_stride: query.channels, out_stride: query.channels,
            kv_stride: size * keyValueHeads, kv_head_stride: size, keys: keys,
            window: Int32(clamping: window ?? Int(Int32.max)), scale: scale, soft_cap: softCap ?? 0)
    }
}

// Both passes are divided into tasks by the forest and the heads only, so bits do not depend on the number of
// threads.
extension AttentionOperands {
    /// The result, in the shape of `query`; fills `logSums`, `[rows, heads]`, when there is one.
    func output(logSums: Tensor?) -> Tensor {
        let output = Tensor(uninitialized: query.shape)
        let rowsPerTask = max(1, Int(CK_ATTENTION_FORWARD_LANES) / headsPerGroup)
        // Later rows see more keys, so the last rows of each tree begin first.
        let tasks = groves(of: rowsPerTask).flatMap { grove in
            stride(from: grove.rows.lowerBound, to: grove.rows.upperBound, by: rowsPerTask).map { begin in
                (grove: grove, rows: begin..<min(begin + rowsPerTask, grove.rows.upperBound))
            }.reversed()
        }
        withProblem { problem in
            withExtendedLifetime((output, logSums)) {
                parallelFor(tasks: tasks.count * keyValueHeads) { index in
                    let (grove, rows) = tasks[index / keyValueHeads]
                    var attention = problem(grove)
                    ck_attention_forward(
                        output.storage.pointer, logSums?.storage.pointer, query.storage.pointer, &attention,
                        index % keyValueHeads, rows.lowerBound, rows.upperBound,
                        ck_scratch(ck_attention_forward_workspace(&attention)))
                }
            }
        }
        return output
    }

    /// The gradients with respect to query, key and value.
    ///
    /// A grove and a key-value head are one unit of work. Where units are few, each is cut into parts that sum the
    /// gradients of keys and values for themselves, and these sums are added up in order.
    func gradients(
        _ cotangent: Tensor, output: Tensor, logSums: Tensor
    ) -> (query: Tensor, key: Tensor, value: Tensor) {
        let dq = Tensor(uninitialized: query.shape)
        let dk = Tensor(uninitialized: key.shape), dv = Tensor(uninitialized: value.shape)
        let lanes = Int(CK_ATTENTION_BACKWARD_LANES)
        let groves = groves(of: max(1, lanes / headsPerGroup))
        let units = groves.count * keyValueHeads
        let mostRows = groves.map(\.rows.count).max() ?? 0
        let parts = max(1, min(partsWanted / max(1, units), mostRows * headsPerGroup / (2 * lanes)))
        withProblem { problem in
            guard units > 0 else { return }
            var largest = problem(groves[0])
            let floatsPerUnit = parts * ck_attention_partial_sum(&largest, mostRows)
            let sums = parts == 1 ? nil : Workspace(byteCount: 4 * units * floatsPerUnit)
            let firstSum = sums?.pointer.assumingMemoryBound(to: Float.self)

            withExtendedLifetime((cotangent, output, logSums, dq, dk, dv, sums)) {
                parallelFor(tasks: units * parts) { task in
                    let (unit, part) = (task / parts, task % parts)
                    let (grove, head) = (groves[unit / keyValueHeads], unit % keyValueHeads)
                    var attention = problem(grove)
                    let floats = ck_attention_partial_sum(&attention, grove.rows.count)
                    let bytes = ck_attention_backward_workspace(&attention, grove.rows.count)
                    let scratch = ck_scratch(bytes + (parts == 1 ? 4 * floats : 0))!
                    let sum =
                        firstSum.map { $0 + unit * floatsPerUnit + part * floats }
                        ?? (scratch + bytes).assumingMemoryBound(to: Float.self)
                    ck_attention_backward(
                        dq.storage.pointer, sum, cotangent.storage.pointer, query.storage.pointer,
                        output.storage.pointer, logSums.storage.pointer, &attention, head,
                        grove.rows.lowerBound, grove.rows.upperBound, part, parts, scratch)
                    guard parts == 1 else { return }
                    ck_attention_backward_keys(
                        dk.storage.pointer, dv.storage.pointer, sum, &attention, head, grove.rows.lowerBound,
                        grove.rows.upperBound, 1)
                }
                guard let firstSum else { return }
                parallelFor(tasks: units) { unit in
                    let (grove, head) = (groves[unit / keyValueHeads], unit % keyValueHeads)
                    var attention = problem(grove)
                    ck_attention_backward_keys(
                        dk.storage.pointer, dv.storage.pointer, firstSum + unit * floatsPerUnit, &attention,
                        head, grove.rows.lowerBound, grove.rows.upperBound, parts)
                }
            }
        }
        return (dq, dk, dv)
    }
}

/// A forest with fewer units of work than this is cut into more: enough for the processors of a small server.
private let partsWanted = 16
