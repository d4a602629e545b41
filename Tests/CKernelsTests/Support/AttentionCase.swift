import CKernels
import Foundation
import Testing

/// An attention problem on random numbers, for kernels and for a plain reference in Double.
struct AttentionCase: Sendable, CustomTestStringConvertible {
    /// The segments of a forest, depth-first: a length, and the number of the segment it continues.
    var segments: [(length: Int, parent: Int?)]
    var heads = 1
    var keyValueHeads = 1
    var headSize: Int
    var window: Int32 = .max
    var softCap: Float = 0

    var testDescription: String {
        "\(segments.map { "\($0.length)\($0.parent.map { "<\($0)" } ?? "")" }), heads \(heads)/\(keyValueHeads) × "
            + "\(headSize), window \(window), cap \(softCap)"
    }

    var scale: Float { 0.8 / Float(headSize).squareRoot() }
    var rowCount: Int { segments.reduce(0) { $0 + $1.length } }
    /// Rows of q, k and v stand beside one another, as a fused projection leaves them.
    var stride: Int { (heads + 2 * keyValueHeads) * headSize }
    var keyOffset: Int { heads * headSize }
    var valueOffset: Int { (heads + keyValueHeads) * headSize }
    var outputCount: Int { rowCount * heads * headSize }

    /// The first row, and the end of the subtree's rows, of each segment.
    var rows: [(begin: Int, end: Int, subtreeEnd: Int)] {
        var rows: [(begin: Int, end: Int, subtreeEnd: Int)] = []
        for (length, parent) in segments {
            let begin = rows.last?.end ?? 0
            rows.append((begin, begin + length, begin + length))
            var ancestor = parent
            while let index = ancestor {
                rows[index].subtreeEnd = begin + length
                ancestor = segments[index].parent
            }
        }
        return rows
    }

    func firstPosition(_ segment: Int) -> Int {
        segments[segment].parent.map { firstPosition($0) + segments[$0].length } ?? 0
    }

    var positions: [Int32] {
        segments.indices.flatMap { index in
            (0..<segments[index].length).map { Int32(firstPosition(index) + $0) }
        }
    }

    /// The rows of each tree.
    var trees: [Range<Int>] {
        zip(segments, rows).compactMap { $0.0.parent == nil ? $0.1.begin..<$0.1.subtreeEnd : nil }
    }

    func spans(_ qkv: UnsafePointer<Float>) -> [ck_span] {
        segments.indices.map { index in
            let rows = rows[index]
            return ck_span(
                k: qkv + rows.begin * stride + keyOffset, v: qkv + rows.begin * stride + valueOffset,
                length: Int32(segments[index].length), position: Int32(firstPosition(index)),
                query_begin: Int32(rows.begin), query_end: Int32(rows.subtreeEnd))
        }
    }

    /// Calls `body` with what the kernels are told when q, k and v stand in `qkv`.
    func withProblem<R>(_ qkv: [Float], _ body: (UnsafePointer<Float>, inout ck_attention) -> R) -> R {
        qkv.withUnsafeBufferPointer { qkv in
            positions.withUnsafeBufferPointer { positions in
                spans(qkv.baseAddress!).withUnsafeBufferPointer { spans in
                    var problem = ck_attention(
                        spans: spans.baseAddress, positions: positions.baseAddress, span_count: spans.count,
                        heads: heads, kv_heads: keyValueHeads, head_size: headSize, q_stride: stride,
                        out_stride: heads * headSize, kv_stride: stride, kv_head_stride: headSize,
                        keys: CK_KEYS_FLOAT32, window: window, scale: scale, soft_cap: softCap)
                    return body(qkv.baseAddress!, &problem)
                }
            }
        }
    }

