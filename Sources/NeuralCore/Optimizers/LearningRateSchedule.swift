import Foundation

/// The learning rate by step.
///
///     .constant(3e-4)
///     .cosine(2e-4, over: 300)
///     .warmupThenCosine(peak: 3e-4, warmup: 100, steps: 2_000)
///     .warmupStableDecay(peak: 3e-4, warmup: 100, steps: 2_000, decay: 0.2)
///
/// Steps count from 0. Beyond the last step the rate stays where it ended.
public enum LearningRateSchedule: Sendable, Hashable, Codable {
    /// The same at every step.
    case constant(Float)
    /// Rises over `warmup` steps, then falls in a line to `floor` times the peak at step `steps`.
    case warmupThenLinear(peak: Float, warmup: Int, steps: Int, floor: Float = 0)
    /// Rises over `warmup` steps, then falls along half a cosine to `floor` times the peak at step `steps`.
    case warmupThenCosine(peak: Float, warmup: Int, steps: Int, floor: Float = 0)
    /// Rises over `warmup` steps, stays, and falls in a line over the last `decay` share of the steps to `floor` times the
    /// peak ([Hu et al. 2024](https://arxiv.org/abs/2404.06395), section 4).
    case warmupStableDecay(peak: Float, warmup: Int, steps: Int, decay: Float = 0.2, floor: Float = 0)

    /// From the peak at the first step along half a cosine to zero.
    ///
    /// - Parameters:
    ///   - peak: The highest rate.
    ///   - steps: Steps until it is zero.
    ///   - warmup: Steps over which it rises first.
    public static func cosine(_ peak: Float, over steps: Int, warmup: Int = 0) -> LearningRateSchedule {
        .warmupThenCosine(peak: peak, warmup: warmup, steps: steps)
    }

    /// From the peak at the first step in a line to zero.
    ///
    /// - Parameters:
    ///   - peak: The highest rate.
    ///   - steps: Steps until it is zero.
    ///   - warmup: Steps over which it rises first.
    public static func linear(_ peak: Float, over steps: Int, warmup: Int = 0) -> LearningRateSchedule {
        .warmupThenLinear(peak: peak, warmup: warmup, steps: steps)
    }

    /// The rate of one step, from 0.
    public func learningRate(at step: Int) -> Float {
        switch self {
        case .constant(let rate):
            return rate
        case .warmupThenLinear(let peak, let warmup, let steps, let floor):
            if step < warmup { return rising(peak, step, warmup) }
            return fallen(peak, 1 - progress(step, from: warmup, to: steps), floor)
        case .warmupThenCosine(let peak, let warmup, let steps, let floor):
            if step < warmup { return rising(peak, step, warmup) }
            return fallen(peak, (1 + cos(.pi * progress(step, from: warmup, to: steps))) / 2, floor)
        case .warmupStableDecay(let peak, let warmup, let steps, let decay, let floor):
            if step < warmup { return rising(peak, step, warmup) }
            let begin = steps - Int((Float(steps) * decay).rounded())
            return fallen(peak, 1 - progress(step, from: begin, to: steps), floor)
        }
    }

    /// The first step already moves: step 0 of a warm-up of 10 has a tenth of the peak.
    private func rising(_ peak: Float, _ step: Int, _ warmup: Int) -> Float {
        peak * Float(step + 1) / Float(warmup)
    }

    private func progress(_ step: Int, from begin: Int, to end: Int) -> Float {
        min(1, max(0, Float(step - begin) / Float(max(1, end - begin))))
    }

    private func fallen(_ peak: Float, _ share: Float, _ floor: Float) -> Float {
        peak * (floor + (1 - floor) * share)
    }
}
