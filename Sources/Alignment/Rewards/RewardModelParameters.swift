public import NeuralCore

/// Parameters that make a reward model: all of one, or an adapter and a score on a frozen transformer.
public protocol RewardModelParameters: Module {
    /// The reward model that these parameters make. Inside `valueWithGradient` it is recorded through them.
    var rewardModel: RewardModel { get }
}

extension RewardModel: RewardModelParameters {
    /// The reward model itself.
    public var rewardModel: RewardModel { self }
}
