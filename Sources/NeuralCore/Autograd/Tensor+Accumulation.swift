extension Tensor {
    /// Adds `other` in place, element by element; nothing is recorded.
    package mutating func add(_ other: Tensor) {
        guard shape == other.shape else {
            misuse("cannot add a tensor of shape \(other.shape) to one of shape \(shape)")
        }
        other.withUnsafeBuffer { addend in
            withUnsafeMutableBuffer { sum in
                for index in 0..<sum.count { sum[index] += addend[index] }
            }
        }
    }
}
