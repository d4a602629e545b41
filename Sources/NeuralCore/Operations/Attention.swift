import Foundation

/// Causal attention over a forest of segments, with grouped queries.
///
///     s = scale · q·k      s = cap · tanh(s / cap) with a soft-cap      out = Σ softmax(s) · v
///
/// Row r sees the keys of its own segment up to itself and all of the segments above it, within the window.
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
/// - SeeAlso: [Vaswani et al. 2017](https://arxiv.org/abs/1706.03762), Eq. 1;
///   [Ainslie et al. 2023](https://arxiv.org/abs/2305.13245) for grouped queries.
public func attention(
    query: Tensor, key: Tensor, value: Tensor, over forest: Forest, heads: Int, keyValueHeads: Int,
    scale: Float? = nil, window: Int? = nil, softCap: Float? = nil
) -> Tensor {
    guard query.rows == forest.rowCount, key.rows == forest.rowCount, key.shape == value.shape,
        heads % keyValueHeads == 0, query.channels % heads == 0,
        key.channels == query.channels / heads * keyValueHeads
    else {
        misuse(
            "attention of \(heads) heads over \(keyValueHeads) with query \(query.shape), key \(key.shape), value "
                + "\(value.shape) over a forest of \(forest.rowCount) rows")
    }
    let (q, k, v) = (query.detached, key.detached, value.detached)
    let plain = PlainAttention(
        forest: forest, heads: heads, keyValueHeads: keyValueHeads, size: query.channels / heads,
        scale: scale ?? 1 / Float(query.channels / heads).squareRoot(), window: window ?? .max,
        softCap: softCap)
    return recorded(plain.forward(q, k, v), from: [query, key, value]) { cotangent in
        plain.backward(cotangent, q, k, v)
    }
}

/// The definition, row by row.
private struct PlainAttention {
    let forest: Forest
    let heads: Int
    let keyValueHeads: Int
    let size: Int
    let scale: Float
    let window: Int
    let softCap: Float?

    /// The rows that each row sees.
    private func seen() -> [[Int]] {
        var result: [[Int]] = []
        for (index, rows) in forest.rows.enumerated() {
            var above: [Int] = []
            var parent = forest.segments[index].parent
            while let segment = parent {
                above = Array(forest.rows[segment]) + above
                parent = forest.segments[segment].parent
            }
            for row in rows {
                result.append(
                    (above + Array(rows.lowerBound...row)).filter {
                        Int(forest.positions[row]) - Int(forest.positions[$0]) < window
                    })
            }
        }
        return result
    }

    private func weights(
        _ row: Int, _ head: Int, _ seen: [Int], _ q: UnsafePointer<Float>, _ k: UnsafePointer<Float>
    ) -> (weights: [Float], slopes: [Float]) {
        let group = head / (heads / keyValueHeads)
        var slopes = [Float](repeating: 1, count: seen.count)
        var scores = seen.enumerated().map { place, other in
            var sum: Float = 0
            for d in 0..<size {
                sum += q[(row * heads + head) * size + d] * k[(other * keyValueHeads + group) * size + d]
            }
            guard let softCap else { return sum * scale }
            let bounded = tanh(sum * scale / softCap)
            slopes[place] = 1 - bounded * bounded
            return softCap * bounded
        }
        let greatest = scores.max() ?? 0
        var total: Float = 0
        for index in scores.indices {
            scores[index] = exp(scores[index] - greatest)
            total += scores[index]
        }
        for index in scores.indices { scores[index] /= total }
        return (scores, slopes)
    }

    func forward(_ q: Tensor, _ k: Tensor, _ v: Tensor) -> Tensor {
        let out = Tensor(zeros: q.shape)
        let seen = seen()
        parallelFor(tasks: seen.count) { row in
            for head in 0..<heads {
                let group = head / (heads / keyValueHeads)
                let (weights, _) = weights(row, head, seen[row], q.storage.pointer, k.storage.pointer)
                let to = out.storage.pointer + (row * heads + head) * size
                for (weight, other) in zip(weights, seen[row]) {
                    let from = v.storage.pointer + (other * keyValueHeads + group) * size
                    for d in 0..<size { to[d] += weight * from[d] }
                }
            }
        }
        return out
    }

    func backward(_ dout: Tensor, _ q: Tensor, _ k: Tensor, _ v: Tensor) -> [Tensor?] {
        let (dq, dk, dv) = (Tensor(zeros: q.shape), Tensor(zeros: k.shape), Tensor(zeros: v.shape))
        let seen = seen()
        parallelFor(tasks: keyValueHeads) { group in
            for row in seen.indices {
                for head in group * (heads / keyValueHeads)..<(group + 1) * (heads / keyValueHeads) {
                    let (weights, slopes) = weights(
                        row, head, seen[row], q.storage.pointer, k.storage.pointer)
                    let mine = (row * heads + head) * size
                    let cotangent = dout.storage.pointer + mine
                    let products = seen[row].map { other in
                        let from = v.storage.pointer + (other * keyValueHeads + group) * size
                        return (0..<size).reduce(Float(0)) { $0 + cotangent[$1] * from[$1] }
                    }
                    let mean = zip(weights, products).reduce(Float(0)) { $0 + $1.0 * $1.1 }
                    for (place, other) in seen[row].enumerated() {
                        let theirs = (other * keyValueHeads + group) * size
                        let slope = weights[place] * (products[place] - mean) * slopes[place] * scale
                        for d in 0..<size {
                            dv.storage.pointer[theirs + d] += weights[place] * cotangent[d]
                            dq.storage.pointer[mine + d] += slope * k.storage.pointer[theirs + d]
                            dk.storage.pointer[theirs + d] += slope * q.storage.pointer[mine + d]
                        }
                    }
                }
            }
        }
        return [dq, dk, dv]
    }
}
