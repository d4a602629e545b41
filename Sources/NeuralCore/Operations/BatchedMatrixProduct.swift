/// One product for each index of the leading axes.
func batchedMatmul(
    _ a: Tensor, _ b: Tensor, transposing: TransposedOperands, precision: MatrixPrecision
) -> Tensor {
    guard a.shape.rank > 2, a.shape.rank == b.shape.rank,
        a.shape.extents.dropLast(2) == b.shape.extents.dropLast(2)
    else { misfit(a, b, transposing) }
    let left = MatrixBatch(a.detached, isTransposed: transposing.contains(.first))
    let right = MatrixBatch(b.detached, isTransposed: transposing.contains(.second))
    guard left.columns == right.rows else { misfit(a, b, transposing) }

    let shape = Shape(a.shape.extents.dropLast(2) + [left.rows, right.columns])
    let output = products(of: left, and: right, precision: precision, shape: shape)
    let (wantsA, wantsB) = (a.isRecorded, b.isRecorded)
    guard wantsA || wantsB else { return output }
    return recorded(output, from: [a, b]) { cotangent in
        let cotangent = MatrixBatch(cotangent, isTransposed: false)
        var gradients: [Tensor?] = [nil, nil]
        if wantsA {
            gradients[0] =
                left.isTransposed
                ? products(
                    of: right, and: cotangent.transposed, precision: precision, shape: left.tensor.shape)
                : products(
                    of: cotangent, and: right.transposed, precision: precision, shape: left.tensor.shape)
        }
        if wantsB {
            gradients[1] =
                right.isTransposed
                ? products(
                    of: cotangent.transposed, and: left, precision: precision, shape: right.tensor.shape)
                : products(
                    of: left.transposed, and: cotangent, precision: precision, shape: right.tensor.shape)
        }
        return gradients
    }
}

/// A tensor read as matrices of one shape, each possibly transposed.
private struct MatrixBatch {
    let tensor: Tensor
    let isTransposed: Bool

    init(_ tensor: Tensor, isTransposed: Bool) {
        self.tensor = tensor
        self.isTransposed = isTransposed
    }

    var rows: Int { tensor.shape[isTransposed ? -1 : -2] }
    var columns: Int { tensor.shape[isTransposed ? -2 : -1] }
    var count: Int { tensor.shape.extents.dropLast(2).reduce(1, *) }
    var transposed: MatrixBatch { MatrixBatch(tensor, isTransposed: !isTransposed) }

    subscript(index: Int) -> MatrixView {
        let (rows, columns) = (tensor.shape[-2], tensor.shape[-1])
        return MatrixView(
            tensor.storage.pointer + index * rows * columns, rows: rows, columns: columns,
            isTransposed: isTransposed)
    }
}

private func products(
    of a: MatrixBatch, and b: MatrixBatch, precision: MatrixPrecision, shape: Shape
) -> Tensor {
    let result = Tensor(uninitialized: shape)
    let pointer = result.storage.pointer
    withExtendedLifetime((result, a, b)) {
        // Inside a task a product stays on its thread, and so does its workspace.
        parallelFor(tasks: a.count) { index in
            multiply(
                a[index], b[index], into: pointer + index * a.rows * b.columns, precision: precision,
                .isInTask)
        }
    }
    return result
}
