import NeuralCore

extension TokenBatch {
    /// The batch cut between its root trees into at most `count` parts of about equal numbers of tokens.
    ///
    /// Sequences keep their numbers, so what is computed for each part can be put together again.
    public func split(into count: Int) -> [TokenBatch] {
        guard count > 1 else { return [self] }
        var parts: [TokenBatch] = []
        var roots = forest.roots[...]
        var targets = Array(zip(self.targets, sequenceOfTarget)).sorted { $0.0.row < $1.0.row }[...]
        while let first = roots.first {
            let begin = forest.rows[first].lowerBound
            // What remains is shared evenly by the parts that remain.
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
