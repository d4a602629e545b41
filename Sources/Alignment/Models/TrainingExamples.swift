import LanguageModel
import NeuralCore

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
