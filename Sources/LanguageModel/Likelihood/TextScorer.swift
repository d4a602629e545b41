import Foundation
public import NeuralCore

/// Scores texts with a model and its tokenizer.
///
///     let scorer = try TextScorer(model, tokenizer: tokenizer)
///     let scores = scorer.scores(of: [" Paris", " London"], given: "The capital of France is")
///     let likelihood = scorer.likelihood(of: Array(file))
///
/// The ids that the tokenizer's file puts before a text, such as the one that begins it, come before every prompt and
/// are never predicted.
public struct TextScorer: Sendable {
    /// The language model.
    public let model: Transformer
    /// The tokenizer of the model.
    public let tokenizer: BytePairTokenizer
    /// The greatest number of preceding tokens that the model may use; nil for its full context.
    public var contextLength: Int?
    /// The token given where a prompt is empty; nil for the model's end-of-text token, if there is one.
    public var prefixToken: Int32?

    /// A scorer from a model and its tokenizer.
    ///
    /// - Parameters:
    ///   - model: The language model.
    ///   - tokenizer: The tokenizer of the model.
    ///   - contextLength: The greatest number of preceding tokens that the model may use; nil for its full context.
    ///   - prefixToken: The token given where a prompt is empty; see ``query(prompt:completions:)``.
    /// - Throws: `LikelihoodError.vocabulary` where the tokenizer has ids that the model does not know.
    public init(
        _ model: Transformer, tokenizer: BytePairTokenizer, contextLength: Int? = nil,
        prefixToken: Int32? = nil
    ) throws(LikelihoodError) {
        guard tokenizer.vocabularySize <= model.configuration.vocabularySize else {
            throw .vocabulary(
                tokenizer: tokenizer.vocabularySize, model: model.configuration.vocabularySize)
        }
        self.model = model
        self.tokenizer = tokenizer
        self.contextLength = contextLength
        self.prefixToken = prefixToken
    }

    /// The score of each text, from its second token on.
    public func scores(ofTexts texts: [String]) -> [TextScore] {
        scores(of: texts.map(query(text:))).map { $0[0] }
    }

    /// The score of each completion of a prompt.
    public func scores(of completions: [String], given prompt: String) -> [TextScore] {
        scores(of: [query(prompt: prompt, completions: completions)])[0]
    }

    /// The scores of each group's completions.
    public func scores(of groups: [PromptedCompletions]) -> [[TextScore]] {
        model.scores(of: groups, contextLength: contextLength)
    }

    /// The ids of a whole text.
    public func query(text: String) -> PromptedCompletions {
        PromptedCompletions(text: tokenizer.encode(text, addingBoundaries: true))
    }

    /// The ids of a prompt and its completions.
    ///
    /// Prompt and completion are encoded together, and the completion is what comes after the prompt's own ids. Where a
    /// token would reach across, as when a prompt ends in a space, the completion is encoded by itself.
    ///
    /// After nothing at all, what is given is ``prefixToken``, or else the token that ends a text, where the model names
    /// one. lm-eval does so (`HFLM.prefix_token_id`): a prefix that is asked for, else the tokenizer's `bos_token`, else
    /// its `eos_token`. `TextFormat.prefixToken` is the tokenizer's.
    public func query(prompt: String, completions: [String]) -> PromptedCompletions {
        let given = tokenizer.boundaries.before + tokenizer.encode(prompt)
        let ids = completions.map { tokenizer.encode($0, after: prompt) }
        let prefix = prefixToken ?? model.configuration.endOfSequence.first
        return PromptedCompletions(
            prompt: given.isEmpty ? [prefix].compactMap(\.self) : given, completions: ids)
    }

    /// The likelihood of a text of any length.
    ///
    /// - Parameters:
    ///   - text: Bytes that are meant as UTF-8 but need not be valid.
    ///   - sharing: The processes that share the windows of a long text out; all of them get the likelihood.
    /// - Complexity: Memory grows with the text by a few bytes per byte.
    public func likelihood(of text: [UInt8], _ sharing: WorkSharing = WorkSharing()) -> TextLikelihood {
        let before = tokenizer.boundaries.before
        let ids = tokenizer.encode(text)
        let score = model.scores(ofTexts: [before + ids], contextLength: contextLength, sharing)[0]
        // Bytes of tokens that are not predicted are left out of the count, lest they make the rest look cheap.
        let given = before.isEmpty ? ids.prefix(1).reduce(0) { $0 + tokenizer.bytes(of: $1).count } : 0
        return TextLikelihood(score: score, bytes: text.count - given)
    }
}

/// The likelihood of a text under a model.
public struct TextLikelihood: Sendable, Equatable {
    /// The score of its tokens.
    public var score: TextScore
    /// The bytes that the predicted tokens stand for.
    public var bytes: Int

    /// The cost of a byte, bits.
    public var bitsPerByte: Double { score.bitsPerByte(bytes: bytes) }
}

/// An error in the input of a likelihood computation.
public enum LikelihoodError: Error, Sendable, Equatable {
    /// A tokenizer has more ids than the model it is used with.
    case vocabulary(tokenizer: Int, model: Int)
    /// A file is not there.
    case missing(file: String)
    /// A file cannot be read.
    case unreadable(file: String, reason: String)
    /// A line of a file is malformed.
    case malformed(file: String, line: Int, expected: String, found: String)
    /// A prompt template has no place for the text.
    case template(found: String)
    /// There are not two different labels or more.
    case labels(found: [String])
}

extension LikelihoodError: CustomStringConvertible {
    /// A sentence with the value found and the value expected.
    public var description: String {
        switch self {
        case .vocabulary(let tokenizer, let model):
            "the tokenizer has \(tokenizer) ids; the model knows \(model)"
        case .missing(let file): "\(file): there is no such file"
        case .unreadable(let file, let reason): "\(file): \(reason)"
        case .malformed(let file, let line, let expected, let found):
            "\(file): line \(line): expected \(expected), found \(found)"
        case .template(let found): "a prompt template needs {text} once; found \"\(found)\""
        case .labels(let found): "at least two different labels are needed; found \(found)"
        }
    }
}

/// The log-probability of each predicted token of a text, or of a completion after a prompt.
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

    /// Whether greedy decoding would have produced the same tokens.
    public var isGreedy: Bool { hits.allSatisfy { $0 } }

    /// The cost of a token, nats; not a number where none was predicted.
    public var natsPerToken: Double { -logProbability / Double(tokens) }

    /// The perplexity, exp(nats per token): the number of equally probable tokens that would be as hard to predict.
    public var perplexity: Double { exp(natsPerToken) }

    /// The cost of a byte, bits; comparable between tokenizers, as the cost of a token is not.
    ///
    /// - Parameter bytes: The number of bytes of the predicted tokens.
    public func bitsPerByte(bytes: Int) -> Double { -logProbability / (log(2) * Double(bytes)) }
}
