public import NeuralCore

/// What a preference loss is computed from: one number for each pair, `[pairs]`.
public struct PairScores: Sendable {
    /// Scores of the preferred completions: f(log π/π_ref) for the chosen divergence. Differentiable.
    public var chosen: Tensor
    /// Scores of the other completions.
    public var rejected: Tensor
    /// log π of the preferred completions, summed over tokens. Differentiable.
    public var chosenLogProbabilities: Tensor
    /// log π of the other completions.
    public var rejectedLogProbabilities: Tensor
    /// log π_ref of the preferred completions.
    public var chosenReference: Tensor
    /// log π_ref of the other completions.
    public var rejectedReference: Tensor
    /// Tokens in the preferred completions.
    public var chosenLengths: Tensor
    /// Tokens in the other completions.
    public var rejectedLengths: Tensor
    /// Mean negative log-probability of all tokens of the preferred completions, a scalar. Differentiable.
    public var chosenCrossEntropy: Tensor
    /// How strongly the policy is held to the reference.
    public var beta: Float

    /// How much better the preferred completion scores.
    public var margin: Tensor { chosen - rejected }
    /// log π/π_ref of the preferred completions.
    public var chosenLogRatios: Tensor { chosenLogProbabilities - chosenReference }
    /// log π/π_ref of the other completions.
    public var rejectedLogRatios: Tensor { rejectedLogProbabilities - rejectedReference }
}
