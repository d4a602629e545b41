public import NeuralCore

/// Sequences that are being generated together, one token each at a time.
///
///     var decoding = Decoding(model, prompts: [prompt], samples: 4, stopTokens: [end], maxTokens: 64, using: random)
///     while !decoding.isFinished { decoding.step() }
///     let completions = decoding.sequences
///
/// Each prompt is computed once for all its samples, and its keys and values are kept once. A value: a copy goes on
/// from the same place.
public struct Decoding: Sendable {
    /// One sequence, as far as it has come.
    public struct Sequence: Sendable {
        /// The number of the prompt it continues.
        public let prompt: Int
        /// The tokens generated so far; a stop token is the last one if it came.
        public internal(set) var tokens: [Int32] = []
        /// The logarithm of each token's probability under the model, whatever the sampling, nats.
        public internal(set) var logProbabilities: [Float] = []
        /// For each token the likeliest ones in its place, as many as were asked for, likeliest first.
        public internal(set) var alternatives: [[TokenProbability]] = []
        /// The reason why it ended; nil until then.
        public internal(set) var ending: Ending?
        var sampler: TokenSampler
        /// Guesses its tokens; nil where none are.
        var lookup: PromptLookup?
    }

    /// Why a sequence ended.
    public enum Ending: String, Sendable, Codable {
        /// A stop token came.
        case stopToken = "stop"
        /// A stop string came.
        case stopString = "stop_string"
        /// The text of a structure was complete, and there is no token that ends one.
        case complete
        /// As many tokens as were allowed, or as the model has positions for.
        case length
    }

    /// The sequences: all samples of the first prompt, then those of the second.
    public private(set) var sequences: [Sequence]

    private let model: StoredTransformer
    private let prompts: [[Int32]]
    private let stopTokens: Set<Int32>
    private let maxTokens: Int
    private let alternatives: Int
    /// Those of the prompts, then those of the sequences.
    private var caches: [KeyValueCache]
    /// The prompt whose tokens are to be computed next; the count of prompts when all are.
    private var pendingPrompt = 0
    /// Tokens of prompts that were computed, those that a cache had not counted.
    public private(set) var promptTokensRead = 0
    /// The normalized output of the last block for each prompt's last token, until it has been used.
    private var promptEnds: [Int: Tensor] = [:]

    /// - Parameters:
    ///   - model: The language model.
    ///   - prompts: Token ids, each prompt with at least one.
    ///   - samples: Sequences for each prompt.
    ///   - sampling: The rule by which tokens are drawn.
    ///   - stopTokens: A sequence ends with the first of these.
    ///   - maxTokens: The most tokens generated for a sequence.
    ///   - alternatives: The number of likeliest tokens reported for each token drawn.
    ///   - cacheFormat: The storage format of the keys and values of earlier tokens: `bfloat16` takes half of the memory.
    ///   - random: Decides the draws; each sequence has a stream of its own, so that what else is generated beside it
    ///     does not change it.
    public init(
        _ model: Transformer, prompts: [[Int32]], samples: Int = 1, sampling: Sampling = Sampling(),
        stopTokens: Set<Int32> = [], maxTokens: Int, alternatives: Int = 0,
        cacheFormat: KeyRows.Format = .float32, using random: RandomSource
    ) {
        self.init(
            StoredTransformer(forGenerating: model), prompts: prompts, samples: samples, sampling: sampling,
            stopTokens: stopTokens, maxTokens: maxTokens, alternatives: alternatives,
            cacheFormat: cacheFormat,
            using: random)
    }

    /// As for a ``Transformer``, from weights kept in fewer bytes.
    ///
    /// Texts may be held to the structure of a constraint; and where there is one prompt, what a cache has of it, read by the
    /// same model, is not read again. With `guessing`, a sequence that is alone with its prompt may get several tokens in a
    /// step: what its text has said before is tried at once. The tokens and their bits are the same.
    public init(
        _ model: StoredTransformer, prompts: [[Int32]], samples: Int = 1, sampling: Sampling = Sampling(),
        stopTokens: Set<Int32> = [], maxTokens: Int, alternatives: Int = 0,
        constraint: TokenConstraint? = nil, cacheFormat: KeyRows.Format = .float32,
        reusing cache: consuming PromptCache? = nil, guessing: Bool = false,
        using random: RandomSource
    ) {
        self.init(
            model, prompts: prompts, samples: samples, sampling: sampling, stopTokens: stopTokens,
            maxTokens: maxTokens, alternatives: alternatives, constraint: constraint, thinking: [],
            cacheFormat: cacheFormat, reusing: cache.take(), guessing: guessing, using: random)
    }

