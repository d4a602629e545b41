/// Applies a linear map with a frozen, stored weight to every row; nothing is recorded.
///
///     y = x · weightᵀ + bias
///
/// - Parameters:
///   - x: Activations, `[…, inputs]`.
///   - weight: `[outputs, inputs]`.
///   - bias: `[outputs]`, or nil.
///   - precision: How the elements are multiplied. In `bfloat16` activations, and a weight kept in 32 bits, are rounded
///     first; sums have 32 bits either way.
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
