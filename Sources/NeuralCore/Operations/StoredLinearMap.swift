internal import CKernels

/// Applies a linear map with a frozen, stored weight to every row; nothing is recorded.
///
///     y = x · weightᵀ + bias
///
/// - Parameters:
///   - x: Activations, `[…, inputs]`.
///   - weight: `[outputs, inputs]`.
///   - bias: `[outputs]`, or nil.
///   - precision: How products of more than sixteen rows are computed. Fewer rows are bound by memory: there
///     activations stay in 32 bits.
/// - Returns: `[…, outputs]`. The bits do not depend on the number of threads.
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
    withExtendedLifetime((x, weight, bias, result)) {
        if x.rows <= rowsBoundByMemory {
            multiplyFewRows(of: x, by: weight, bias: bias, into: result)
        } else if weight.format == .int8 {
            multiplyManyRows(of: x, byRestored: weight, bias: bias, precision: precision, into: result)
        } else {
            multiply(
                x, by: weight.pointers.elements, storage: weight.kernelStorage, outputs: 0..<outputs,
                bias: bias,
                precision: precision, into: result)
        }
    }
    return result
}

/// Up to so many rows of activations wait for the weight rather than for arithmetic.
private let rowsBoundByMemory = 16

private func multiplyFewRows(of x: Tensor, by weight: StoredMatrix, bias: Tensor?, into result: Tensor) {
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    let (elements, scales) = weight.pointers
    // An even number of rows, so that every task but the last works in pairs of rows or in fours.
    let outputsPerTask = max(16, (1 << 16) / max(1, inputs) / 4 * 4)
    parallelRanges(of: outputs, each: outputsPerTask) {
        ck_stored_product(
            result.storage.pointer, x.storage.pointer, elements, weight.kernelStorage, scales,
            bias?.storage.pointer, $0.lowerBound, $0.upperBound, x.rows, outputs, inputs)
    }
}

/// Restores some rows of the weight at a time, so that the restored rows stay in a cache.
private func multiplyManyRows(
    of x: Tensor, byRestored weight: StoredMatrix, bias: Tensor?, precision: MatrixPrecision,
    into result: Tensor
) {
    let outputs = weight.shape[0]
    let outputsPerStep = 1024
    for begin in stride(from: 0, to: outputs, by: outputsPerStep) {
        let range = begin..<min(outputs, begin + outputsPerStep)
        let restored = weight.rows(range)
        withExtendedLifetime(restored) {
            multiply(
                x, by: UnsafeRawPointer(restored.storage.pointer), storage: CK_STORED_FLOAT32, outputs: range,
                bias: bias, precision: precision, into: result)
        }
    }
}

/// Some columns of the result, from the rows of the weight that `elements` begins with.
private func multiply(
    _ x: Tensor, by elements: UnsafeRawPointer, storage: ck_storage, outputs: Range<Int>, bias: Tensor?,
    precision: MatrixPrecision, into result: Tensor
) {
    var description = ck_product()
    description.c = result.storage.pointer + outputs.lowerBound
    description.c_stride = result.channels
    description.a = MatrixOperand(x).kernelOperand
    description.b = ck_operand(elements: elements, stride: x.channels, storage: storage, is_transposed: true)
    description.M = x.rows
    description.N = outputs.count
    description.K = x.channels
    description.precision = precision.kernelPrecision
    description.bias = bias.map { UnsafePointer($0.storage.pointer + outputs.lowerBound) }
    let workspace = Workspace(byteCount: ck_matmul_workspace(&description))
    withExtendedLifetime(workspace) { ck_matmul(&description, workspace.pointer) }
}
