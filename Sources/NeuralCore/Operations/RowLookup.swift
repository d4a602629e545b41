internal import CKernels

extension Tensor {
    /// Picks rows along the leading axis, each as often as it is named.
    ///
    ///     let activations = embedding.rows(at: tokens)          // [vocabulary, channels] to [tokens, channels]
    ///
    /// The gradient of a row is the sum over its uses, in their order, whatever the number of threads.
    ///
    /// - Parameter indices: The rows to pick, each less than the leading extent.
    /// - Returns: `[indices.count, …]`, the other axes as in `self`.
    public func rows(at indices: [Int32]) -> Tensor {
        let (extents, width) = leadingRows(named: indices)
        let output = Tensor(uninitialized: Shape([indices.count] + extents))
        withExtendedLifetime((self, output)) {
            parallelRows(indices.count, channels: width) {
                ck_embedding_forward(
                    output.storage.pointer, storage.pointer, indices, $0.lowerBound, $0.upperBound, width)
            }
        }
        let count = shape[0]
        return recorded(output, from: [self]) { cotangent in
            [cotangent.scattered(to: indices, of: count)]
        }
    }

    /// Adds rows up by destination: row `i` of `self` is added to row `indices[i]` of a result that begins as zero.
    ///
    ///     let perSequence = logProbabilities.summed(into: sequences, at: sequenceOfToken)
    ///
    /// - Parameters:
    ///   - count: The leading extent of the result.
    ///   - indices: The destination of every row of `self`, each less than `count`.
    /// - Returns: `[count, …]`, the other axes as in `self`.
    public func summed(into count: Int, at indices: [Int32]) -> Tensor {
        guard shape.rank > 0, indices.count == shape[0],
            indices.allSatisfy({ 0 <= $0 && Int($0) < count })
        else {
            misuse(
                "\(indices.count) destinations in 0..<\(count) for the rows of a tensor of shape \(shape)")
        }
        return recorded(scattered(to: indices, of: count), from: [self]) { cotangent in
            [cotangent.detached.rows(at: indices)]
        }
    }

    private func leadingRows(named indices: [Int32]) -> (extents: [Int], width: Int) {
        guard shape.rank > 0 else { misuse("a tensor of shape \(shape) has no rows") }
        for (position, index) in indices.enumerated() where index < 0 || Int(index) >= shape[0] {
            misuse("index \(index) at position \(position) names no row of a tensor of shape \(shape)")
        }
        let extents = Array(shape.extents.dropFirst())
        return (extents, extents.reduce(1, *))
    }

    /// The sums that `summed(into:at:)` gives; nothing is checked or recorded.
    func scattered(to indices: [Int32], of count: Int) -> Tensor {
        let extents = shape.extents.dropFirst()
        let width = extents.reduce(1, *)
        let result = Tensor(zeros: Shape([count] + extents))
        // Wide enough for whole cache lines; narrower rows are added up by one task.
        withExtendedLifetime((self, result)) {
            parallelRanges(of: width, each: 64) {
                ck_embedding_backward(
                    result.storage.pointer, storage.pointer, indices, $0.lowerBound, $0.upperBound,
                    indices.count, width)
            }
        }
        return result
    }
}
