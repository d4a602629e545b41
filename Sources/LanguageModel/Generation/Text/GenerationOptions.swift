public import NeuralCore

/// What is generated, and when it ends.
public struct GenerationOptions: Sendable, Hashable {
    /// How tokens are drawn.
    public var sampling: Sampling
    /// The most tokens generated for a sequence; it ends before where the model has no more positions.
    public var maxTokens: Int
    /// Tokens that end a sequence and are no part of its text; nil for those that the model's configuration names.
    public var stopTokens: Set<Int32>?
    /// Texts that end a sequence and are no part of its text.
    public var stopStrings: [String]
    /// How many of the likeliest tokens are noted for each token drawn.
    public var alternatives: Int
    /// How the keys and values of earlier tokens are kept.
    public var cacheFormat: KeyRows.Format

    /// Options, of which the defaults draw from the model's own distribution until it ends the text.
    public init(
        sampling: Sampling = Sampling(), maxTokens: Int = .max, stopTokens: Set<Int32>? = nil,
        stopStrings: [String] = [], alternatives: Int = 0, cacheFormat: KeyRows.Format = .float32
    ) {
        self.sampling = sampling
        self.maxTokens = maxTokens
        self.stopTokens = stopTokens
        self.stopStrings = stopStrings
        self.alternatives = alternatives
        self.cacheFormat = cacheFormat
    }
}

/// Why nothing can be generated from what was given.
public enum GenerationError: Error, Sendable, Equatable {
    /// A tokenizer has more ids than the model it is used with.
    case vocabulary(tokenizer: Int, model: Int)
    /// A prompt has no tokens, and the model names none that begins a text.
    case emptyPrompt(number: Int)
    /// A prompt takes up every position that the model has.
    case promptTooLong(number: Int, tokens: Int, positions: Int)
    /// A setting lies outside its range.
    case setting(String)
}

extension GenerationError: CustomStringConvertible {
    /// A sentence that says what was found and what was expected.
    public var description: String {
        switch self {
        case .vocabulary(let tokenizer, let model):
            "the tokenizer has \(tokenizer) ids; the model knows \(model)"
        case .emptyPrompt(let number):
            "prompt \(number + 1) is empty, and the model names no token that begins a text"
        case .promptTooLong(let number, let tokens, let positions):
            "prompt \(number + 1) has \(tokens) tokens; the model has \(positions) positions, and one is needed to go on"
        case .setting(let objection): objection
        }
    }
}
