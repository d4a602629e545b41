public import LanguageModel
public import NeuralCore

/// Completions that a policy gave to prompts, equally many to each.
///
///     let rollout = settings.rollout(of: prompts, by: policy, using: RandomSource(seed: seed, step: step))
///     let experience = rollout.scored(by: [reward])
///
/// A prompt with its completions is a group. Completions are counted through all groups, and targets, which
/// are the tokens that the policy drew, through all completions.
public struct Rollout: Sendable {
    /// A completion sampled for a prompt.
    public struct Completion: Sendable, Hashable, Codable {
        /// The number of its prompt among all that were given.
        public var prompt: Int
        /// At least one token; a stop token is the last one if it came.
        public var tokens: [Int32]
        /// The logarithm of each token's probability when it was drawn, at temperature 1, nats; 0 of a token that was not
        /// drawn; empty where unknown.
        public var logProbabilities: [Float]
        /// True if it ended, false if it was cut off.
        public var isEnded: Bool
        /// What makes it an episode of several turns; nil for one of a single turn.
        public var episode: Episode?

        /// A completion of prompt number `prompt`.
        ///
        /// - Precondition: An episode says of each token whether it was drawn.
        public init(
            prompt: Int, tokens: [Int32], logProbabilities: [Float] = [], isEnded: Bool,
            episode: Episode? = nil
        ) {
            guard episode.map({ $0.isDrawn.count == tokens.count }) ?? true else {
                misuse("an episode of \(episode?.isDrawn.count ?? 0) tokens that are \(tokens.count)")
            }
            self.prompt = prompt
            self.tokens = tokens
            self.logProbabilities = logProbabilities
            self.isEnded = isEnded
            self.episode = episode
        }

        /// The number of tokens that the policy drew.
        public var drawnCount: Int { episode?.isDrawn.count(where: \.self) ?? tokens.count }
    }

    /// The prompts that were completed, as token ids.
    public let prompts: [[Int32]]
    /// All completions of the first prompt, then those of the second.
    public let completions: [Completion]
    /// Completions of each prompt.
    public let groupSize: Int
    /// The source of all that is drawn when a policy learns from the rollout.
    public let random: RandomSource

    /// Completions from anywhere, for a policy to learn from.
    ///
    /// - Precondition: There are equally many completions of each prompt, none of them empty, side by side.
    public init(prompts: [[Int32]], completions: [Completion], using random: RandomSource) {
        let groupSize = prompts.isEmpty ? 1 : completions.count / prompts.count
        guard completions.count == groupSize * prompts.count,
            prompts.allSatisfy({ !$0.isEmpty }), completions.allSatisfy({ !$0.tokens.isEmpty })
        else {
            misuse(
                "a rollout of \(completions.count) completions of \(completions.map(\.tokens.count)) tokens "
                    + "for prompts of \(prompts.map(\.count))")
        }
        self.prompts = prompts
        self.completions = completions
        self.groupSize = max(1, groupSize)
        self.random = random
    }

    /// The number of the group that each completion belongs to.
    public func group(of completion: Int) -> Int { completion / groupSize }

    /// Tokens drawn in each completion, `[completions]`.
    public var lengths: [Int] { completions.map(\.drawnCount) }

    /// Tokens drawn in all completions.
    public var targetCount: Int { completions.reduce(0) { $0 + $1.drawnCount } }

    /// Tokens that go through a model which reads the rollout.
    public var tokenCount: Int {
        completions.reduce(0) { $0 + $1.tokens.count } + prompts.reduce(0) { $0 + $1.count }
    }

    /// The places of each completion's tokens among the targets.
    var targets: [Range<Int>] {
        var end = 0
        return completions.map { completion in
            let length = completion.drawnCount
            defer { end += length }
            return end..<end + length
        }
    }

    /// Values by completion, repeated for each of its targets, `[targets]`.
    public func spread(_ values: [Float]) -> [Float] {
        zip(values, completions).flatMap { [Float](repeating: $0, count: $1.drawnCount) }
    }
}

/// Settings of the sampling that a policy learns from.
public struct RolloutSettings: Sendable, Hashable, Codable {
    /// Completions of each prompt.
    public var groupSize: Int
    /// The most tokens of a completion.
    public var maxTokens: Int
    /// A completion ends with the first of these.
    public var stopTokens: Set<Int32>
    /// Divides the logits, when tokens are drawn and when the policy learns from them; above 0.
    public var temperature: Float
    /// Draws from this many of the likeliest tokens; nil for all.
    public var topK: Int?
    /// Draws from the likeliest tokens whose probabilities add up to this much; nil for all.
    public var topP: Float?

    /// Settings for sampling.
    public init(
        groupSize: Int = 8, maxTokens: Int = 256, stopTokens: Set<Int32>, temperature: Float = 1,
        topK: Int? = nil, topP: Float? = nil
    ) {
        guard groupSize > 0, maxTokens > 0, temperature > 0 else {
            misuse(
                "rollouts of \(groupSize) completions of a prompt, \(maxTokens) tokens, temperature \(temperature)"
            )
        }
        self.groupSize = groupSize
        self.maxTokens = maxTokens
        self.stopTokens = stopTokens
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
    }

    /// Samples completions, each prompt computed once for all of its own.
    ///
    /// A prompt that is empty or leaves no room in the model's context is left out; a completion says which
    /// prompt it continues.
    ///
    /// - Parameters:
    ///   - prompts: Token ids.
    ///   - model: The model that completes them.
    ///   - random: Decides every draw.
    ///   - token: Called before each token of all completions; what it throws ends the sampling.
    public func rollout<E: Error>(
        of prompts: [[Int32]], by model: Transformer, using random: RandomSource,
        beforeEachToken token: () throws(E) -> Void
    ) throws(E) -> Rollout {
        let room = 1..<model.configuration.contextLength
        let numbers = prompts.indices.filter { room.contains(prompts[$0].count) }
        var random = random
        let sampling = Sampling(temperature: temperature, topK: topK, topP: topP)
        var decoding = Decoding(
            model, prompts: numbers.map { prompts[$0] }, samples: groupSize, sampling: sampling,
            stopTokens: stopTokens, maxTokens: maxTokens, using: random.split())
        while !decoding.isFinished {
            try token()
            decoding.step()
        }
        return Rollout(
            prompts: numbers.map { prompts[$0] },
            completions: decoding.sequences.map { sequence in
                Rollout.Completion(
                    prompt: numbers[sequence.prompt], tokens: sequence.tokens,
                    logProbabilities: sequence.logProbabilities, isEnded: sequence.ending == .stopToken)
            }, using: random.split())
    }

    /// Samples completions, each prompt computed once for all of its own.
    public func rollout(of prompts: [[Int32]], by model: Transformer, using random: RandomSource) -> Rollout {
        rollout(of: prompts, by: model, using: random) { () throws(Never) in }
    }
}
