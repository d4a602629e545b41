/// The outcome of one optimizer step.
public struct StepReport: Sendable, Equatable {
    /// Why a step was not taken. The model, the optimizer and the schedule are as before it.
    public enum Refusal: Sendable, Hashable, Codable {
        /// The loss was not a finite number.
        case lossNotFinite
        /// The gradient had a component that was not a finite number.
        case gradientNotFinite
        /// The gradient's norm was this many times the recent median.
        case gradientOutlier(timesMedian: Float)
        /// There was nothing to learn from the batch.
        case nothingToLearn
    }

    /// The number of steps attempted so far, this one included.
    public var step: Int
    /// The loss, in the unit that the method states.
    public var loss: Float
    /// The learning rate of this step.
    public var learningRate: Float
    /// The norm of the whole gradient before clipping.
    public var gradientNorm: Float
    /// Tokens that went through the model.
    public var tokens: Int
    /// Why the step was not taken; nil when it was.
    public var refusal: Refusal?
    /// Further figures under the names the field uses, such as `rewards/accuracies`.
    public var metrics: [String: Float]
    /// Single values behind the metrics, such as the reward of each completion, in the order of what the step read.
    public var distributions: [String: [Float]]

    /// Creates a report.
    package init(
        step: Int, loss: Float, learningRate: Float, gradientNorm: Float, tokens: Int,
        refusal: Refusal? = nil, metrics: [String: Float] = [:], distributions: [String: [Float]] = [:]
    ) {
        self.step = step
        self.loss = loss
        self.learningRate = learningRate
        self.gradientNorm = gradientNorm
        self.tokens = tokens
        self.refusal = refusal
        self.metrics = metrics
        self.distributions = distributions
    }
}

extension StepReport.Refusal: CustomStringConvertible {
    /// A sentence.
    public var description: String {
        switch self {
        case .lossNotFinite: "the loss was not finite"
        case .gradientNotFinite: "the gradient was not finite"
        case .gradientOutlier(let times): "the gradient's norm was \(times) times the recent median"
        case .nothingToLearn: "there was nothing to learn from the batch"
        }
    }
}

/// Tells a gradient norm that is far out of line with those of recent steps.
///
/// A single damaged document can undo hours of training. A norm more than `tolerance` times the median of the last
/// `window` accepted ones is an outlier. Nothing is one until the window is full, and a refused norm does not enter
/// it; after as many refusals in a row as half a window the guard starts anew, because then the norms have changed
/// for good.
public struct OutlierGuard: Sendable, Hashable, Codable {
    /// The greatest norm that is accepted, as a multiple of the median.
    public var tolerance: Float
    /// The number of accepted norms that are remembered.
    public var window: Int

    private var recent: [Float] = []
    private var next = 0
    private var refusals = 0

    /// Refuses norms beyond `tolerance` times the median of the last `window`.
    public init(tolerance: Float = 10, window: Int = 64) {
        self.tolerance = tolerance
        self.window = max(2, window)
    }

    /// Returns the ratio of `norm` to the recent median if it is beyond the tolerance; otherwise remembers the norm.
    mutating func excess(of norm: Float) -> Float? {
        if recent.count == window {
            let median = recent.sorted()[window / 2]
            if norm > tolerance * median {
                refusals += 1
                if refusals >= window / 2 { self = OutlierGuard(tolerance: tolerance, window: window) }
                return norm / median
            }
            recent[next] = norm
            next = (next + 1) % window
        } else {
            recent.append(norm)
        }
        refusals = 0
        return nil
    }
}
