internal import CKernels

/// Applies a linear map to every row.
///
///     y = x · weightᵀ + bias
///
/// - Parameters:
///   - x: Activations, `[…, inputs]`.
///   - weight: `[outputs, inputs]`, as PyTorch stores it.
///   - bias: `[outputs]`, or nil.
///   - precision: The precision of the products, forward and backward. The bias and its gradient stay in 32 bits.
/// - Returns: `[…, outputs]`.
/// - Precondition: The last axis of `x` and that of `weight` have the same extent.
public func linear(
    _ x: Tensor, weight: Tensor, bias: Tensor? = nil, precision: MatrixPrecision = .float32
) -> Tensor {
    guard weight.shape.rank == 2, x.shape.rank > 0, x.channels == weight.channels else {
        misuse(
            "a linear map of shape \(weight.shape) takes rows of \(weight.channels), not a tensor of shape \(x.shape)"
        )
    }
    let outputs = weight.shape[0]
    if let bias, bias.shape != [outputs] {
        misuse("a linear map of shape \(weight.shape) takes a bias of shape [\(outputs)], not \(bias.shape)")
    }
    let (wantsX, wantsWeight, wantsBias) = (x.isRecorded, weight.isRecorded, bias?.isRecorded ?? false)
    // The rows are multiplied once more for the gradient of the weight, and other maps may read them too.
    let left = MatrixOperand(x.detached, roundedFor: wantsWeight ? precision : .float32)
    let right = MatrixOperand(weight.detached, isTransposed: true)
    let output = product(
        of: left, and: right, bias: bias, precision: precision,
        shape: x.shape.replacingChannels(with: outputs))

    let hasBias = bias != nil
    guard wantsX || wantsWeight || wantsBias else { return output }
    // A frozen weight's gradient is not asked for, and its rows need not be kept.
    let (kept, shape) = (wantsWeight ? left : nil, x.shape)
    return recorded(output, from: [x, weight] + (bias.map { [$0] } ?? [])) { cotangent in
        let operand = MatrixOperand(
            cotangent.detached, roundedFor: wantsX && wantsWeight ? precision : .float32)
        let gradients = [
            wantsX ? product(of: operand, and: right.transposed, precision: precision, shape: shape) : nil,
            kept.map { secondGradient($0, right, operand, precision: precision) },
        ]
        guard hasBias else { return gradients }
        return gradients + [wantsBias ? sumOfRows(cotangent) : nil]
    }
}

/// The sum of all rows, `[channels]`, in an order that the shape decides.
func sumOfRows(_ x: Tensor) -> Tensor {
    let (rows, channels) = (x.rows, x.channels)
    let result = Tensor(uninitialized: [channels])
    let columnsPerTask = 64
    withExtendedLifetime((x, result)) {
        parallelFor(tasks: (channels + columnsPerTask - 1) / columnsPerTask) { task in
            ck_bias_backward(
                result.storage.pointer, x.storage.pointer, task * columnsPerTask,
                min(channels, (task + 1) * columnsPerTask), rows, channels)
        }
    }
    return result
}

/// Applies a linear map with a frozen, stored weight to every row; nothing is recorded.
///
///     y = x · weightᵀ + bias
///
/// - Parameters:
///   - x: Activations, `[…, inputs]`.
///   - weight: `[outputs, inputs]`.
///   - bias: `[outputs]`, or nil.
///   - precision: The precision of the products. In `bfloat16` activations, and a weight kept in 32 bits, are rounded
///     first, and so are the numbers of `int4` where the processor multiplies pairs of bfloat16. With `int4` on a processor
///     that has AVX2 and no AVX-512, activations become integers of 16 bits instead, with a scale for each block of 128 in a
///     row: each is off by about half of a 32,767th of the block's greatest magnitude, or of 2⁻¹⁰⁰ where that is less, and
///     a row with an infinity or NaN gives NaN. Sums have 32 bits in all cases.
/// - Returns: `[…, outputs]`. The bits of a row depend neither on the rows beside it nor on the number of threads.
/// - Precondition: The last axis of `x` has as many elements as the weight has inputs.
public func linear(
    _ x: Tensor, weight: StoredMatrix, bias: Tensor? = nil, precision: MatrixPrecision = .float32
) -> Tensor {
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    guard x.shape.rank > 0, x.channels == inputs else {
        misuse(
            "a linear map of shape \(weight.shape) takes rows of \(inputs), not a tensor of shape \(x.shape)")
    }
    if let bias, bias.shape != [outputs] {
        misuse("a linear map of shape \(weight.shape) takes a bias of shape [\(outputs)], not \(bias.shape)")
    }
    let result = Tensor(uninitialized: x.shape.replacingChannels(with: outputs))
    withExtendedLifetime((x, weight)) {
        multiply(
            MatrixView(x), MatrixView(weight, isTransposed: true), into: result.storage.pointer, bias: bias,
            precision: precision, .rowsAreIndependent)
    }
    return result
}
