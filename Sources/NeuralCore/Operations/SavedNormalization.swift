internal import CKernels

/// What the backward pass of a normalization needs, and the pass: of layer normalization, or, where there are no means and no
/// bias, of root-mean-square normalization.
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
