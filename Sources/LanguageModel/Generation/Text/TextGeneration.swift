public import NeuralCore

/// Texts that are being generated together, piece by piece.
///
///     var generation = try TextGeneration(model, tokenizer, prompts: prompts, samples: 4, using: random)
///     while !generation.isFinished {
///         for piece in generation.step() { texts[piece.sequence] += piece.text }
///     }
///
/// The loop is the caller's, who may stop at any time. A value: a copy continues independently from the same place.
public struct TextGeneration: Sendable {
    private var decoding: Decoding
    private var assemblies: [TextAssembly]
    /// The tokens of each sequence that are in its text.
    private var assembled: [Int]

    /// Creates continuations of prompts.
    ///
    /// - Parameters:
    ///   - model: The language model.
    ///   - tokenizer: The tokenizer of the model.
    ///   - prompts: Token ids of each prompt.
    ///   - samples: Sequences for each prompt; a prompt is computed once for all of them.
    ///   - options: The sampling rule, and the endings of a text.
    ///   - cache: The same model's keys and values of another text, for a single prompt; nil to read all of it.
    ///   - random: Decides the draws.
    /// - Throws: ``GenerationError`` where a prompt is empty or leaves no room, a setting lies outside its range, or the
    ///   tokenizer is not the model's.
    public init(
        _ model: StoredTransformer, _ tokenizer: BytePairTokenizer, prompts: [[Int32]], samples: Int = 1,
        options: GenerationOptions = GenerationOptions(), reusing cache: consuming PromptCache? = nil,
        using random: RandomSource
    ) throws(GenerationError) {
        let configuration = model.configuration
        guard tokenizer.vocabularySize <= configuration.vocabularySize else {
            throw .vocabulary(
                tokenizer: tokenizer.vocabularySize, model: configuration.vocabularySize)
        }
        if let objection = options.objection(tokenizer) { throw .setting(objection) }
        guard samples > 0, options.maxTokens >= 0, options.alternatives >= 0 else {
            throw .setting(
                "\(samples) samples of \(options.maxTokens) tokens with \(options.alternatives) alternatives")
        }
        for (number, prompt) in prompts.enumerated() {
            if prompt.isEmpty { throw .emptyPrompt(number: number) }
            if prompt.count >= configuration.contextLength {
                throw .promptTooLong(
                    number: number, tokens: prompt.count, positions: configuration.contextLength)
            }
        }
        decoding = Decoding(
            model, prompts: prompts, samples: samples, sampling: options.sampling,
            stopTokens: options.stopTokens ?? Set(configuration.endOfSequence),
            maxTokens: options.maxTokens, alternatives: options.alternatives,
            constraint: options.constraint,
            thinking: options.thinking.map { thinking in
                prompts.map { ThinkingState(thinking, tokenizer, prompt: $0) }
            } ?? [], cacheFormat: options.cacheFormat, reusing: cache.take(),
            guessing: options.guessesTokens, using: random)
        assemblies = prompts.flatMap { prompt in
            let assembly = TextAssembly(tokenizer, prompt: prompt, options)
            return Array(repeating: assembly, count: samples)
        }
        assembled = Array(repeating: 0, count: assemblies.count)
    }

    /// The sequences as far as they have come: all samples of the first prompt, then those of the second.
    public var sequences: [Decoding.Sequence] { decoding.sequences }

    /// Tokens of prompts that were computed, those that a cache had not counted.
    public var promptTokensRead: Int { decoding.promptTokensRead }

    /// The keys and values of the prompt, for another prompt that begins alike; nil for several prompts, or until the one is
    /// read.
    public var promptCache: PromptCache? { decoding.promptCache }

    /// Whether every sequence has ended.
    public var isFinished: Bool { decoding.isFinished }

    /// Computes some tokens of the prompts, or draws a token or a few for every unfinished sequence.
    ///
    /// - Returns: The pieces of text that have become certain; there may be none.
    public mutating func step() -> [GeneratedPiece] {
        if decoding.readPrompts() { return [] }
        return decoding.step().flatMap { index in assemble(index) }
    }

    /// Takes in the new tokens of a sequence, as far as the string that ends it.
    private mutating func assemble(_ index: Int) -> [GeneratedPiece] {
        let sequence = decoding.sequences[index]
        var pieces: [GeneratedPiece] = []
        while assembled[index] < sequence.tokens.count {
            let place = assembled[index]
            assembled[index] += 1
            let token = GeneratedToken(
                token: sequence.tokens[place], logProbability: sequence.logProbabilities[place],
                alternatives: sequence.alternatives.isEmpty ? [] : sequence.alternatives[place])
            let isLast = assembled[index] == sequence.tokens.count
            let piece = assemblies[index].append(
                token, of: index, ending: isLast ? sequence.ending : nil)
            guard let piece else { continue }
            pieces.append(piece)
            if let ending = piece.ending {
                if ending != sequence.ending || !isLast {
                    decoding.end(index, because: ending, keeping: assembled[index])
                }
                break
            }
        }
        return pieces
    }
}

/// The sampling, length and endings of generated text.
public struct GenerationOptions: Sendable, Hashable {
    /// The rule by which tokens are drawn.
    public var sampling: Sampling
    /// The most tokens generated for a sequence; it ends before where the model has no more positions.
    public var maxTokens: Int
    /// Tokens that end a sequence and are no part of its text; nil for those that the model's configuration names.
    public var stopTokens: Set<Int32>?
    /// Texts that end a sequence and are no part of its text.
    public var stopStrings: [String]
    /// The number of likeliest tokens reported for each token drawn.
    public var alternatives: Int
    /// The storage format of the keys and values of earlier tokens.
    public var cacheFormat: KeyRows.Format
    /// The structure that a text has, such as that of a JSON schema; nil for any text.
    public var constraint: TokenConstraint?
    /// Special tokens that are part of the text, such as one that begins a call of a tool; others are left out of it.
    public var shownTokens: Set<Int32> = []
    /// How a text thinks before it answers, whose marks are then part of it; nil where nothing is known of that.
    public var thinking: Thinking?
    /// Whether tokens are guessed from what a text has said before, and tried several at once. This changes the time alone:
    /// tokens and probabilities have the same bits.
    public var guessesTokens: Bool

    /// Options, of which the defaults draw from the model's own distribution until it ends the text.
    public init(
        sampling: Sampling = Sampling(), maxTokens: Int = .max, stopTokens: Set<Int32>? = nil,
        stopStrings: [String] = [], alternatives: Int = 0, cacheFormat: KeyRows.Format = .float32,
        constraint: TokenConstraint? = nil, guessesTokens: Bool = true
    ) {
        self.constraint = constraint
        self.guessesTokens = guessesTokens
        self.sampling = sampling
        self.maxTokens = maxTokens
        self.stopTokens = stopTokens
        self.stopStrings = stopStrings
        self.alternatives = alternatives
        self.cacheFormat = cacheFormat
    }
}

extension GenerationOptions {
    /// Why these cannot be followed; nil where they can.
    package func objection(_ tokenizer: BytePairTokenizer) -> String? {
        sampling.objection ?? thinking?.objection(tokenizer)
    }
}

/// An error in the input of text generation.
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
    /// A sentence with the value found and the value expected.
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
