public import NeuralCore

/// Scores that a preference loss is computed from: one number for each pair, `[pairs]`.
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
    /// Strength of the hold to the reference.
    public var beta: Float

    /// The score of the preferred completion less that of the other.
    public var margin: Tensor { chosen - rejected }
    /// log π/π_ref of the preferred completions.
    public var chosenLogRatios: Tensor { chosenLogProbabilities - chosenReference }
    /// log π/π_ref of the other completions.
    public var rejectedLogRatios: Tensor { rejectedLogProbabilities - rejectedReference }
}
