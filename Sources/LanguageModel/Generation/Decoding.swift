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
        /// Why it ended; nil while it goes on.
        public internal(set) var ending: Ending?
        var sampler: TokenSampler
    }

    /// Why a sequence ended.
    public enum Ending: String, Sendable, Codable {
        /// A stop token came.
        case stopToken = "stop"
        /// As many tokens as were allowed, or as the model has positions for.
        case length
    }

    /// The sequences: all samples of the first prompt, then those of the second.
    public private(set) var sequences: [Sequence]

    private let model: Transformer
    private let promptLengths: [Int]
    private let stopTokens: Set<Int32>
    private let maxTokens: Int
    private var caches: [LayerCache] = []
    /// Logits of the token to come for each sequence that goes on, in order; nil when they must be computed.
    private var logits: Tensor?

    /// Computes the prompts.
    ///
    /// - Parameters:
    ///   - model: What generates.
    ///   - prompts: Token ids, each prompt with at least one.
    ///   - samples: Sequences for each prompt.
    ///   - sampling: How tokens are drawn.
    ///   - stopTokens: A sequence ends with the first of these.
    ///   - maxTokens: The most tokens generated for a sequence.
    ///   - random: Decides the draws; each sequence has a stream of its own, so that what else is generated beside it
    ///     does not change it.
    public init(
        _ model: Transformer, prompts: [[Int32]], samples: Int = 1, sampling: Sampling = Sampling(),
        stopTokens: Set<Int32> = [], maxTokens: Int, using random: RandomSource
    ) {
        guard prompts.allSatisfy({ !$0.isEmpty }), samples > 0, maxTokens >= 0 else {
            misuse(
                "generation of \(maxTokens) tokens, \(samples) samples, prompts of \(prompts.map(\.count)) tokens"
            )
        }
        self.model = model
        self.stopTokens = stopTokens
        self.maxTokens = maxTokens
        promptLengths = prompts.map(\.count)
        var random = random
        sequences = prompts.enumerated().flatMap { index, prompt in
            (0..<samples).map { _ in
                Sequence(
                    prompt: index, sampler: TokenSampler(sampling, prompt: prompt, using: random.split()))
            }
        }
        prefill(prompts, samples: samples)
        for index in sequences.indices { end(index, after: nil) }
    }

    /// Whether every sequence has ended.
    public var isFinished: Bool { sequences.allSatisfy { $0.ending != nil } }

    /// Draws the next token of every sequence that goes on.
    ///
    /// - Returns: The numbers of the sequences that got one.
    @discardableResult
    public mutating func step() -> [Int] {
        let active = active
        guard !active.isEmpty else { return [] }
        let logits = logits ?? nextLogits(active)
        self.logits = nil
        let logProbabilities = logits.logSoftmax()
        let vocabulary = logits.channels
        for (row, index) in active.enumerated() {
            let range = row * vocabulary..<(row + 1) * vocabulary
            let token = logits.withUnsafeBuffer { buffer in
                sequences[index].sampler.next(UnsafeBufferPointer(rebasing: buffer[range]))
            }
            sequences[index].tokens.append(token)
            sequences[index].logProbabilities.append(
                logProbabilities.withUnsafeBuffer { $0[range.lowerBound + Int(token)] })
            end(index, after: token)
        }
        return active
    }

    private var active: [Int] { sequences.indices.filter { sequences[$0].ending == nil } }

    private mutating func end(_ index: Int, after token: Int32?) {
        let length = promptLengths[sequences[index].prompt] + sequences[index].tokens.count
        if let token, stopTokens.contains(token) {
            sequences[index].ending = .stopToken
        } else if sequences[index].tokens.count >= maxTokens || length >= model.configuration.contextLength {
            sequences[index].ending = .length
        }
    }

    /// Runs all prompts at once and keeps their keys and values.
    private mutating func prefill(_ prompts: [[Int32]], samples: Int) {
        let configuration = model.configuration
        let forest = Forest(sequenceLengths: promptLengths)
        let channels = configuration.keyValueHeads * configuration.headSize
        var caches: [LayerCache] = []
        let hidden = model(Array(prompts.joined()), at: forest.positions) { _, x, block in
            block(x) { query, key, value in
                caches.append(
                    LayerCache(
                        prompts: forest.rows.map { LayerCache.Run(keys: key[$0], values: value[$0]) },
                        sequences: sequences.map { _ in
                            LayerCache.Run(channels: channels, capacity: max(1, min(maxTokens, 64)))
                        }))
                return attention(
                    query: query, key: key, value: value, over: forest, heads: configuration.heads,
                    keyValueHeads: configuration.keyValueHeads, window: configuration.slidingWindow)
            }
        }
        self.caches = caches
        let lastRows = forest.rows.map { Int32($0.upperBound - 1) }
        logits = model.logits(of: hidden.rows(at: sequences.map { lastRows[$0.prompt] }))
    }

    /// Runs the tokens drawn last and keeps their keys and values.
    private mutating func nextLogits(_ active: [Int]) -> Tensor {
        let configuration = model.configuration
        let tokens = active.map { sequences[$0].tokens.last! }
        let positions = active.map { index in
            Int32(promptLengths[sequences[index].prompt] + sequences[index].tokens.count - 1)
        }
        let promptRows = Dictionary(grouping: active.indices) { sequences[active[$0]].prompt }
        let hidden = model(tokens, at: positions) { layer, x, block in
            block(x) { query, key, value in
                for (row, index) in active.enumerated() {
                    caches[layer].sequences[index].append(row: row, of: key, value)
                }
                // Sequences of one prompt stand side by side, so its span is seen by one run of rows.
                var spans = promptRows.sorted { $0.key < $1.key }.map { prompt, rows in
                    caches[layer].prompts[prompt].span(
                        position: 0, queryRows: rows[0]..<rows[rows.count - 1] + 1)
                }
                for (row, index) in active.enumerated() {
                    spans.append(
                        caches[layer].sequences[index].span(
                            position: promptLengths[sequences[index].prompt], queryRows: row..<row + 1))
                }
                return attention(
                    query: query, positions: positions, over: spans, heads: configuration.heads,
                    keyValueHeads: configuration.keyValueHeads, window: configuration.slidingWindow)
            }
        }
        return model.logits(of: hidden)
    }
}
