internal import Dispatch
public import NeuralCore
internal import Synchronization

/// A text as it is being generated: an asynchronous sequence of pieces.
///
///     for try await piece in model.continuation(of: "Once upon a time", with: tokenizer, using: random) {
///         print(piece, terminator: "")
///     }
///
/// Work is done when a piece is asked for, so leaving the loop ends it. It is done on a thread of its own: neither the
/// caller's thread nor those that tasks share wait for it. A task that is canceled gets a `CancellationError` after at most
/// one step: a token, a few that were guessed, or one portion of a long prompt. Each loop over the same continuation gives
/// the same pieces.
public struct Continuation: AsyncSequence, Sendable {
    private let begin: @Sendable () throws -> TextGeneration
    private let end: @Sendable (TextGeneration) -> Void

    /// - Parameters:
    ///   - end: Called when the text has ended, or the loop was left.
    ///   - begin: Called when the first piece is asked for.
    package init(
        end: @escaping @Sendable (TextGeneration) -> Void = { _ in },
        _ begin: @escaping @Sendable () throws -> TextGeneration
    ) {
        self.begin = begin
        self.end = end
    }

    /// Generates piece after piece.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let generation: RunningGeneration

        /// The next piece of text; nil at the end.
        ///
        /// - Throws: The error that stopped generation, such as a ``GenerationError``; `CancellationError`.
        public mutating func next() async throws -> GeneratedPiece? {
            while true {
                try Task.checkCancellation()
                switch try await generation.step() {
                case .piece(let piece): return piece
                case .nothing: continue
                case .end: return nil
                }
            }
        }
    }

    /// Begins to generate.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(generation: RunningGeneration(begin: begin, end: end))
    }
}

/// A generation that is under way, on a queue of its own.
private final class RunningGeneration: Sendable {
    enum Step: Sendable {
        case piece(GeneratedPiece), nothing, end
    }

    private let queue = DispatchQueue(label: "generation")
    private let begin: @Sendable () throws -> TextGeneration
    private let end: @Sendable (TextGeneration) -> Void
    private let running = Mutex<(generation: TextGeneration?, pieces: [GeneratedPiece])>((nil, []))

    init(
        begin: @escaping @Sendable () throws -> TextGeneration,
        end: @escaping @Sendable (TextGeneration) -> Void
    ) {
        self.begin = begin
        self.end = end
    }

    deinit {
        if let generation = running.withLock({ $0.generation.take() }) { end(generation) }
    }

    func step() async throws -> Step {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try self.stepNow() }) }
        }
    }

    /// Begins, or continues by one step, which may give several pieces: each is handed on.
    private func stepNow() throws -> Step {
        try running.withLock { running in
            if running.generation == nil { running.generation = try begin() }
            if running.pieces.isEmpty {
                guard running.generation?.isFinished == false, let pieces = running.generation?.step() else {
                    return .end
                }
                running.pieces = pieces
            }
            return running.pieces.isEmpty ? .nothing : .piece(running.pieces.removeFirst())
        }
    }
}

extension Continuation {
    /// The continuation of a prompt.
    ///
    /// - Parameter model: Called when the first piece is asked for.
    fileprivate init(
        of prompt: String, with tokenizer: BytePairTokenizer, _ options: GenerationOptions,
        using random: RandomSource, model: @escaping @Sendable () -> StoredTransformer
    ) {
        self.init {
            let model = model()
            return try TextGeneration(
                model, tokenizer, prompts: [model.promptTokens(prompt, with: tokenizer)], options: options,
                using: random)
        }
    }
}

extension StoredTransformer {
    /// Returns the continuation of a prompt, as it is being generated.
    ///
    /// - Parameters:
    ///   - prompt: The text to continue; names of special tokens in it are those tokens. An empty one begins a text.
    ///   - tokenizer: The model's.
    ///   - sampling: The rule by which tokens are drawn.
    ///   - maxTokens: The most tokens generated.
    ///   - stopTokens: Tokens that end the text; nil for those that the model's configuration names.
    ///   - stopStrings: Texts that end the text and are no part of it.
    ///   - alternatives: The number of likeliest tokens reported for each token drawn.
    ///   - random: Decides the draws.
    public func continuation(
        of prompt: String, with tokenizer: BytePairTokenizer, sampling: Sampling = Sampling(),
        maxTokens: Int = .max, stopTokens: Set<Int32>? = nil, stopStrings: [String] = [],
        alternatives: Int = 0,
        using random: RandomSource
    ) -> Continuation {
        let options = GenerationOptions(
            sampling: sampling, maxTokens: maxTokens, stopTokens: stopTokens, stopStrings: stopStrings,
            alternatives: alternatives)
        return Continuation(of: prompt, with: tokenizer, options, using: random) { self }
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
    /// Returns the continuation of a prompt, as it is being generated; see ``StoredTransformer``.
    public func continuation(
        of prompt: String, with tokenizer: BytePairTokenizer, sampling: Sampling = Sampling(),
        maxTokens: Int = .max, stopTokens: Set<Int32>? = nil, stopStrings: [String] = [],
        alternatives: Int = 0,
        using random: RandomSource
    ) -> Continuation {
        let transformer = transformer
        let options = GenerationOptions(
            sampling: sampling, maxTokens: maxTokens, stopTokens: stopTokens, stopStrings: stopStrings,
            alternatives: alternatives)
        return Continuation(of: prompt, with: tokenizer, options, using: random) {
            StoredTransformer(forGenerating: transformer)
        }
    }
}
