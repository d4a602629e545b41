/// The mean of the squared differences, a scalar.
///
/// - Parameters:
///   - predictions: Any shape.
///   - targets: The shape of `predictions`.
public func meanSquaredError(predictions: Tensor, targets: Tensor) -> Tensor {
    requireEqualShapes(predictions, targets)
    return (predictions - targets).squared().mean()
}

/// The mean cross-entropy of classifications, a scalar, in nats.
///
///     loss = −mean(log softmax(logits)[row, target of row])
///
/// For a language model's vocabulary use `languageHeadLoss`, which never stores its logits.
///
/// - Parameters:
///   - logits: `[examples, classes]`.
///   - targets: The right class of each example, in `0..<classes`.
public func crossEntropy(logits: Tensor, targets: [Int32]) -> Tensor {
    guard logits.shape.rank == 2, logits.shape[0] == targets.count else {
        misuse("\(targets.count) targets for logits of shape \(logits.shape), which are [examples, classes]")
    }
    let classes = logits.channels
    let flat = logits.logSoftmax().reshaped(to: [logits.count])
    let chosen = targets.enumerated().map { row, target in
        guard 0 <= target, Int(target) < classes else { misuse("target \(target) of \(classes) classes") }
        return Int32(row * classes) + target
    }
    return -flat.rows(at: chosen).mean()
}
