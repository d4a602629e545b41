/// A prompt and what may follow it, as token ids.
public struct PromptedCompletions: Sendable, Hashable {
    /// What is given; computed once for all completions.
    public var prompt: [Int32]
    /// What is predicted.
    public var completions: [[Int32]]

    /// A prompt with its completions.
    ///
    /// Nothing predicts the first token of all: after an empty prompt the first token of a completion counts as given.
    public init(prompt: [Int32], completions: [[Int32]]) {
        self.prompt = prompt
        self.completions = completions
    }

    /// A whole text, predicted from its second token on.
    public init(text: [Int32]) {
        self.init(prompt: Array(text.prefix(1)), completions: [Array(text.dropFirst())])
    }

    /// Rows it takes when the prompt is shared: a completion's last token predicts nothing and needs none.
    var rowCount: Int { completions.reduce(prompt.count) { $0 + max(0, $1.count - 1) } }

    /// The rows of the longest sequence.
    var longest: Int { prompt.count + max(0, (completions.map(\.count).max() ?? 0) - 1) }
}

/// A stretch of a sequence that fits a model's context, and the rows of it that predict.
package struct ScoringWindow: Equatable {
    /// The tokens that are read, by their places in the sequence.
    package var rows: Range<Int>
    /// The rows that predict the token after them, a suffix of `rows`.
    package var predicting: Range<Int>

    /// The windows that predict every token of a sequence from place `first` on, each once.
    ///
    /// All windows but those at the beginning give each predicted token at least half a context to go by: the price is
    /// that up to half of the tokens are read twice.
    ///
    /// - Parameters:
    ///   - count: Tokens in the sequence.
    ///   - first: The place of the first predicted token, at least 1.
    ///   - context: Rows that a window may have, at least 1.
    package static func windows(count: Int, predictingFrom first: Int, context: Int) -> [ScoringWindow] {
        var windows: [ScoringWindow] = []
        let end = count - 1
        var next = first - 1
        while next < end {
            let begin = max(0, min(next - context / 2, end - context))
            let stop = min(end, begin + context)
            windows.append(ScoringWindow(rows: begin..<stop, predicting: next..<stop))
            next = stop
        }
        return windows
    }
}
