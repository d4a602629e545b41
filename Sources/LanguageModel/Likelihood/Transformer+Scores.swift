import NeuralCore

extension Transformer {
    /// The log-probability of every token of texts, from the second of each on.
    ///
    /// - Parameters:
    ///   - texts: Token ids of each text; all below the vocabulary's size.
    ///   - contextLength: The greatest number of preceding tokens that the model may use; nil for its full context.
    /// - SeeAlso: `scores(of:contextLength:rowsAtOnce:)`, for what becomes of texts longer than that.
    public func scores(ofTexts texts: [[Int32]], contextLength: Int? = nil) -> [TextScore] {
        scores(of: texts.map { PromptedCompletions(text: $0) }, contextLength: contextLength).map { $0[0] }
    }

    /// The log-probability of every token of completions, given their prompts.
    ///
    ///     log p(completion | prompt) = Σ log p(tokenᵢ | prompt, token₁ … tokenᵢ₋₁)
    ///
    /// A prompt is computed once for all of its completions. A sequence longer than the context is cut into windows of
    /// its length, each predicting what the ones before it have not, with at least half a context to go by; so what
    /// lies further back than that may be forgotten, the beginning of a long prompt first.
    ///
    /// - Parameters:
    ///   - groups: Prompts with their completions; ids below the vocabulary's size.
    ///   - contextLength: The greatest number of preceding tokens to use, at least 1, and at most the model's context
    ///     length, which nil stands for.
    ///   - rowsAtOnce: The approximate number of tokens computed together; memory grows with it.
    /// - Returns: A score for each completion of each group.
    public func scores(
        of groups: [PromptedCompletions], contextLength: Int? = nil, rowsAtOnce: Int = 4096
    ) -> [[TextScore]] {
        let context = max(1, min(contextLength ?? .max, configuration.contextLength))
        var scoring = Scoring(model: self, rowsAtOnce: rowsAtOnce)
        var numbers: [Range<Int>] = []
        for group in groups {
            let first = scoring.scores.count
            scoring.scores += group.completions.map { _ in TextScore() }
            numbers.append(first..<scoring.scores.count)
            if !group.prompt.isEmpty, group.longest <= context {
                scoring.add(group, from: first)
                continue
            }
            for (number, completion) in zip(numbers[numbers.count - 1], group.completions) {
                let sequence = group.prompt + completion
                let windows = ScoringWindow.windows(
                    count: sequence.count, predictingFrom: max(1, group.prompt.count), context: context)
                for window in windows { scoring.add(window, of: sequence, to: number) }
            }
        }
        scoring.flush()
        return numbers.map { Array(scoring.scores[$0]) }
    }
}

/// Collects rows until there are enough to be computed together.
private struct Scoring {
    let model: Transformer
    let rowsAtOnce: Int
    /// Complete after `flush`.
    var scores: [TextScore] = []

    private var tokens: [Int32] = []
    private var segments: [Forest.Segment] = []
    private var targets: [TokenTarget] = []
    private var sequences: [Int] = []

    init(model: Transformer, rowsAtOnce: Int) {
        self.model = model
        self.rowsAtOnce = rowsAtOnce
    }

    /// Adds a prompt with completions whose scores have numbers from `first` on.
    mutating func add(_ group: PromptedCompletions, from first: Int) {
        guard group.completions.contains(where: { !$0.isEmpty }) else { return }
        makeRoom(for: group.rowCount)
        let root = segments.count
        segments.append(.init(length: group.prompt.count))
        tokens += group.prompt
        let promptEnd = tokens.count
        for (offset, completion) in group.completions.enumerated() {
            for (place, token) in completion.enumerated() {
                let row = place == 0 ? promptEnd - 1 : tokens.count + place - 1
                targets.append(TokenTarget(row: Int32(row), token: token))
                sequences.append(first + offset)
            }
            guard completion.count > 1 else { continue }
            segments.append(.init(length: completion.count - 1, parent: root))
            tokens += completion.dropLast()
        }
    }

    /// Adds a window of a sequence whose score has a number.
    mutating func add(_ window: ScoringWindow, of sequence: [Int32], to number: Int) {
        makeRoom(for: window.rows.count)
        for place in window.predicting {
            let row = tokens.count + place - window.rows.lowerBound
            targets.append(TokenTarget(row: Int32(row), token: sequence[place + 1]))
            sequences.append(number)
        }
        segments.append(.init(length: window.rows.count))
        tokens += sequence[window.rows]
    }

    private mutating func makeRoom(for rows: Int) {
        if !tokens.isEmpty, tokens.count + rows > rowsAtOnce { flush() }
    }

    /// Computes the collected texts.
    mutating func flush() {
        guard !targets.isEmpty else { return }
        let batch = TokenBatch(
            tokens: tokens, forest: Forest(segments), targets: targets,
            sequenceOfTarget: [Int32](repeating: 0, count: targets.count), sequences: 1)
        let predictions = model.predictions(on: batch)
        for (index, logProbability) in predictions.logProbabilities.scalars.enumerated() {
            scores[sequences[index]].logProbabilities.append(logProbability)
            scores[sequences[index]].hits.append(predictions.hits[index])
        }
        tokens.removeAll(keepingCapacity: true)
        segments.removeAll(keepingCapacity: true)
        targets.removeAll(keepingCapacity: true)
        sequences.removeAll(keepingCapacity: true)
    }
}

/// A prompt and what may follow it, as token ids.
public struct PromptedCompletions: Sendable, Hashable {
    /// The given tokens, computed once for all completions.
    public var prompt: [Int32]
    /// The token sequences to predict after the prompt.
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
