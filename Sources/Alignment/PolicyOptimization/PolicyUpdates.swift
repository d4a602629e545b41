import LanguageModel
import NeuralCore

/// The updates that a policy makes of one rollout.
public struct UpdatePlan: Sendable, Hashable, Codable {
    /// Times the whole rollout is gone through.
    public var epochs: Int
    /// Updates in each of them; groups are dealt out at random, and one prompt's completions stay together.
    public var miniBatches: Int
    /// Bounds on the movement of the policy from the one that sampled.
    public var clipRange: ClipRange
    /// No further update is made of a rollout once the KL to the policy that sampled is this large, nats a token as
    /// `ρ² / 2`; nil for no bound.
    public var greatestKL: Float?
    /// About how many tokens go through a model at once; memory grows with it, the result does not change.
    public var rowsAtOnce: Int

    /// A plan for the updates of a step.
    public init(
        epochs: Int = 1, miniBatches: Int = 1, clipRange: ClipRange = ClipRange(),
        greatestKL: Float? = nil, rowsAtOnce: Int = 8192
    ) {
        guard epochs > 0, miniBatches > 0 else { misuse("\(epochs) epochs of \(miniBatches) mini-batches") }
        self.epochs = epochs
        self.miniBatches = miniBatches
        self.clipRange = clipRange
        self.greatestKL = greatestKL
        self.rowsAtOnce = rowsAtOnce
    }

    /// The most updates in a step: a schedule over a run of that many steps counts them.
    public var updates: Int { epochs * miniBatches }

    /// The most updates in a step on so many prompts: a mini-batch has one of them at least.
    public func updates(prompts: Int) -> Int { epochs * max(1, min(miniBatches, prompts)) }

    /// The groups of each update, in order.
    func groups(of rollout: Rollout) -> [[Int]] {
        var random = rollout.random
        let count = rollout.prompts.count
        let pieces = min(miniBatches, count)
        return (0..<epochs).flatMap { _ -> [[Int]] in
            guard pieces > 1 else { return [Array(0..<count)] }
            let order = random.permutation(of: count)
            return (0..<pieces).map { piece in
                Array(order[piece * count / pieces..<(piece + 1) * count / pieces])
            }
        }
    }
}

/// One update of a policy, with its findings.
struct PolicyUpdate: Sendable {
    var report: StepReport
    let statistics: PolicyStatistics
    /// log π of every target of the update before it was made, by place among those of the rollout; zero
    /// elsewhere.
    let logProbabilities: [Float]
}

extension UpdatePlan {
    /// True where the policy has moved so far that the rest of the updates is left out.
    func ends(after update: PolicyUpdate) -> Bool {
        greatestKL.map { update.statistics.movement > $0 } ?? false
    }
}

