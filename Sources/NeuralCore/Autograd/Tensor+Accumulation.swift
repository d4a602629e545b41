import CKernels

extension Tensor {
    /// Adds `other` element by element, in place unless another tensor shares the elements; nothing is recorded.
    package mutating func add(_ other: Tensor) {
        guard shape == other.shape else {
            misuse("cannot add a tensor of shape \(other.shape) to one of shape \(shape)")
        }
        let count = count
        other.withUnsafeBuffer { addend in
            let addend = addend.baseAddress
            replaceElements { new, old in
                parallelElements(count) { ck_add(new, old, addend, $0.lowerBound, $0.upperBound) }
            }
        }
    }
}
