internal import CKernels

/// Normalizes each row to unit root-mean-square, then scales it.
///
///     y = x / √(mean(x²) + ε) · weight
///
/// The mean is not subtracted; this is what distinguishes it from layer normalization. A row is the last axis, so
/// heads are normalized one by one when that axis is one head's.
///
/// - Parameters:
///   - x: Activations, `[…, channels]`.
///   - weight: Scale, `[channels]`.
///   - epsilon: Added under the root, dimensionless.
/// - Returns: Normalized activations, the shape of `x`.
/// - SeeAlso: [Zhang & Sennrich 2019](https://arxiv.org/abs/1910.07467), Eq. 4. Departures: none.
public func rmsNorm(_ x: Tensor, weight: Tensor, epsilon: Float) -> Tensor {
    requireOnePerChannel(weight, of: x, "weight")
    let (rows, channels) = (x.rows, x.channels)
    let output = Tensor(uninitialized: x.shape)
    let scales = Tensor(uninitialized: [rows])
    withExtendedLifetime((x, weight, output, scales)) {
        parallelRows(rows, channels: channels) {
            ck_rms_norm_forward(
                output.storage.pointer, scales.storage.pointer, x.storage.pointer, weight.storage.pointer,
                $0.lowerBound, $0.upperBound, channels, epsilon)
        }
    }
    guard x.isRecorded || weight.isRecorded else { return output }
    let saved = SavedNormalization(x: x, wantsX: x.isRecorded, weight: weight, scales: scales)
    return recorded(output, from: [x, weight]) { cotangent in
        let gradients = saved.gradients(cotangent, ofSum: nil)
        return [gradients.x, gradients.weight]
    }
}

/// Adds a branch to the residual stream and normalizes the sum, in one pass over memory.
///
///     sum = stream + branch,   normalized = rmsNorm(sum)
///
/// - Parameters:
///   - branch: The shape of `stream`.
///   - stream: Activations, `[…, channels]`.
///   - weight: Scale, `[channels]`.
///   - epsilon: Added under the root, dimensionless.
/// - Returns: Both, each in the shape of `stream`.
public func rmsNorm(
    adding branch: Tensor, to stream: Tensor, weight: Tensor, epsilon: Float
) -> (sum: Tensor, normalized: Tensor) {
    requireEqualShapes(branch, stream)
    requireOnePerChannel(weight, of: stream, "weight")
    let (rows, channels) = (stream.rows, stream.channels)
    let sum = Tensor(uninitialized: stream.shape)
    let output = Tensor(uninitialized: stream.shape)
    let scales = Tensor(uninitialized: [rows])
    withExtendedLifetime((branch, stream, weight, sum, output, scales)) {
        parallelRows(rows, channels: channels) {
            ck_add_rms_norm_forward(
                sum.storage.pointer, output.storage.pointer, scales.storage.pointer, stream.storage.pointer,
                branch.storage.pointer, weight.storage.pointer, $0.lowerBound, $0.upperBound, channels,
                epsilon)
        }
    }
    guard branch.isRecorded || stream.isRecorded || weight.isRecorded else { return (sum, output) }
    let saved = SavedNormalization(
        x: sum, wantsX: branch.isRecorded || stream.isRecorded, weight: weight, scales: scales)
    let outputs = recorded([sum, output], from: [branch, stream, weight]) { cotangents in
        let ofSum = cotangents[0].take()
        guard let cotangent = cotangents[1].take() else { return [ofSum, ofSum, nil] }
        let gradients = saved.gradients(cotangent, ofSum: ofSum)
        return [gradients.x, gradients.x, gradients.weight]
    }
    return (outputs[0], outputs[1])
}
