public import NeuralCore

/// Tokens with their places in a forest, and the tokens to predict from them.
///
/// There is no padding: the tokens of all sequences follow one another, and the forest says which belong together.
/// Documents packed into one batch are roots of their own and cannot see each other; a prompt with several
/// completions is one root with a child for each, computed once.
///
/// Targets stand apart from tokens because one row may have several: the last row of a prompt predicts the first
/// token of every completion.
public struct TokenBatch: Sendable {
    /// The tokens of all segments, one after another, `[tokens]`.
    public var tokens: [Int32]
    /// The segments of the batch, which determine the tokens that each token sees and its position.
    public var forest: Forest
    /// The tokens to predict, each with the row that predicts it.
    public var targets: [TokenTarget]
    /// The sequence that each target belongs to, `[targets]`: numbers from 0 that the maker of the batch gives
    /// meaning to.
    public var sequenceOfTarget: [Int32]
    /// The number of sequences that targets belong to.
    public var sequences: Int

    /// A batch from its parts.
    ///
    /// - Precondition: The forest has as many rows as there are tokens; every target's row is one of them, and its
    ///   sequence is below `sequences`.
    public init(
        tokens: [Int32], forest: Forest, targets: [TokenTarget], sequenceOfTarget: [Int32], sequences: Int
    ) {
        guard forest.rowCount == tokens.count else {
            misuse("\(tokens.count) tokens in a forest of \(forest.rowCount) rows")
        }
        guard targets.count == sequenceOfTarget.count,
            sequenceOfTarget.allSatisfy({ (0..<Int32(sequences)).contains($0) }),
            targets.allSatisfy({ tokens.indices.contains(Int($0.row)) })
        else {
            misuse(
                "\(targets.count) targets in \(sequenceOfTarget.count) of \(sequences) sequences, for \(tokens.count) tokens"
            )
        }
        self.tokens = tokens
        self.forest = forest
        self.targets = targets
        self.sequenceOfTarget = sequenceOfTarget
        self.sequences = sequences
    }

    /// Whole sequences, each predicting every token of its own but the first.
    ///
    /// - Parameter sequences: Token ids of each; an empty one has no rows.
    public init(predicting sequences: [[Int32]]) {
        var targets: [TokenTarget] = []
        var sequenceOfTarget: [Int32] = []
        var begin = 0
        for (index, sequence) in sequences.enumerated() {
            for place in sequence.indices.dropLast() {
                targets.append(TokenTarget(row: Int32(begin + place), token: sequence[place + 1]))
                sequenceOfTarget.append(Int32(index))
            }
            begin += sequence.count
        }
        self.init(
            tokens: Array(sequences.joined()), forest: Forest(sequenceLengths: sequences.map(\.count)),
            targets: targets, sequenceOfTarget: sequenceOfTarget, sequences: sequences.count)
    }

    /// The sum of the targets' weights.
    public var totalWeight: Float { targets.reduce(0) { $0 + $1.weight } }
}

extension TokenBatch {
    /// The batch cut between its root trees into at most `count` parts of about equal numbers of tokens.
    ///
    /// Sequences keep their numbers, so that results of the parts can be put together again.
    public func split(into count: Int) -> [TokenBatch] {
        guard count > 1 else { return [self] }
        var parts: [TokenBatch] = []
        var roots = forest.roots[...]
        var targets = Array(zip(self.targets, sequenceOfTarget)).sorted { $0.0.row < $1.0.row }[...]
        while let first = roots.first {
            let begin = forest.rows[first].lowerBound
            // The remaining tokens are shared evenly among the remaining parts.
            let share = (tokens.count - begin) / max(1, count - parts.count)
            var end = begin
            var lastSegment = first
            while let root = roots.first, end == begin || forest.subtreeRows[root].upperBound - begin <= share
            {
                end = forest.subtreeRows[root].upperBound
                roots.removeFirst()
                lastSegment = (roots.first ?? forest.segments.count) - 1
            }
            let mine = targets.prefix { Int($0.0.row) < end }
            targets.removeFirst(mine.count)
            let segments = forest.segments[first...lastSegment].map { segment in
                Forest.Segment(length: segment.length, parent: segment.parent.map { $0 - first })
            }
            parts.append(
                TokenBatch(
                    tokens: Array(tokens[begin..<end]), forest: Forest(segments),
                    targets: mine.map {
                        TokenTarget(row: $0.0.row - Int32(begin), token: $0.0.token, weight: $0.0.weight)
                    },
                    sequenceOfTarget: mine.map(\.1), sequences: sequences))
        }
        return parts
    }
}
