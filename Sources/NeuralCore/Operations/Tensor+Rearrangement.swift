internal import CKernels

/// The same elements in other shapes and places. All is differentiable.
extension Tensor {
    /// The same elements in row-major order, in another shape. Costs nothing.
    public func reshaped(to shape: Shape) -> Tensor {
        let original = self.shape
        return recorded(reinterpreted(as: shape), from: [self]) { [$0.reinterpreted(as: original)] }
    }

    /// The rows in `range` of the leading axis, as a copy.
    public subscript(range: Range<Int>) -> Tensor {
        guard shape.rank > 0, range.lowerBound >= 0, range.upperBound <= shape[0] else {
            misuse("rows \(range) of a tensor of shape \(shape)")
        }
        let width = shape.extents.dropFirst().reduce(1, *)
        let output = Tensor(uninitialized: Shape([range.count] + shape.extents.dropFirst()))
        output.storage.pointer.update(
            from: storage.pointer + range.lowerBound * width, count: output.count)
        let original = shape
        return recorded(output, from: [self]) { cotangent in
            let gradient = Tensor(zeros: original)
            (gradient.storage.pointer + range.lowerBound * width)
                .update(from: cotangent.storage.pointer, count: cotangent.count)
            return [gradient]
        }
    }

    /// The tensor with its last two axes exchanged.
    public func transposed() -> Tensor {
        guard shape.rank >= 2 else { misuse("a tensor of shape \(shape) has no two axes to exchange") }
        return recorded(exchanged(), from: [self]) { [$0.exchanged()] }
    }

    private func exchanged() -> Tensor {
        let (rows, columns) = (shape[-2], shape[-1])
        let output = Tensor(uninitialized: Shape(shape.extents.dropLast(2) + [columns, rows]))
        let size = max(1, rows * columns)
        withExtendedLifetime((self, output)) {
            for start in stride(from: 0, to: count, by: size) {
                parallelRows(columns, channels: rows) {
                    ck_transpose(
                        output.storage.pointer + start, storage.pointer + start, $0.lowerBound,
                        $0.upperBound, rows, columns)
                }
            }
        }
        return output
    }
}

/// The tensors one after the other along their leading axis, as a copy.
///
/// - Precondition: There is at least one, and all axes but the leading one agree.
public func concatenated(_ tensors: [Tensor]) -> Tensor {
    guard let first = tensors.first, first.shape.rank > 0 else {
        misuse("concatenated takes at least one tensor, of rank 1 or more")
    }
    let extents = first.shape.extents.dropFirst()
    for tensor in tensors where tensor.shape.rank == 0 || tensor.shape.extents.dropFirst() != extents {
        misuse("cannot concatenate tensors of shapes \(first.shape) and \(tensor.shape)")
    }
    let counts = tensors.map { $0.shape[0] }
    let output = Tensor(uninitialized: Shape([counts.reduce(0, +)] + extents))
    var position = output.storage.pointer
    for tensor in tensors {
        position.update(from: tensor.storage.pointer, count: tensor.count)
        position += tensor.count
    }
    let wanted = tensors.map(\.isRecorded)
    return recorded(output, from: tensors) { cotangent in
        let gradient = cotangent
        var start = 0
        return zip(counts, wanted).map { count, isWanted in
            defer { start += count }
            return isWanted ? gradient[start..<start + count] : nil
        }
    }
}

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