    /// As above, with how the texts after each prompt think; nothing is known of it where there are none.
    package init(
        _ model: StoredTransformer, prompts: [[Int32]], samples: Int, sampling: Sampling,
        stopTokens: Set<Int32>, maxTokens: Int, alternatives: Int, constraint: TokenConstraint?,
        thinking: [ThinkingState], cacheFormat: KeyRows.Format, reusing cache: consuming PromptCache?,
        guessing: Bool, using random: RandomSource
    ) {
        guard prompts.allSatisfy({ !$0.isEmpty }), samples > 0, maxTokens >= 0, alternatives >= 0 else {
            misuse(
                "generation of \(maxTokens) tokens, \(samples) samples, prompts of \(prompts.map(\.count)) tokens"
            )
        }
        self.model = model
        self.prompts = prompts
        self.stopTokens = stopTokens
        self.maxTokens = maxTokens
        self.alternatives = alternatives
        var random = random
        sequences = prompts.enumerated().flatMap { index, prompt in
            (0..<samples).map { _ in
                Sequence(
                    prompt: index,
                    sampler: TokenSampler(
                        sampling, prompt: prompt, constraint: constraint, ends: stopTokens,
                        thinking: thinking.isEmpty ? nil : thinking[index], using: random.split()),
                    lookup: guessing && samples == 1 ? PromptLookup(prompt: prompt) : nil)
            }
        }
        let configuration = model.configuration
        caches = prompts.map { KeyValueCache(for: configuration, capacity: $0.count, format: cacheFormat) }
        caches += sequences.map { sequence in
            KeyValueCache(
                for: configuration, at: prompts[sequence.prompt].count, capacity: max(1, min(maxTokens, 64)),
                format: cacheFormat)
        }
        if prompts.count == 1,
            let known = cache.take()?.beginning(of: prompts[0], for: configuration, cacheFormat)
        {
            caches[0] = known
        }
        for index in sequences.indices { finish(index, after: nil) }
    }

    /// Whether every sequence has ended.
    public var isFinished: Bool { sequences.allSatisfy { $0.ending != nil } }

    /// Draws the next token of every unfinished sequence, or several that have been guessed; the first call computes the
    /// prompts.
    ///
    /// - Returns: The numbers of the sequences that got any.
    @discardableResult
    public mutating func step() -> [Int] {
        let active = sequences.indices.filter { sequences[$0].ending == nil }
        guard !active.isEmpty else { return [] }
        while readPrompts() {}
        let guesses = promptEnds.isEmpty ? guesses(active) : Array(repeating: [], count: active.count)
        let logits = model.logits(
            of: promptEnds.isEmpty ? advance(active, trying: guesses) : endsOfPrompts(active))
        promptEnds.removeAll()
        draw(active, trying: guesses, from: logits)
        for index in active { finish(index, after: sequences[index].tokens.last) }
        return active
    }

    /// Guesses tokens of sequences, as many as are worth trying at once.
    private func guesses(_ active: [Int]) -> [[Int32]] {
        var room = PromptLookup.mostRows - active.count
        return active.map { index in
            let sequence = sequences[index]
            let length = prompts[sequence.prompt].count + sequence.tokens.count
            let left = min(maxTokens - sequence.tokens.count, model.configuration.contextLength - length)
            let guesses = sequence.lookup?.next(atMost: min(room, left - 1), ends: stopTokens) ?? []
            room -= guesses.count
            return guesses
        }
    }

    /// Ends a sequence, for a reason that tokens do not tell.
    ///
    /// - Parameters:
    ///   - index: The number of the sequence.
    ///   - ending: The reason.
    ///   - count: The number of its tokens that are kept; nil for all.
    public mutating func end(_ index: Int, because ending: Ending, keeping count: Int? = nil) {
        if let count, count < sequences[index].tokens.count {
            let surplus = sequences[index].tokens.count - count
            sequences[index].tokens.removeLast(surplus)
            sequences[index].logProbabilities.removeLast(surplus)
            sequences[index].alternatives.removeLast(min(surplus, sequences[index].alternatives.count))
        }
        sequences[index].ending = ending
        caches[prompts.count + index].removeAll()
    }

