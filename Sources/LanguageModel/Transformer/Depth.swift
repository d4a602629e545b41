extension TransformerConfiguration {
    /// A well-proportioned small model from one number.
    ///
    /// Width is 64 channels for each block and heads have 64 channels, so that width, depth and heads grow
    /// together; the family is qwen3 with tied embeddings. Depth 6 with a vocabulary of 8,192 has 13.8 million
    /// parameters.
    ///
    /// - Parameters:
    ///   - depth: The number of blocks, 1 or more.
    ///   - vocabularySize: The number of tokens.
    ///   - contextLength: The longest sequence meant.
    public static func depth(
        _ depth: Int, vocabularySize: Int, contextLength: Int = 1024
    ) -> TransformerConfiguration {
        TransformerConfiguration(
            vocabularySize: vocabularySize, width: 64 * depth, depth: depth, contextLength: contextLength)
    }
}

/// Settings of training, derived from depth: enough to train a model of this size well.
///
/// Every value can be set by hand; these are a place to start.
public struct TrainingRecipe: Sendable, Equatable {
    /// Peak learning rate of AdamW.
    public var learningRate: Float
    /// Tokens in one optimizer step.
    public var tokensPerStep: Int
    /// Tokens to train on in all.
    public var tokens: Int

    /// Twenty tokens for each parameter ([Hoffmann et al. 2022](https://arxiv.org/abs/2203.15556), table 3), a batch
    /// of about the square root of that many tokens rounded to a power of two, and a learning rate that falls with
    /// the square root of the width.
    public init(for configuration: TransformerConfiguration) {
        tokens = Self.tokensPerParameter * configuration.parameterCount
        tokensPerStep = min(1 << 19, max(1 << 11, 1 << Int(Double(tokens).squareRoot().exponent)))
        learningRate = Self.learningRate(width: configuration.width)
    }

    /// Tokens to train on for each parameter.
    package static let tokensPerParameter = 20

    /// The peak learning rate of a model with that many channels.
    package static func learningRate(width: Int) -> Float { 3e-3 * (256 / Float(width)).squareRoot() }

    /// Steps that the tokens last for.
    public var steps: Int { max(1, tokens / tokensPerStep) }
}
