/// The sequences of a batch, which may share a beginning, as intervals of its rows.
///
/// There is no padding. The rows of all segments follow one another; a segment either begins a sequence of its own or
/// continues another one, its parent, whose rows come before. Segments stand depth-first, so every subtree is one
/// interval of rows. A row sees its own segment up to itself, and all of the segments above it.
///
///     Forest(sequenceLengths: [7, 3])                         // two documents that cannot see each other
///     Forest(prompt: 64, completions: [20, 31, 8])            // one prompt, three answers
///     Forest([.init(length: 64), .init(length: 20, parent: 0), .init(length: 5, parent: 1)])
///
/// Positions go on from the parent's, so each path from a root is a sequence as if it stood alone.
public struct Forest: Sendable, Hashable {
    /// A run of rows at consecutive positions.
    public struct Segment: Sendable, Hashable {
        /// The number of rows, 0 or more.
        public var length: Int
        /// The segment this one continues, by its number; nil begins a sequence.
        public var parent: Int?

        /// A run of rows that begins a sequence, or continues segment number `parent`.
        public init(length: Int, parent: Int? = nil) {
            self.length = length
            self.parent = parent
        }
    }

    /// The segments, depth-first.
    public let segments: [Segment]
    /// The rows of each segment.
    public let rows: [Range<Int>]
    /// The rows of each segment and of all below it.
    public let subtreeRows: [Range<Int>]
    /// The position of each row in its sequence, from 0, `[rowCount]`.
    public let positions: [Int32]

    /// A forest of segments in depth-first order.
    ///
    /// - Precondition: Every length is zero or more; every parent comes before its children, and what lies between is
    ///   below the parent.
    public init(_ segments: [Segment]) {
        var rows: [Range<Int>] = []
        var positions: [Int32] = []
        var subtreeEnds = [Int](repeating: 0, count: segments.count)
        var firstPositions: [Int] = []
        var path: [Int] = []
        for (index, segment) in segments.enumerated() {
            guard segment.length >= 0 else { misuse("segment \(index) has \(segment.length) rows") }
            if let parent = segment.parent {
                while let last = path.last, last != parent { path.removeLast() }
                guard !path.isEmpty else {
                    misuse(
                        "segment \(index) continues segment \(parent), which is not above it in depth-first order"
                    )
                }
            } else {
                path.removeAll()
            }
            let begin = rows.last?.upperBound ?? 0
            let position = segment.parent.map { firstPositions[$0] + segments[$0].length } ?? 0
            rows.append(begin..<begin + segment.length)
            firstPositions.append(position)
            positions.append(contentsOf: (0..<segment.length).map { Int32(position + $0) })
            path.append(index)
            for ancestor in path { subtreeEnds[ancestor] = begin + segment.length }
        }
        self.segments = segments
        self.rows = rows
        self.positions = positions
        subtreeRows = zip(rows, subtreeEnds).map { $0.lowerBound..<$1 }
    }

    /// Sequences that share nothing.
    public init(sequenceLengths: [Int]) {
        self.init(sequenceLengths.map { Segment(length: $0) })
    }

    /// One prompt with any number of completions.
    public init(prompt: Int, completions: [Int]) {
        self.init([Segment(length: prompt)] + completions.map { Segment(length: $0, parent: 0) })
    }

    /// The number of rows in all segments.
    public var rowCount: Int { positions.count }

    /// The numbers of the segments that begin a sequence.
    public var roots: [Int] { segments.indices.filter { segments[$0].parent == nil } }
}
