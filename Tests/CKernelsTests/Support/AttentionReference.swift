import Foundation

/// Attention as its definition says, in Double: every row against every key it may see.
extension AttentionCase {
    /// Whether a row sees the key of another.
    private func visibility() -> [[Int]] {
        var segmentOfRow: [Int] = []
        for (index, segment) in segments.enumerated() {
            segmentOfRow += Array(repeating: index, count: segment.length)
        }
        let positions = positions
        return (0..<rowCount).map { row in
            var path: Set<Int> = []
            var segment: Int? = segmentOfRow[row]
            while let index = segment {
                path.insert(index)
                segment = segments[index].parent
            }
            return (0...row).filter { key in
                let distance = Int(positions[row]) - Int(positions[key])
                return path.contains(segmentOfRow[key]) && distance >= 0 && distance < Int(window)
            }
        }
    }

    /// The output, the logarithms of sums, and the gradient of output · cotangent with respect to `qkv`.
    func reference(
        _ qkv: [Double], cotangent: [Double]? = nil
    ) -> (output: [Double], logSums: [Double], gradient: [Double]) {
        var output = [Double](repeating: 0, count: outputCount)
        var logSums = [Double](repeating: 0, count: rowCount * heads)
        var gradient = [Double](repeating: 0, count: qkv.count)
        let scale = Double(scale), cap = Double(softCap)
        for (row, keys) in visibility().enumerated() {
            for head in 0..<heads {
                let group = head / (heads / keyValueHeads) * headSize
                let q = row * stride + head * headSize, o = (row * heads + head) * headSize
                let bends = keys.map { key -> Double in
                    let k = key * stride + keyOffset + group
                    let score = scale * (0..<headSize).reduce(0) { $0 + qkv[q + $1] * qkv[k + $1] }
                    return cap > 0 ? tanh(score / cap) : score
                }
                let scores = cap > 0 ? bends.map { cap * $0 } : bends
                let greatest = scores.max()!
                let total = scores.reduce(0) { $0 + exp($1 - greatest) }
                logSums[row * heads + head] = greatest + log(total)
                let weights = scores.map { exp($0 - greatest) / total }
                for (key, weight) in zip(keys, weights) {
                    let v = key * stride + valueOffset + group
                    for d in 0..<headSize { output[o + d] += weight * qkv[v + d] }
                }
                guard let cotangent else { continue }
                let delta = (0..<headSize).reduce(0) { $0 + cotangent[o + $1] * output[o + $1] }
                for (index, key) in keys.enumerated() {
                    let k = key * stride + keyOffset + group, v = key * stride + valueOffset + group
                    let along = (0..<headSize).reduce(0) { $0 + cotangent[o + $1] * qkv[v + $1] }
                    let bend = cap > 0 ? 1 - bends[index] * bends[index] : 1
                    let slope = scale * weights[index] * (along - delta) * bend
                    for d in 0..<headSize {
                        gradient[q + d] += slope * qkv[k + d]
                        gradient[k + d] += slope * qkv[q + d]
                        gradient[v + d] += weights[index] * cotangent[o + d]
                    }
                }
            }
        }
        return (output, logSums, gradient)
    }
}
