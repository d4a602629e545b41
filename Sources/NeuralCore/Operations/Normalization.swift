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

/// The saved values and the backward pass of a normalization: of layer normalization, or, without means and bias, of
/// root-mean-square normalization.
struct SavedNormalization: Sendable {
    private let x: Tensor
    private let weight: Tensor
    private let means: Tensor?
    private let scales: Tensor
    private let wantsX: Bool
    private let wantsParameters: Bool

    init(
        x: Tensor, wantsX: Bool, weight: Tensor, bias: Tensor? = nil, means: Tensor? = nil, scales: Tensor
    ) {
        self.x = x.detached
        self.weight = weight.detached
        self.means = means
        self.scales = scales
        self.wantsX = wantsX
        wantsParameters = weight.isRecorded || bias?.isRecorded ?? false
    }

    /// The gradients, given those of the normalized rows and, where a sum was normalized, of what else reads it.
    func gradients(
        _ cotangent: consuming Tensor, ofSum: Tensor?
    ) -> (x: Tensor?, weight: Tensor?, bias: Tensor?) {
        let channels = x.channels
        let chunk = RowChunks(rows: x.rows)
        let ofWeight = wantsParameters ? Tensor(zeros: [chunk.count, channels]) : nil
        let ofBias = wantsParameters && means != nil ? Tensor(zeros: [chunk.count, channels]) : nil
        var gradient = cotangent
        withExtendedLifetime((self, ofSum, ofWeight, ofBias)) {
            gradient.replaceElements { new, old in
                chunk.forEach { index, rows in
                    let new = wantsX ? new : nil
                    let ofWeight = ofWeight.map { $0.storage.pointer + index * channels }
                    if let means {
                        ck_layer_norm_backward(
                            new, ofWeight, ofBias.map { $0.storage.pointer + index * channels }, old,
                            ofSum?.storage.pointer, x.storage.pointer, weight.storage.pointer,
                            means.storage.pointer, scales.storage.pointer, rows.lowerBound, rows.upperBound,
                            channels)
                    } else {
                        ck_rms_norm_backward(
                            new, ofWeight, old, ofSum?.storage.pointer, x.storage.pointer,
                            weight.storage.pointer, scales.storage.pointer, rows.lowerBound, rows.upperBound,
                            channels)
                    }
                }
            }
        }
        return (
            wantsX ? gradient : nil, ofWeight.map { sumOfRows($0).reinterpreted(as: weight.shape) },
            ofBias.map(sumOfRows)
        )
    }
}
