import LanguageModel
import NeuralCore

/// How far a policy is from its reference on its own completions, to be taken off their rewards.
struct KLPenalty: Sendable {
    /// log π of every target, `[targets]`; a constant.
    let old: Tensor
    /// The estimate of each target, nats, `[targets]`.
    let estimates: [Float]
    /// The sums over completions, nats, `[completions]`.
    let sums: [Float]

    init(
        _ rollout: Rollout, policy: Transformer, reference: Transformer, estimator: KLEstimator,
        _ settings: RolloutSettings, _ plan: UpdatePlan
    ) {
        func logProbabilities(_ model: Transformer) -> Tensor {
            rollout.logProbabilities(
                under: model, temperature: settings.temperature, rowsAtOnce: plan.rowsAtOnce)
        }
        old = logProbabilities(policy)
        let estimates = estimator.estimates(old, reference: logProbabilities(reference)).scalars
        self.estimates = estimates
        sums = rollout.targets.map { estimates[$0].reduce(0, +) }
    }

    /// The mean over all tokens, nats.
    var perToken: Float { sums.reduce(0, +) / Float(max(1, estimates.count)) }
}