extension Training where Model: TransformerParameters {
    /// Makes one update, of some groups.
    ///
    /// - Parameters:
    ///   - skipped: Groups that teach nothing and need not be run.
    ///   - imitation: What is imitated beside; nil for nothing.
    mutating func update(
        _ objective: PolicyObjective, on rollout: Rollout, _ targets: PolicyTargets, groups: [Int],
        skipping skipped: Set<Int>, imitating imitation: Imitation?, rowsAtOnce: Int
    ) -> PolicyUpdate {
        let numbers = groups.flatMap { Array(rollout.numbers(of: $0)) }
        let weights = objective.weights(of: numbers, in: rollout, isTrained: targets.isTrained)
        let trainedTokens = numbers.reduce(0) {
            $0 + (targets.isTrained[$1] ? rollout.completions[$1].drawnCount : 0)
        }
        let parts = rollout.parts(
            of: groups.filter { !skipped.contains($0) }, rowsAtOnce: rowsAtOnce, atLeast: sharing.parts)
        let sampled = parts.reduce(0) { $0 + $1.batch.tokens.tokens.count }
        var imitated = ImitationParts(
            imitation, ofTokens: sampled, update: stepsAttempted, rowsAtOnce: rowsAtOnce,
            parts: sharing.parts)
        let tokens = sampled + imitated.tokens
        let step = step(tokens: tokens, parts: parts.count + imitated.parts.count) { model, index, figures in
            var routers = RouterFigures()
            guard index < parts.count else {
                let part = index - parts.count
                let share = Float(imitated.parts[part].tokens.count) / Float(tokens)
                var found: [Double] = []
                let loss = routers.adding(to: model.transformer, share: share) {
                    imitated.loss(of: part, under: $0, found: &found)
                }
                figures.numbers = routers.numbers + found
                return loss
            }
            let part = parts[index]
            let share = Float(part.batch.tokens.tokens.count) / Float(tokens)
            var (statistics, seen) = (PolicyStatistics(), [Double]())
            let loss = routers.adding(to: model.transformer, share: share) { transformer in
                let predictions = transformer.predictions(
                    on: part.batch.tokens, temperature: objective.temperature)
                let logProbabilities = predictions.logProbabilities
                seen = logProbabilities.scalars.map(Double.init)
                let old = targets.old.map(part.picked) ?? logProbabilities.detached
                let logRatios = logProbabilities - old
                let scores = PolicyScores(
                    logProbabilities: logProbabilities,
                    ratios: part.ratios(logRatios, at: objective.loss.level).exp(),
                    advantages: part.picked(targets.advantages), clipRange: objective.clipRange)
                var losses = objective.loss.value(scores)
                let divergences = targets.reference.map {
                    let estimates = objective.estimator.estimates(
                        logProbabilities, reference: part.picked($0))
                    return objective.correctsKLBias ? estimates * scores.ratios : estimates
                }
                if let divergences, objective.beta != 0 { losses = losses + divergences * objective.beta }
                statistics.add(
                    scores, objective.loss, logRatios: logRatios, entropies: predictions.entropies,
                    divergences: divergences, on: part, isTrained: targets.isTrained)
                let loss = (losses * part.spread(weights)).sum()
                guard objective.entropyWeight != 0 else { return loss }
                let shares = targets.isTrained.map {
                    $0 ? objective.entropyWeight / Float(max(1, trainedTokens)) : 0
                }
                return loss - (predictions.entropies * part.spread(shares)).sum()
            }
            figures.numbers = routers.numbers + seen + statistics.numbers
            return loss
        }
        var (report, routers, statistics) = (step.report, RouterFigures(), PolicyStatistics())
        var seen = [Float](repeating: 0, count: rollout.targetCount)
        for (index, figures) in step.figures.enumerated() {
            routers.add(figures.numbers.prefix(RouterFigures.numberCount))
            let found = figures.numbers.dropFirst(RouterFigures.numberCount)
            guard index < parts.count else {
                imitated.add(Array(found))
                continue
            }
            let targets = parts[index].targets
            for (place, value) in zip(targets, found) { seen[Int(place)] = Float(value) }
            statistics.add(Array(found.dropFirst(targets.count)))
        }
        report.metrics.merge(routers.metrics) { own, _ in own }
        report.metrics.merge(imitated.metrics) { own, _ in own }
        return PolicyUpdate(report: report, statistics: statistics, logProbabilities: seen)
    }
}

extension Training {
    /// The report of a step that found nothing to learn from; nothing has moved.
    mutating func nothingLearned(tokens: Int) -> StepReport {
        var report = step(tokens: tokens) { _, _ in Tensor(.nan) }
        report.refusal = .nothingToLearn
        report.loss = 0
        return report
    }
}

extension RolloutPart {
    /// Log-ratios at the level of a loss, `[targets]`. Differentiable.
    func ratios(_ logRatios: Tensor, at level: PolicyLoss.Level) -> Tensor {
        switch level {
        case .token: logRatios
        case .completionMean: summedOverCompletions(logRatios) / lengthOfTarget
        case .completion: summedOverCompletions(logRatios)
        }
    }

    /// Values by completion of the whole rollout, repeated for each target of this part, `[targets]`.
    func spread(_ values: [Float]) -> Tensor {
        Tensor(batch.tokens.sequenceOfTarget.map { values[completions[Int($0)]] })
    }
}

extension StepReport {
    /// The updates of one step as one: sums of tokens, means of all else. Refused if each of them was.
    static func summary(of updates: [StepReport]) -> StepReport {
        var report = updates[updates.count - 1]
        let count = Float(updates.count)
        report.loss = updates.reduce(0) { $0 + $1.loss } / count
        report.gradientNorm = updates.reduce(0) { $0 + $1.gradientNorm } / count
        report.tokens = updates.reduce(0) { $0 + $1.tokens }
        report.learningRate = updates.map(\.learningRate).max() ?? 0
        let refused = updates.filter { $0.refusal != nil }
        report.refusal = refused.count == updates.count ? refused[0].refusal : nil
        for key in report.metrics.keys {
            report.metrics[key] = updates.reduce(0) { $0 + ($1.metrics[key] ?? 0) } / count
        }
        report.metrics["updates"] = count
        let ratios = updates.compactMap { $0.metrics["val/ratio"] }
        if !ratios.isEmpty {
            report.metrics["val/ratio_var"] = ratios.moments.deviation * ratios.moments.deviation
        }
        if !refused.isEmpty { report.metrics["updates_refused"] = Float(refused.count) }
        return report
    }
}

extension StepReport {
    /// The report with further metrics and distributions.
    func adding(_ metrics: [String: Float], _ distributions: [String: [Float]] = [:]) -> StepReport {
        var report = self
        report.metrics.merge(metrics) { own, _ in own }
        report.distributions.merge(distributions) { own, _ in own }
        return report
    }
}
