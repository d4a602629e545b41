/// A token and how probable the model finds it.
public struct TokenProbability: Sendable, Hashable {
    /// The token's id.
    public var token: Int32
    /// The logarithm of its probability, nats.
    public var logProbability: Float

    /// A token with the logarithm of its probability.
    public init(token: Int32, logProbability: Float) {
        self.token = token
        self.logProbability = logProbability
    }
}

/// A token that was generated, with how probable it was.
public struct GeneratedToken: Sendable, Hashable {
    /// The token's id.
    public let token: Int32
    /// The logarithm of its probability under the model, whatever the sampling, nats.
    public let logProbability: Float
    /// The likeliest tokens in its place, as many as were asked for, likeliest first.
    public let alternatives: [TokenProbability]
}
