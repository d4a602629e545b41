public import LanguageModel
public import NeuralCore

/// GRPO and its family: each completion is compared with the others of its prompt, over the group's standard deviation;
/// there is no critic.
///
/// - SeeAlso: [Shao et al. 2024](https://arxiv.org/abs/2402.03300), Algorithm 1 and Eq. 3. Departures: those of the
///   losses.
public typealias GroupRelativePolicyOptimization<Policy: TransformerParameters> = PolicyGradientOptimization<
    Policy, GroupRelativeAdvantage
>

/// RLOO: each completion is compared with the mean of the others of its prompt.
///
/// The divergence from the reference is taken off the reward, `r − β Σ (log π − log π_ref)`, and a completion is one
/// action: its ratio is that of all its tokens.
///
/// - SeeAlso: [Ahmadian et al. 2024](https://arxiv.org/abs/2402.14740). Departure: ratios are clipped, which changes
///   nothing at the first update of a rollout.
public typealias ReinforceLeaveOneOut<Policy: TransformerParameters> = PolicyGradientOptimization<
    Policy, LeaveOneOutAdvantage
>

/// REINFORCE++: no critic, and advantages standardized over the whole rollout.
///
/// One completion of each prompt is enough; with several, the mean of the group can be taken off first.
///
/// - SeeAlso: [Hu et al. 2025](https://arxiv.org/abs/2501.03262).
public typealias ReinforcePlusPlus<Policy: TransformerParameters> = PolicyGradientOptimization<
    Policy, GlobalBaselineAdvantage
>

/// PPO: advantages come from a critic.
///
///     var critic = RewardModel(model, using: &random)
///     let settings = RolloutSettings(groupSize: 1, stopTokens: [end])
///     var ppo = ProximalPolicyOptimization(policy: model, critic: critic, rollouts: settings)
///
/// - SeeAlso: [Schulman et al. 2017](https://arxiv.org/abs/1707.06347), Algorithm 1; for language models
///   [Stiennon et al. 2020](https://arxiv.org/abs/2009.01325), section 3.4. Departure: the critic is a model of its own.
public typealias ProximalPolicyOptimization<Policy: TransformerParameters> = PolicyGradientOptimization<
    Policy, CriticAdvantage
>

extension PolicyGradientOptimization where Advantages: CriticFreeEstimator {
    /// A policy about to be trained without a critic.
    ///
    /// - Parameters:
    ///   - policy: The model or adapter to train.
    ///   - reference: The model to hold it to; nil for the policy as it is now.
    ///   - rollouts: Settings of the sampling.
    ///   - loss: The loss to minimize.
    ///   - beta: The cost of a nat of KL from the reference, 0 or more.
    ///   - plan: Updates for each rollout.
    ///   - optimizer: Moves the policy.
    ///   - schedule: The learning rate by update.
    ///   - maxGradientNorm: The gradient is scaled down to this norm.
    public init(
        policy: Policy, reference: Transformer? = nil, rollouts: RolloutSettings,
        loss: PolicyLoss = Advantages.usualLoss, beta: Float = Advantages.usualBeta,
        plan: UpdatePlan = UpdatePlan(), optimizer: any Optimizer = AdamW(),
        schedule: LearningRateSchedule = .constant(1e-6), maxGradientNorm: Float? = 1
    ) {
        self.init(
            policy: policy, reference: reference, rollouts: rollouts, advantages: Advantages(), loss: loss,
            kl: .fixed(beta), plan: plan, optimizer: optimizer, schedule: schedule,
            maxGradientNorm: maxGradientNorm)
    }

    /// A policy about to be trained without a critic, with the usual settings.
    ///
    /// - Parameters:
    ///   - policy: The model or adapter to train, and what it is held to.
    ///   - groupSize: Completions of each prompt.
    ///   - maxTokens: The most tokens of a completion.
    ///   - stopTokens: A completion ends with the first of these.
    ///   - schedule: The learning rate by update.
    public init(
        policy: Policy, groupSize: Int, maxTokens: Int = 256, stopTokens: Set<Int32>,
        schedule: LearningRateSchedule = .constant(1e-6)
    ) {
        self.init(
            policy: policy,
            rollouts: RolloutSettings(groupSize: groupSize, maxTokens: maxTokens, stopTokens: stopTokens),
            schedule: schedule)
    }
}

extension PolicyGradientOptimization where Advantages == CriticAdvantage {
    /// A policy about to be trained with a critic.
    ///
    /// - Parameters:
    ///   - policy: The model or adapter to train.
    ///   - critic: The model to learn values with; a reward model is a good start.
    ///   - reference: The model to hold the policy to; nil for the policy as it is now.
    ///   - rollouts: Settings of the sampling.
    ///   - plan: Updates for each rollout.
    ///   - kl: The cost of a nat of KL from the reference.
    ///   - optimizer: Moves the policy, and a copy of it the critic.
    ///   - schedule: The learning rate by update.
    ///   - criticSchedule: That of the critic; nil for the policy's.
    ///   - maxGradientNorm: The gradients of policy and critic are scaled down to this norm, each by itself.
    public init(
        policy: Policy, critic: RewardModel, reference: Transformer? = nil, rollouts: RolloutSettings,
        plan: UpdatePlan = UpdatePlan(epochs: 4), kl: KLControl = .fixed(0.05),
        optimizer: any Optimizer = AdamW(), schedule: LearningRateSchedule = .constant(3e-6),
        criticSchedule: LearningRateSchedule? = nil, maxGradientNorm: Float? = 1
    ) {
        let critic = Training(
            critic, optimizer: optimizer, schedule: criticSchedule ?? schedule,
            maxGradientNorm: maxGradientNorm)
        self.init(
            policy: policy, reference: reference, rollouts: rollouts, advantages: CriticAdvantage(critic),
            kl: kl, plan: plan, optimizer: optimizer, schedule: schedule, maxGradientNorm: maxGradientNorm)
    }
}
