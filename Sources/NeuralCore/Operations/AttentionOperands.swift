internal import CKernels

/// What both passes of attention are told.
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
    /// What the kernels are told of every attention: rows of queries, and the spans of keys and values that they may look at.
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
