public import LanguageModel

/// A request to a model: a prompt, and the options of its continuations.
public struct ServingRequest: Sendable {
    /// Token ids, at least one.
    public var prompt: [Int32]
    /// The number of continuations.
    public var samples: Int
    /// The sampling and the endings of continuations. The engine determines the format of the cache.
    public var options: GenerationOptions
    /// Added to the logits of these tokens before anything else is done to them.
    public var logitBias: [Int32: Float]
    /// Decides the draws: the same request gives the same tokens and log-probabilities whoever else is being served.
    public var seed: UInt64
    /// Whether the prompt's own tokens get log-probabilities, which takes reading all of it.
    public var scoresPrompt: Bool

    /// A request with its prompt; the rest has the values that are the same for everyone.
    public init(
        prompt: [Int32], samples: Int = 1, options: GenerationOptions = GenerationOptions(),
        logitBias: [Int32: Float] = [:], seed: UInt64 = 0, scoresPrompt: Bool = false
    ) {
        self.prompt = prompt
        self.samples = samples
        self.options = options
        self.logitBias = logitBias
        self.seed = seed
        self.scoresPrompt = scoresPrompt
    }
}

/// An event of a request, in this order: the prompt once, then pieces of its continuations. A request whose time is over
/// before its prompt has been read has no event for it.
public enum ServingEvent: Sendable {
    /// The prompt has been read.
    case prompt(PromptReading)
    /// The next piece of a continuation; the number of its sequence is that of the sample.
    case piece(GeneratedPiece)
}

/// The reading of a prompt.
public struct PromptReading: Sendable, Hashable {
    /// Tokens that were known from an earlier prompt with the same beginning.
    public var tokensKnown: Int
    /// The prompt's tokens from the second on with their log-probabilities, where they were asked for.
    public var scores: [GeneratedToken]
}

/// Why a request is not served.
public enum ServingError: Error, Sendable, Equatable {
    /// As many requests as may wait are waiting.
    case busy(waiting: Int)
    /// The engine takes no more requests.
    case closing
    /// Nothing can be generated for it.
    case request(GenerationError)
    /// It asks for more continuations than are ever generated together.
    case tooManySamples(requested: Int, most: Int)
}

extension ServingError: CustomStringConvertible {
    /// A sentence for who asked.
    public var description: String {
        switch self {
        case .busy(let waiting):
            "\(waiting) \(waiting == 1 ? "request is" : "requests are") waiting, which is as many as may; try again later"
        case .closing: "the server is shutting down"
        case .request(let error): error.description
        case .tooManySamples(let requested, let most):
            "\(requested) continuations are asked for; at most \(most) are generated together"
        }
    }
}
