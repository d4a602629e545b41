public import NeuralCore

/// A model on its way: what every method of training shares.
///
///     var training = Training(model, optimizer: AdamW(), schedule: .constant(3e-4))
///     let report = training.step(tokens: batch.tokens.count) { model in loss(of: model, on: batch) }
///
/// A step differentiates the loss, adds up micro-batches, clips the gradient and moves the model along it. A step gone
/// wrong, with a loss or a gradient that is not finite or far out of line, is not taken: model, optimizer and
/// schedule stay as they were, and the report says why.
///
/// It is a value. Copying one branches an experiment; storing its parts and its step count resumes it.
public struct Training<Model: Module>: Sendable {
    /// The model as trained so far.
    public var model: Model
    /// The optimizer that updates it.
    public var optimizer: any Optimizer
    /// The learning rate by step.
    public var schedule: LearningRateSchedule
    /// The gradient is scaled down to this norm if it is greater; nil for never.
    public var maxGradientNorm: Float?
    /// Refuses gradients that are far out of line; nil for none.
    public var outlierGuard: OutlierGuard?
    /// The parts that a step is computed in, and the processes that share them out; one of each unless set.
    public var sharing = WorkSharing()
    /// Steps taken so far; refused ones do not count, as the schedule does not move on at them.
    public internal(set) var stepsTaken = 0
    /// Steps attempted so far.
    public internal(set) var stepsAttempted = 0

    /// A model about to be trained.
    public init(
        _ model: Model, optimizer: any Optimizer = AdamW(), schedule: LearningRateSchedule,
        maxGradientNorm: Float? = 1, outlierGuard: OutlierGuard? = nil
    ) {
        self.model = model
        self.optimizer = optimizer
        self.schedule = schedule
        self.maxGradientNorm = maxGradientNorm
        self.outlierGuard = outlierGuard
    }

    /// Takes one step along the gradient of a sum of losses.
    ///
    /// - Parameters:
    ///   - tokens: Tokens that go through the model, for the report.
    ///   - microBatches: The number of losses added up before the model is updated, so that only one of their graphs is in
    ///     memory at a time.
    ///   - loss: The share of one micro-batch in the loss, a scalar, already weighted so that the shares add up.
    /// - Returns: The outcome; `loss` is the sum of the shares.
    /// - Throws: The error that `loss` throws; the model is then unchanged.
    @discardableResult
    public mutating func step<E: Error>(
        tokens: Int, microBatches: Int = 1, _ loss: (_ model: Model, _ microBatch: Int) throws(E) -> Tensor
    ) throws(E) -> StepReport {
        try step(tokens: tokens, parts: microBatches) { model, part, _ throws(E) in try loss(model, part) }
            .report
    }

    /// Takes one step along the gradient of a sum of losses, each computed on one of the processes that share the step.
    ///
    /// - Parameters:
    ///   - tokens: Tokens that go through the model, for the report.
    ///   - parts: The number of losses.
    ///   - loss: The share of one part in the loss, a scalar; what it finds beside goes to `figures`.
    /// - Returns: The outcome, and what was found in each part, in order: the same on all processes.
    package mutating func step<E: Error>(
        tokens: Int, parts: Int,
        _ loss: (_ model: Model, _ part: Int, _ figures: inout PartFigures) throws(E) -> Tensor
    ) throws(E) -> (report: StepReport, figures: [PartFigures]) {
        let count = max(1, parts)
        let shares = sharing.shares(of: model, for: optimizer)
        var sum = GradientSum(of: count, at: model, sharing, dealt: shares)
        var found: [PartFigures] = []
        for part in sharing.own(of: count) {
            var figures = PartFigures()
            let value = try valueWithGradients(at: model) { model throws(E) in
                try loss(model, part, &figures)
            } each: { parameter, gradient in
                sum.take(gradient, ofParameter: parameter, part: part)
            }
            figures.numbers.append(Double(value))
            found.append(figures)
        }
        var gradient = sum.total(at: model)
        found = sharing.gathered(found)
        var value: Float = 0
        for part in found.indices { value += Float(found[part].numbers.removeLast()) }
        return (advance(along: &gradient, dealt: shares, loss: value, tokens: tokens), found)
    }

    /// Clips a gradient and moves the model along it, unless something is wrong with it.
    @discardableResult
    public mutating func advance(
        along gradient: inout Gradient<Model>, loss: Float, tokens: Int
    ) -> StepReport {
        advance(along: &gradient, dealt: nil, loss: loss, tokens: tokens)
    }

    /// - Parameter shares: The parameters of which each process has the gradient; nil where each has all.
    private mutating func advance(
        along gradient: inout Gradient<Model>, dealt shares: ParameterShares?, loss: Float, tokens: Int
    ) -> StepReport {
        stepsAttempted += 1
        let learningRate = schedule.learningRate(at: stepsTaken)
        let norm = shares.map { sharing.norm(of: gradient, $0) } ?? gradient.norm
        var report = StepReport(
            step: stepsAttempted, loss: loss, learningRate: learningRate, gradientNorm: norm, tokens: tokens,
            refusal: refusal(loss: loss, norm: norm), metrics: [:])
        guard report.refusal == nil else {
            report.learningRate = 0
            return report
        }
        if let maxGradientNorm, norm > maxGradientNorm { gradient.scale(by: maxGradientNorm / norm) }
        if let shares {
            optimizer.update(
                &model, along: gradient, learningRate: learningRate,
                of: shares.names(of: sharing.communicator.rank))
            sharing.gather(&model, shares)
        } else {
            optimizer.update(&model, along: gradient, learningRate: learningRate)
        }
        stepsTaken += 1
        return report
    }

    private mutating func refusal(loss: Float, norm: Float) -> StepReport.Refusal? {
        if !loss.isFinite { return .lossNotFinite }
        if !norm.isFinite { return .gradientNotFinite }
        return outlierGuard?.excess(of: norm).map { .gradientOutlier(timesMedian: $0) }
    }
}
