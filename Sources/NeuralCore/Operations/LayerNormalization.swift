internal import CKernels

/// Normalizes each row to mean zero and variance one, then scales and shifts it.
///
///     y = (x − mean(x)) / √(var(x) + ε) · weight + bias
///
/// The variance is that of the row itself (divided by the number of channels, not by one less).
///
/// - Parameters:
///   - x: Activations, `[…, channels]`.
///   - weight: Scale, `[channels]`.
///   - bias: Shift, `[channels]`.
///   - epsilon: Added under the root, dimensionless.
/// - Returns: Normalized activations, the shape of `x`.
/// - SeeAlso: [Ba, Kiros & Hinton 2016](https://arxiv.org/abs/1607.06450), Eq. 4. Departures: none.
public func layerNorm(_ x: Tensor, weight: Tensor, bias: Tensor, epsilon: Float) -> Tensor {
    requireOnePerChannel(weight, of: x, "weight")
    requireOnePerChannel(bias, of: x, "bias")
    let (rows, channels) = (x.rows, x.channels)
    let output = Tensor(uninitialized: x.shape)
    let (means, scales) = (Tensor(uninitialized: [rows]), Tensor(uninitialized: [rows]))
    withExtendedLifetime((x, weight, bias, output, means, scales)) {
        parallelRows(rows, channels: channels) {
            ck_layer_norm_forward(
                output.storage.pointer, means.storage.pointer, scales.storage.pointer, x.storage.pointer,
                weight.storage.pointer, bias.storage.pointer, $0.lowerBound, $0.upperBound, channels, epsilon)
        }
    }
    guard x.isRecorded || weight.isRecorded || bias.isRecorded else { return output }
    let saved = SavedNormalization(
        x: x, wantsX: x.isRecorded, weight: weight, bias: bias, means: means, scales: scales)
    return recorded(output, from: [x, weight, bias]) { cotangent in
        let gradients = saved.gradients(cotangent, ofSum: nil)
        return [gradients.x, gradients.weight, gradients.bias]
    }
}

/// Adds a branch to the residual stream and layer-normalizes the sum, in one pass over memory.
///
///     sum = stream + branch,   normalized = layerNorm(sum)
///
/// - Parameters:
///   - branch: The shape of `stream`.
///   - stream: Activations, `[…, channels]`.
///   - weight: Scale, `[channels]`.
///   - bias: Shift, `[channels]`.
///   - epsilon: Added under the root, dimensionless.
/// - Returns: Both, each in the shape of `stream`.
public func layerNorm(
    adding branch: Tensor, to stream: Tensor, weight: Tensor, bias: Tensor, epsilon: Float
) -> (sum: Tensor, normalized: Tensor) {
    requireEqualShapes(branch, stream)
    requireOnePerChannel(weight, of: stream, "weight")
    requireOnePerChannel(bias, of: stream, "bias")
    let (rows, channels) = (stream.rows, stream.channels)
    let (sum, output) = (Tensor(uninitialized: stream.shape), Tensor(uninitialized: stream.shape))
    let (means, scales) = (Tensor(uninitialized: [rows]), Tensor(uninitialized: [rows]))
    withExtendedLifetime((branch, stream, weight, bias, sum, output, means, scales)) {
        parallelRows(rows, channels: channels) {
            ck_add_layer_norm_forward(
                sum.storage.pointer, output.storage.pointer, means.storage.pointer, scales.storage.pointer,
                stream.storage.pointer, branch.storage.pointer, weight.storage.pointer, bias.storage.pointer,
                $0.lowerBound, $0.upperBound, channels, epsilon)
        }
    }
    let wantsSum = branch.isRecorded || stream.isRecorded
    guard wantsSum || weight.isRecorded || bias.isRecorded else { return (sum, output) }
    let saved = SavedNormalization(
        x: sum, wantsX: wantsSum, weight: weight, bias: bias, means: means, scales: scales)
    let outputs = recorded([sum, output], from: [branch, stream, weight, bias]) { cotangents in
        let ofSum = cotangents[0].take()
        guard let cotangent = cotangents[1].take() else { return [ofSum, ofSum, nil, nil] }
        let gradients = saved.gradients(cotangent, ofSum: ofSum)
        return [gradients.x, gradients.x, gradients.weight, gradients.bias]
    }
    return (outputs[0], outputs[1])
}
