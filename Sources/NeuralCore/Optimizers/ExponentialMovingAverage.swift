import CKernels

/// The average of a model's parameters over its training, in which a step counts the less the longer ago it was.
///
///     a₁ = θ₁        aₜ = aₜ₋₁ + (1 − d)(θₜ − aₜ₋₁)
///
/// It is often the better model where the learning rate is high up to the end.
///
///     var average = ExponentialMovingAverage(of: tuning.model, decay: 0.999)
///     for batch in batches {
///         tuning.step(on: batch)
///         average.update(with: tuning.model)
///     }
///     try chat.with(average.model).write(to: folder)
///
/// Parameters are averaged in place, in float32.
///
/// - SeeAlso: [Polyak & Juditsky 1992](https://doi.org/10.1137/0330046), with exponential weights as in PyTorch's
///   `AveragedModel`. Departures: none.
public struct ExponentialMovingAverage<Model: Module>: Sendable {
    /// The part of the average that remains at a step, at least 0 and less than 1.
    public let decay: Double
    /// The average; before the first update the model given at the beginning.
    package(set) public var model: Model
    /// Models averaged.
    package(set) public var count = 0

    /// An average of no model yet.
    ///
    /// - Parameters:
    ///   - model: A model with the parameters of those to be averaged; it does not count itself.
    ///   - decay: The part of the average that remains at a step, at least 0 and less than 1.
    public init(of model: Model, decay: Double) {
        guard (0..<1).contains(decay) else { misuse("a decay of \(decay); it is at least 0 and less than 1") }
        (self.model, self.decay) = (model, decay)
    }

    /// Takes in a model. The first one becomes the average and shares its memory until either changes.
    ///
    /// - Precondition: It has the parameters of the first one.
    public mutating func update(with next: Model) {
        count += 1
        guard count > 1 else {
            model = next
            return
        }
        let values = next.parameters
        let share = Float(1 - decay)
        var position = 0
        model.forEachParameter { name, average in
            guard position < values.count, values[position].value.shape == average.shape else {
                misuse(
                    "the model has \(values.count) parameters; at \(position) the average has \(name), \(average.shape)"
                )
            }
            values[position].value.withUnsafeBuffer { value in
                average.withUnsafeMutableBuffer { average in
                    guard let a = average.baseAddress, let p = value.baseAddress else { return }
                    parallelElements(average.count) { ck_lerp(a, a, p, $0.lowerBound, $0.upperBound, share) }
                }
            }
            position += 1
        }
    }
}
