import NeuralCore

/// The updates that a policy makes of one rollout.
public struct UpdatePlan: Sendable, Hashable, Codable {
    /// Times the whole rollout is gone through.
    public var epochs: Int
    /// Updates in each of them; groups are dealt out at random, and one prompt's completions stay together.
    public var miniBatches: Int
    /// Bounds on the movement of the policy from the one that sampled.
    public var clipRange: ClipRange
    /// No further update is made of a rollout once the policy is this far from the one that sampled, nats a token as
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
