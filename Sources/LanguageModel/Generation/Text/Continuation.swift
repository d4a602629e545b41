public import NeuralCore

/// A text as it is being generated: an asynchronous sequence of pieces.
///
///     for try await piece in model.continuation(of: "Once upon a time", with: tokenizer, using: random) {
///         print(piece, terminator: "")
///     }
///
/// Work is done when a piece is asked for, so leaving the loop ends it. A task that is canceled gets a
/// `CancellationError` after at most one token, or one portion of a long prompt. Each loop over the same continuation
/// gives the same pieces.
public struct Continuation: AsyncSequence, Sendable {
    private let generation: Result<TextGeneration, GenerationError>

    init(_ generation: () throws(GenerationError) -> TextGeneration) {
        self.generation = Result(catching: generation)
    }

    /// Generates piece after piece.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var generation: Result<TextGeneration, GenerationError>

        /// The next piece of text; nil at the end.
        ///
        /// - Throws: ``GenerationError`` at the first call where nothing can be generated; `CancellationError`.
        public mutating func next() async throws -> GeneratedPiece? {
            var running = try generation.get()
            // One owner, so that what grows can grow in place.
            generation = .failure(.setting("a piece was asked for while another is being made"))
            defer { generation = .success(running) }
            while !running.isFinished {
                try Task.checkCancellation()
                if let piece = running.step().first { return piece }
                await Task.yield()
            }
            return nil
        }
    }

    /// Begins to generate.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(generation: generation) }
}

extension StoredTransformer {
    /// The text that goes on from a prompt, as it is being generated.
    ///
    /// - Parameters:
    ///   - prompt: What comes before; names of special tokens in it are those tokens. An empty one begins a text.
    ///   - tokenizer: The model's.
    ///   - sampling: How tokens are drawn.
    ///   - maxTokens: The most tokens generated.
    ///   - stopTokens: Tokens that end the text; nil for those that the model's configuration names.
    ///   - stopStrings: Texts that end the text and are no part of it.
    ///   - alternatives: How many of the likeliest tokens are noted for each token drawn.
    ///   - random: Decides the draws.
    public func continuation(
        of prompt: String, with tokenizer: BytePairTokenizer, sampling: Sampling = Sampling(),
        maxTokens: Int = .max, stopTokens: Set<Int32>? = nil, stopStrings: [String] = [],
        alternatives: Int = 0,
        using random: RandomSource
    ) -> Continuation {
        Continuation { () throws(GenerationError) in
            try TextGeneration(
                self, tokenizer, prompts: [promptTokens(prompt, with: tokenizer)],
                options: GenerationOptions(
                    sampling: sampling, maxTokens: maxTokens, stopTokens: stopTokens,
                    stopStrings: stopStrings, alternatives: alternatives),
                using: random)
        }
    }

    /// The tokens of a prompt: with those before it that the tokenizer prescribes, and for an empty text the token that
    /// begins one, or else that ends one.
    public func promptTokens(_ prompt: String, with tokenizer: BytePairTokenizer) -> [Int32] {
        let tokens = tokenizer.boundaries.before + tokenizer.encode(prompt)
        guard tokens.isEmpty else { return tokens }
        let beginning = configuration.beginOfSequence ?? configuration.endOfSequence.first
        return beginning.map { [$0] } ?? []
    }
}

extension TransformerParameters {
    /// The text that goes on from a prompt, as it is being generated; see ``StoredTransformer``.
    public func continuation(
        of prompt: String, with tokenizer: BytePairTokenizer, sampling: Sampling = Sampling(),
        maxTokens: Int = .max, stopTokens: Set<Int32>? = nil, stopStrings: [String] = [],
        alternatives: Int = 0,
        using random: RandomSource
    ) -> Continuation {
        StoredTransformer(transformer).continuation(
            of: prompt, with: tokenizer, sampling: sampling, maxTokens: maxTokens, stopTokens: stopTokens,
            stopStrings: stopStrings, alternatives: alternatives, using: random)
    }
}
