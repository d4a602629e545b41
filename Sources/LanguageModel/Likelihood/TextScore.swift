import Foundation

/// What a model says of a text, or of a completion after a prompt: how probable each predicted token was.
public struct TextScore: Sendable, Equatable {
    /// The natural logarithm of each predicted token's probability, in the order of the text.
    public var logProbabilities: [Float]
    /// Whether each predicted token was the most probable one.
    public var hits: [Bool]

    /// A score from the log-probabilities of the predicted tokens, in nats.
    public init(logProbabilities: [Float] = [], hits: [Bool] = []) {
        self.logProbabilities = logProbabilities
        self.hits = hits
    }

    /// The number of predicted tokens.
    public var tokens: Int { logProbabilities.count }

    /// The natural logarithm of the probability of all predicted tokens together: the sum over them; 0 for none.
    public var logProbability: Double { logProbabilities.reduce(0) { $0 + Double($1) } }

    /// Whether greedy decoding would have said the same.
    public var isGreedy: Bool { hits.allSatisfy { $0 } }

    /// The cost of a token, nats; not a number where none was predicted.
    public var natsPerToken: Double { -logProbability / Double(tokens) }

    /// Among how many equally probable tokens the model might as well have chosen, exp(nats per token).
    public var perplexity: Double { exp(natsPerToken) }

    /// The cost of a byte, bits; comparable between tokenizers, as the cost of a token is not.
    ///
    /// - Parameter bytes: How many bytes the predicted tokens stand for.
    public func bitsPerByte(bytes: Int) -> Double { -logProbability / (log(2) * Double(bytes)) }
}
