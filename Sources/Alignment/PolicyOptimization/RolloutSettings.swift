public import LanguageModel
public import NeuralCore

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
