import LanguageModel
import NeuralCore

/// A prompt with one or more judged completions.
public protocol PreferenceExample: TrainingExample {
    /// The prompt with its completions, as token ids.
    var group: CompletionBatch.Group { get }
    /// For each completion, true where it is preferred or desirable.
    var isChosen: [Bool] { get }
}

/// A prompt with a completion that is preferred and one that is not, as token ids.
public struct TokenizedPair: Sendable, Hashable, Codable {
    /// At least one token.
    public var prompt: [Int32]
    /// The preferred completion, its end of turn included.
    public var chosen: [Int32]
    /// The other completion, its end of turn included.
    public var rejected: [Int32]
    /// The least difference of the two rewards, as ``RewardModeling`` learns it; nil for no margin.
    public var margin: Float?

    /// A pair of completions of one prompt.
    public init(prompt: [Int32], chosen: [Int32], rejected: [Int32], margin: Float? = nil) {
        self.prompt = prompt
        self.chosen = chosen
        self.rejected = rejected
        self.margin = margin
    }
}

extension TokenizedPair: PreferenceExample {
    /// The prompt with the preferred completion, then the other.
    public var group: CompletionBatch.Group { .init(prompt: prompt, completions: [chosen, rejected]) }
    /// The first of the two.
    public var isChosen: [Bool] { [true, false] }
}

/// A prompt with one completion that is desirable or not, as token ids.
public struct TokenizedLabel: Sendable, Hashable, Codable {
    /// At least one token.
    public var prompt: [Int32]
    /// The completion, its end of turn included.
    public var completion: [Int32]
    /// True for a desirable completion.
    public var isDesirable: Bool

    /// A judged completion.
    public init(prompt: [Int32], completion: [Int32], isDesirable: Bool) {
        self.prompt = prompt
        self.completion = completion
        self.isDesirable = isDesirable
    }
}

extension TokenizedLabel: PreferenceExample {
    /// The prompt with its completion.
    public var group: CompletionBatch.Group { .init(prompt: prompt, completions: [completion]) }
    /// The label.
    public var isChosen: [Bool] { [isDesirable] }
}

/// A prompt as token ids, up to where the answer begins, with the record that it comes from.
public struct TokenizedPrompt: TrainingExample, Hashable {
    /// The ids, at least one.
    public var ids: [Int32]
    /// The record, whose other keys rewards may judge by.
    public var record: PromptRecord

    /// A prompt with its record.
    public init(ids: [Int32], record: PromptRecord) {
        self.ids = ids
        self.record = record
    }

    /// The tokens of the prompt.
    public var tokenCount: Int { ids.count }
}

extension SupervisedTokens: TrainingExample {
    /// All tokens, trained or not.
    public var tokenCount: Int { count }

    /// The number of tokens up to the end of each run of trained ones, as which an answer counts.
    package var answerEnds: [Int] {
        ids.indices.filter { isTrained[$0] && ($0 + 1 == count || !isTrained[$0 + 1]) }.map { $0 + 1 }
    }
}

extension TokenizedPair: TrainingExample {
    /// The tokens of the prompt and of both answers.
    public var tokenCount: Int { prompt.count + chosen.count + rejected.count }
}

extension TokenizedLabel: TrainingExample {
    /// The tokens of prompt and answer.
    public var tokenCount: Int { prompt.count + completion.count }
    /// Two: KTO compares each answer with that of another prompt.
    public static var fewestInBatch: Int { 2 }
}