    private mutating func finish(_ index: Int, after token: Int32?) {
        let length = prompts[sequences[index].prompt].count + sequences[index].tokens.count
        if let token, stopTokens.contains(token) {
            end(index, because: .stopToken)
        } else if sequences[index].sampler.isFinished {
            end(index, because: .complete)
        } else if sequences[index].tokens.count >= maxTokens || length >= model.configuration.contextLength {
            end(index, because: .length)
        }
    }

    /// Draws tokens from the logits, and forgets the keys and values of wrong guesses.
    private mutating func draw(_ active: [Int], trying guesses: [[Int32]], from logits: Tensor) {
        var draws = zip(active, guesses).map { index, guesses in
            TokenDraw(sequences[index].sampler, guesses: guesses, alternatives: alternatives)
        }
        TokenDraw.draw(&draws, from: logits)
        for ((index, guesses), draw) in zip(zip(active, guesses), draws) {
            sequences[index].sampler = draw.sampler
            sequences[index].tokens += draw.tokens.map(\.token)
            sequences[index].logProbabilities += draw.tokens.map(\.logProbability)
            if alternatives > 0 { sequences[index].alternatives += draw.tokens.map(\.alternatives) }
            sequences[index].lookup?.append(draw.tokens.map(\.token), guessed: guesses.count)
            if !guesses.isEmpty {
                caches[prompts.count + index].truncate(to: sequences[index].tokens.count - 1)
            }
        }
    }

    /// The keys and values of the prompt, for another prompt that begins alike; nil for several prompts, or until the one is
    /// read.
    public var promptCache: PromptCache? {
        guard prompts.count == 1, pendingPrompt == 1 else { return nil }
        return PromptCache(tokens: prompts[0], cache: caches[0])
    }

    // MARK: Running the model

    /// Computes some tokens of prompts, as many as are worth doing at once, and keeps their keys and values.
    ///
    /// - Returns: Whether prompts remain to be computed.
    mutating func readPrompts() -> Bool {
        var (tokens, positions, parts): ([Int32], [Int32], [CachedRows]) = ([], [], [])
        // One prompt is read in the same portions whether or not a cache had its beginning.
        var rowsBefore = 0
        if prompts.count == 1, pendingPrompt == 0 { rowsBefore = caches[0].count % PromptCache.portion }
        while pendingPrompt < prompts.count, tokens.count < PromptCache.portion - rowsBefore {
            let prompt = pendingPrompt
            let known = caches[prompt].count
            let end = min(prompts[prompt].count, known + PromptCache.portion - rowsBefore - tokens.count)
            parts.append(CachedRows(tokens.count..<tokens.count + end - known, in: prompt))
            tokens += prompts[prompt][known..<end]
            positions += (known..<end).map { Int32($0) }
            guard end == prompts[prompt].count else { break }
            pendingPrompt += 1
        }
        guard !tokens.isEmpty else { return false }
        let hidden = model(
            tokens, at: positions, appending: parts, seeing: parts, caches: &caches, rowsBefore: rowsBefore)
        promptTokensRead += tokens.count
        for part in parts where part.cache < pendingPrompt {
            promptEnds[part.cache] = hidden.rows(at: [Int32(part.rows.upperBound - 1)])
        }
        return pendingPrompt < prompts.count
    }

    /// The outputs for the prompts of the unfinished sequences, one row for each sequence.
    private func endsOfPrompts(_ active: [Int]) -> Tensor {
        let width = model.configuration.width
        var rows: [Float] = []
        for index in active { rows += promptEnds[sequences[index].prompt]!.scalars }
        return Tensor(rows, shape: [active.count, width])
    }

    /// Runs the tokens drawn last, and the guesses behind them, and keeps their keys and values.
    private mutating func advance(_ active: [Int], trying guesses: [[Int32]]) -> Tensor {
        var rows = AdvancingRows()
        for (index, guesses) in zip(active, guesses) {
            let sequence = sequences[index]
            rows.append(
                sequence.tokens.last!, guesses,
                at: prompts[sequence.prompt].count + sequence.tokens.count - 1, prompt: sequence.prompt,
                own: prompts.count + index)
        }
        return rows.run(model, &caches)
    }
}
