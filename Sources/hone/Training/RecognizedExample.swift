import Alignment
import Feedback
import LanguageModel

/// An example that is known by its contents.
protocol RecognizedExample: TrainingExample {
    /// All that the model reads.
    var tokens: [[Int32]] { get }
    /// The tokens before the first one that is learned.
    var prompt: [Int32] { get }
    /// Other properties of the example: the ends of answers, labels.
    var marks: [Int] { get }
    /// The records that it is made of where people's feedback is read; nil where it cannot be.
    static var feedback: FeedbackExport? { get }
}

extension SupervisedTokens: RecognizedExample {
    var tokens: [[Int32]] { [ids] }
    var prompt: [Int32] { Array(ids.prefix(isTrained.firstIndex(of: true) ?? 0)) }
    var marks: [Int] { answerEnds }
    static var feedback: FeedbackExport? { .demonstrations }
}

extension TokenizedPair: RecognizedExample {
    var tokens: [[Int32]] { [prompt, chosen, rejected] }
    var marks: [Int] { margin.map { [Int($0.bitPattern)] } ?? [] }
    static var feedback: FeedbackExport? { .preferences }
}

extension TokenizedLabel: RecognizedExample {
    var tokens: [[Int32]] { [prompt, completion] }
    var marks: [Int] { [isDesirable ? 1 : 0] }
    static var feedback: FeedbackExport? { .labels }
}

extension TokenizedPrompt: RecognizedExample {
    var tokens: [[Int32]] { [ids] }
    var prompt: [Int32] { ids }
    var marks: [Int] { [] }
    static var feedback: FeedbackExport? { nil }
}

extension Fingerprint {
    /// Of examples in their order.
    init(of examples: some Sequence<some RecognizedExample>) {
        for example in examples {
            for mark in example.marks { add(UInt64(bitPattern: Int64(mark))) }
            for part in example.tokens { add(ids: part) }
        }
    }

    /// Goes on with the ids of a text.
    mutating func add(ids: [Int32]) {
        for id in ids { add(UInt64(UInt32(bitPattern: id))) }
        add(0xFFFF_FFFF)
    }
}

extension Fingerprint {
    /// Of raw text that is mixed in.
    init(of mixture: TextMixture) { for window in mixture.windows { add(ids: window) } }
}
