/// The operands of a product that are stored with rows and columns exchanged.
public struct TransposedOperands: OptionSet, Sendable {
    /// One bit for each operand.
    public let rawValue: UInt8

    /// Creates a set from its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The left operand is stored as `[…, contracted, rows]`.
    public static let first = TransposedOperands(rawValue: 1)

    /// The right operand is stored as `[…, columns, contracted]`.
    public static let second = TransposedOperands(rawValue: 2)
}

/// The product of two matrices, or of many.
///
///     C[i, j] = Σₖ A[i, k] · B[k, j]
///
/// Three forms are understood:
///
/// - two matrices, `[rows, contracted]` and `[contracted, columns]`;
/// - activations and a matrix, `[…, contracted]` and `[contracted, columns]`: every row is multiplied;
/// - batches with equal leading axes, `[…, rows, contracted]` and `[…, contracted, columns]`: one product each.
///
///     let scores = matmul(queries, keys, transposing: .second)      // queries · keysᵀ, without moving the keys
///
/// - Parameters:
///   - a: The left operand, rank 2 or more.
///   - b: The right operand, rank 2 or more.
///   - transposing: The operands whose last two axes are stored the other way round.
///   - precision: The precision of the products.
/// - Returns: The product, `[…, rows, columns]`.
/// - Precondition: The contracted axes have the same extent.
/// - Complexity: 2 · rows · columns · contracted floating-point operations. The bits of the result do not
///   depend on the number of threads.
public func matmul(
    _ a: Tensor, _ b: Tensor, transposing: TransposedOperands = [], precision: MatrixPrecision = .float32
) -> Tensor {
    guard b.shape.rank == 2, a.shape.rank == 2 || (a.shape.rank > 2 && !transposing.contains(.first)) else {
        return batchedMatmul(a, b, transposing: transposing, precision: precision)
    }
    let left = MatrixOperand(a.detached, isTransposed: transposing.contains(.first))
    let right = MatrixOperand(b.detached, isTransposed: transposing.contains(.second))
    guard left.columns == right.rows else { misfit(a, b, transposing) }

    let shape =
        left.isTransposed ? [left.rows, right.columns] : a.shape.replacingChannels(with: right.columns)
    let output = product(of: left, and: right, precision: precision, shape: shape)
    let (wantsA, wantsB) = (a.isRecorded, b.isRecorded)
    guard wantsA || wantsB else { return output }
    return recorded(output, from: [a, b]) { cotangent in
        let cotangent = MatrixOperand(cotangent)
        return [
            wantsA ? firstGradient(left, right, cotangent, precision: precision) : nil,
            wantsB ? secondGradient(left, right, cotangent, precision: precision) : nil,
        ]
    }
}

/// dA = dC · Bᵀ, stored as A is.
func firstGradient(
    _ a: MatrixOperand, _ b: MatrixOperand, _ cotangent: MatrixOperand, precision: MatrixPrecision
) -> Tensor {
    a.isTransposed
        ? product(of: b, and: cotangent.transposed, precision: precision, shape: a.shape)
        : product(of: cotangent, and: b.transposed, precision: precision, shape: a.shape)
}

/// dB = Aᵀ · dC, stored as B is.
func secondGradient(
    _ a: MatrixOperand, _ b: MatrixOperand, _ cotangent: MatrixOperand, precision: MatrixPrecision
) -> Tensor {
    b.isTransposed
        ? product(of: cotangent.transposed, and: a, precision: precision, shape: b.shape)
        : product(of: a.transposed, and: cotangent, precision: precision, shape: b.shape)
}

/// Stops the program because the operands of a product do not fit.
func misfit(_ a: Tensor, _ b: Tensor, _ transposing: TransposedOperands) -> Never {
    let first = transposing.contains(.first) ? " transposed" : ""
    let second = transposing.contains(.second) ? " transposed" : ""
    misuse("cannot multiply a matrix of shape \(a.shape)\(first) by one of shape \(b.shape)\(second)")
}

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
