import LanguageModel
public import NeuralCore

/// A prompt with a completion that is preferred and one that is not, as token ids.
public struct TokenizedPair: Sendable, Hashable, Codable {
    /// At least one token.
    public var prompt: [Int32]
    /// The preferred completion, its end of turn included.
    public var chosen: [Int32]
    /// The other completion, its end of turn included.
    public var rejected: [Int32]
    /// By how much the reward of the preferred completion should be the greater, as ``RewardModeling`` learns it; nil for
    /// no margin.
    public var margin: Float?

    /// A pair of completions of one prompt.
    public init(prompt: [Int32], chosen: [Int32], rejected: [Int32], margin: Float? = nil) {
        self.prompt = prompt
        self.chosen = chosen
        self.rejected = rejected
        self.margin = margin
    }
}

/// Pairs laid out for one step, each prompt computed once for its two completions.
public struct PreferenceBatch: Sendable {
    /// The pairs.
    public let pairs: [TokenizedPair]
    /// The layout: completion 2i is the preferred one of pair i, completion 2i + 1 the other.
    public let completions: CompletionBatch
    /// log π_ref of every target, `[targets]`; nil until a reference has been asked.
    public var reference: Tensor?

    /// Lays pairs out.
    public init(_ pairs: [TokenizedPair], promptTargets: Bool = false) {
        self.pairs = pairs
        completions = CompletionBatch(
            pairs.map { .init(prompt: $0.prompt, completions: [$0.chosen, $0.rejected]) },
            promptTargets: promptTargets)
    }

    /// The numbers of the preferred completions.
    var chosen: [Int32] { pairs.indices.map { Int32(2 * $0) } }
    /// The numbers of the other completions.
    var rejected: [Int32] { pairs.indices.map { Int32(2 * $0 + 1) } }

    /// What each target counts in the sum over its completion: 1 within the length that both completions of a pair
    /// reach, `beyondShared` after it, `[targets]`.
    func weights(beyondShared: Float) -> Tensor {
        var places = [Int](repeating: 0, count: completions.count)
        let lengths = completions.lengths
        return Tensor(
            completions.tokens.sequenceOfTarget.map { sequence in
                let number = Int(sequence)
                defer { places[number] += 1 }
                return places[number] < min(lengths[number], lengths[number ^ 1]) ? 1 : beyondShared
            })
    }
}
