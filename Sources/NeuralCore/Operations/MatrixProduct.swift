/// Which operands of a product are stored with rows and columns exchanged.
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
///   - precision: How the elements are multiplied.
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
        ? product(of: b, and: cotangent.transposed, precision: precision, shape: a.tensor.shape)
        : product(of: cotangent, and: b.transposed, precision: precision, shape: a.tensor.shape)
}

/// dB = Aᵀ · dC, stored as B is.
func secondGradient(
    _ a: MatrixOperand, _ b: MatrixOperand, _ cotangent: MatrixOperand, precision: MatrixPrecision
) -> Tensor {
    b.isTransposed
        ? product(of: cotangent.transposed, and: a, precision: precision, shape: b.tensor.shape)
        : product(of: a.transposed, and: cotangent, precision: precision, shape: b.tensor.shape)
}

/// Stops the program because the operands of a product do not fit.
func misfit(_ a: Tensor, _ b: Tensor, _ transposing: TransposedOperands) -> Never {
    let first = transposing.contains(.first) ? " transposed" : ""
    let second = transposing.contains(.second) ? " transposed" : ""
    misuse("cannot multiply a matrix of shape \(a.shape)\(first) by one of shape \(b.shape)\(second)")
}