    /// The kernel's output and logarithms of sums, with rows cut at multiples of `rowsPerCall`.
    func forward(_ qkv: [Float], rowsPerCall: Int = .max) -> (output: [Float], logSums: [Float]) {
        withProblem(qkv) { q, problem in
            var logSums: [Float] = []
            let output = filled(outputCount) { output in
                logSums = filled(rowCount * heads) { logSums in
                    withWorkspace(ck_attention_forward_workspace(&problem)) { workspace in
                        for head in 0..<keyValueHeads {
                            var begin = 0
                            while begin < rowCount {
                                let end = rowsPerCall < rowCount - begin ? begin + rowsPerCall : rowCount
                                ck_attention_forward(
                                    output, logSums, q, &problem, head, begin, end, workspace)
                                begin = end
                            }
                        }
                    }
                }
            }
            return (output, logSums)
        }
    }

    /// The kernel's output when keys and values are read from a copy in sixteen bits, heads apart, as in a cache.
    func forwardWithBFloat16Keys(_ qkv: [Float], rowsPerCall: Int) -> [Float] {
        let headStride = rowCount * headSize
        // [2, keyValueHeads, rows, headSize]
        var numbers = [UInt16](repeating: 0, count: 2 * keyValueHeads * headStride)
        for index in numbers.indices {
            let (plane, row) = (index / headStride, index % headStride / headSize)
            numbers[index] = UInt16(
                qkv[row * stride + keyOffset + plane * headSize + index % headSize].bitPattern >> 16)
        }
        return withProblem(qkv) { q, problem in
            numbers.withUnsafeBufferPointer { numbers in
                var spans = Array(UnsafeBufferPointer(start: problem.spans, count: problem.span_count))
                for (index, rows) in rows.enumerated() {
                    spans[index].k = UnsafeRawPointer(numbers.baseAddress! + rows.begin * headSize)
                    spans[index].v = UnsafeRawPointer(
                        numbers.baseAddress! + keyValueHeads * headStride + rows.begin * headSize)
                }
                return spans.withUnsafeBufferPointer { spans in
                    problem.spans = spans.baseAddress
                    (problem.keys, problem.kv_stride) = (CK_KEYS_BFLOAT16, headSize)
                    problem.kv_head_stride = headStride
                    return filled(outputCount) { output in
                        withWorkspace(ck_attention_forward_workspace(&problem)) { workspace in
                            for head in 0..<keyValueHeads {
                                for begin in Swift.stride(from: 0, to: rowCount, by: rowsPerCall) {
                                    ck_attention_forward(
                                        output, nil, q, &problem, head, begin,
                                        min(begin + rowsPerCall, rowCount), workspace)
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// The kernel's gradient with respect to `qkv`.
    func backward(
        _ qkv: [Float], cotangent: [Float], forward: (output: [Float], logSums: [Float]), parts: Int = 1
    ) -> [Float] {
        withProblem(qkv) { q, problem in
            filled(qkv.count) { gradient in
                for tree in trees {
                    let partialSum = ck_attention_partial_sum(&problem, tree.count)
                    withWorkspace(ck_attention_backward_workspace(&problem, tree.count)) { workspace in
                        withWorkspace(parts * partialSum * MemoryLayout<Float>.stride) { sums in
                            let sums = sums.assumingMemoryBound(to: Float.self)
                            for head in 0..<keyValueHeads {
                                for part in 0..<parts {
                                    ck_attention_backward(
                                        gradient, sums + part * partialSum, cotangent, q, forward.output,
                                        forward.logSums, &problem, head, tree.lowerBound, tree.upperBound,
                                        part,
                                        parts, workspace)
                                }
                                ck_attention_backward_keys(
                                    gradient + keyOffset, gradient + valueOffset, sums, &problem, head,
                                    tree.lowerBound, tree.upperBound, parts)
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Calls `body` with aligned memory of which every byte is set, so that reading before writing shows.
func withWorkspace<R>(_ byteCount: Int, _ body: (UnsafeMutableRawPointer) -> R) -> R {
    let pointer = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)
    defer { pointer.deallocate() }
    memset(pointer, 0xff, byteCount)
    return body(pointer)
}
