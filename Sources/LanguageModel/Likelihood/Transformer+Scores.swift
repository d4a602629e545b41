public import NeuralCore

extension Transformer {
    /// The log-probability of every token of texts, from the second of each on.
    ///
    /// - Parameters:
    ///   - texts: Token ids of each text; all below the vocabulary's size.
    ///   - contextLength: The greatest number of preceding tokens that the model may use; nil for its full context.
    ///   - sharing: The processes that share the work out; all of them get the scores.
    /// - SeeAlso: `scores(of:contextLength:rowsAtOnce:_:)`, for what becomes of texts longer than that.
    public func scores(
        ofTexts texts: [[Int32]], contextLength: Int? = nil, _ sharing: WorkSharing = WorkSharing()
    ) -> [TextScore] {
        scores(of: texts.map { PromptedCompletions(text: $0) }, contextLength: contextLength, sharing)
            .map { $0[0] }
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
    ///   - sharing: The processes that share out what is computed together; all of them get the scores.
    /// - Returns: A score for each completion of each group.
    public func scores(
        of groups: [PromptedCompletions], contextLength: Int? = nil, rowsAtOnce: Int = 4096,
        _ sharing: WorkSharing = WorkSharing()
    ) -> [[TextScore]] {
        let context = max(1, min(contextLength ?? .max, configuration.contextLength))
        var batches: [[ScoringStretch]] = []
        var rows = Int.max
        for (number, group) in groups.enumerated() {
            for stretch in group.stretches(number, context: context) {
                let count = stretch.rowCount(in: group)
                if rows > rowsAtOnce - count {
                    batches.append([])
                    rows = 0
                }
                batches[batches.count - 1].append(stretch)
                rows += count
            }
        }
        let found = sharing.shared(batches.count) { number in
            var rows = ScoringRows()
            for stretch in batches[number] { rows.add(stretch, of: groups[stretch.group]) }
            let predictions = predictions(on: rows.batch)
            return PartFigures(
                predictions.logProbabilities.scalars.map(Double.init) + predictions.hits.map { $0 ? 1 : 0 })
        }
        var scores = groups.map { $0.completions.map { _ in TextScore() } }
        for (batch, found) in zip(batches, found) {
            var logProbabilities = found.numbers[..<(found.numbers.count / 2)]
            var hits = found.numbers[logProbabilities.endIndex...]
            for stretch in batch {
                for (completion, count) in stretch.targetCounts(in: groups[stretch.group]) {
                    scores[stretch.group][completion].logProbabilities += logProbabilities.prefix(count)
                        .map { Float($0) }
                    scores[stretch.group][completion].hits += hits.prefix(count).map { $0 == 1 }
                    logProbabilities = logProbabilities.dropFirst(count)
                    hits = hits.dropFirst(count)
                }
            }
        }
        return scores
    }
}

/// Rows that belong together: a prompt with all of its completions, or a window of one of them.
private struct ScoringStretch {
    /// The number of the group.
    let group: Int
    /// The number of the completion and the window; nil for the prompt with all completions.
    var window: (completion: Int, ScoringWindow)?

    /// Its rows.
    func rowCount(in group: PromptedCompletions) -> Int { window?.1.rows.count ?? group.rowCount }

    /// The numbers of the completions that it predicts tokens of, and how many.
    func targetCounts(in group: PromptedCompletions) -> [(completion: Int, count: Int)] {
        window.map { [($0.completion, $0.1.predicting.count)] }
            ?? group.completions.enumerated().map { ($0.offset, $0.element.count) }
    }
}

extension PromptedCompletions {
    /// What predicts every token of the completions within a context, in order.
    fileprivate func stretches(_ number: Int, context: Int) -> [ScoringStretch] {
        if !prompt.isEmpty, longest <= context {
            return completions.allSatisfy(\.isEmpty) ? [] : [ScoringStretch(group: number)]
        }
        return completions.indices.flatMap { completion in
            ScoringWindow.windows(
                count: prompt.count + completions[completion].count, predictingFrom: max(1, prompt.count),
                context: context
            ).map { ScoringStretch(group: number, window: (completion, $0)) }
        }
    }

    /// Tokens of a sequence, the prompt with one completion, by their places in it.
    fileprivate func tokens(_ places: Range<Int>, of completion: Int) -> [Int32] {
        let own = completions[completion]
        let (begin, end) = (places.lowerBound - prompt.count, places.upperBound - prompt.count)
        return Array(prompt[places.clamped(to: prompt.indices)]) + own[max(0, begin)..<max(0, end)]
    }
}

/// Collects rows that are computed together.
private struct ScoringRows {
    private var tokens: [Int32] = []
    private var segments: [Forest.Segment] = []
    private var targets: [TokenTarget] = []

    mutating func add(_ stretch: ScoringStretch, of group: PromptedCompletions) {
        guard let (completion, window) = stretch.window else { return add(group) }
        let first = tokens.count - window.rows.lowerBound
        let following = group.tokens(
            window.predicting.lowerBound + 1..<window.predicting.upperBound + 1, of: completion)
        for (row, token) in zip(window.predicting, following) {
            targets.append(TokenTarget(row: Int32(first + row), token: token))
        }
        segments.append(.init(length: window.rows.count))
        tokens += group.tokens(window.rows, of: completion)
    }

    private mutating func add(_ group: PromptedCompletions) {
        let root = segments.count
        segments.append(.init(length: group.prompt.count))
        tokens += group.prompt
        let promptEnd = tokens.count
        for completion in group.completions {
            for (place, token) in completion.enumerated() {
                let row = place == 0 ? promptEnd - 1 : tokens.count + place - 1
                targets.append(TokenTarget(row: Int32(row), token: token))
            }
            guard completion.count > 1 else { continue }
            segments.append(.init(length: completion.count - 1, parent: root))
            tokens += completion.dropLast()
        }
    }

    var batch: TokenBatch {
        TokenBatch(
            tokens: tokens, forest: Forest(segments), targets: targets,
            sequenceOfTarget: [Int32](repeating: 0, count: targets.count), sequences: 1)
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
