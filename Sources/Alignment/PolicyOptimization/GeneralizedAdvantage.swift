import NeuralCore

/// Advantages from rewards and a critic's values along one completion.
///
///     δ_t = r_t + γ V_{t+1} − V_t        A_t = δ_t + γλ A_{t+1}        R_t = A_t + V_t
///
/// Beyond the last state there is no value. λ = 1 gives the whole of what came less what was expected, λ = 0
/// trusts the critic one step ahead.
///
/// - SeeAlso: [Schulman et al. 2015](https://arxiv.org/abs/1506.02438), Eq. 16. Departures: none.
public struct GeneralizedAdvantage: Sendable, Hashable, Codable {
    /// Worth of a reward that comes one token later, γ, from 0 to 1.
    public var gamma: Float
    /// Weight of later rewards against the critic's values, λ, from 0 to 1.
    public var lambda: Float

    /// An estimate with γ and λ.
    public init(gamma: Float = 1, lambda: Float = 0.95) {
        guard (0...1).contains(gamma), (0...1).contains(lambda) else {
            misuse("a gamma of \(gamma) and a lambda of \(lambda); both are from 0 to 1")
        }
        self.gamma = gamma
        self.lambda = lambda
    }

    /// The advantage of each state and the return that its value should have been.
    ///
    /// - Parameters:
    ///   - rewards: The reward of each state's action, first to last.
    ///   - values: The critic's value of each state, as many.
    public func estimate(rewards: [Float], values: [Float]) -> (advantages: [Float], returns: [Float]) {
        guard rewards.count == values.count else {
            misuse("\(rewards.count) rewards and \(values.count) values of one completion")
        }
        var advantages = [Float](repeating: 0, count: rewards.count)
        var (next, following): (Float, Float) = (0, 0)
        for index in rewards.indices.reversed() {
            let surprise = rewards[index] + gamma * next - values[index]
            following = surprise + gamma * lambda * following
            advantages[index] = following
            next = values[index]
        }
        return (advantages, zip(advantages, values).map { $0 + $1 })
    }
}
