public import NeuralCore

/// Tokens with their places in a forest, and what is to be predicted from them.
///
/// There is no padding: the tokens of all sequences follow one another, and the forest says which belong together.
/// Documents packed into one batch are roots of their own and cannot see each other; a prompt with several
/// completions is one root with a child for each, computed once.
///
/// Targets stand apart from tokens because one row may have several: the last row of a prompt predicts the first
/// token of every completion.
public struct TokenBatch: Sendable {
    /// One prediction that is asked for.
    public struct Target: Sendable, Equatable {
        /// The row whose output predicts.
        public var row: Int32
        /// The token that follows there.
        public var token: Int32
        /// What this prediction counts in a weighted sum; 1 unless said otherwise.
        public var weight: Float
        /// The sequence it belongs to: any number from 0 that the maker of the batch gives meaning to.
        public var sequence: Int32

        /// Asks for `token` after `row`.
        public init(row: Int, token: Int32, weight: Float = 1, sequence: Int = 0) {
            self.row = Int32(row)
            self.token = token
            self.weight = weight
            self.sequence = Int32(sequence)
        }
    }

    /// The tokens of all segments, one after another, `[tokens]`.
    public var tokens: [Int32]
    /// Which tokens each token sees, and the position of each.
    public var forest: Forest
    /// What is to be predicted, in the order of rows within each sequence.
    public var targets: [Target]
    /// The number of sequences that targets belong to.
    public var sequences: Int

    /// A batch from its parts.
    ///
    /// - Precondition: The forest has as many rows as there are tokens; every target's row is one of them, and its
    ///   sequence is below `sequences`.
    public init(tokens: [Int32], forest: Forest, targets: [Target], sequences: Int) {
        guard forest.rowCount == tokens.count else {
            misuse("\(tokens.count) tokens in a forest of \(forest.rowCount) rows")
        }
        for target in targets
        where !tokens.indices.contains(Int(target.row)) || !(0..<sequences).contains(Int(target.sequence)) {
            misuse("target \(target) in a batch of \(tokens.count) tokens and \(sequences) sequences")
        }
        self.tokens = tokens
        self.forest = forest
        self.targets = targets
        self.sequences = sequences
    }

    /// Whole sequences, each predicting every token of its own but the first.
    ///
    /// - Parameter sequences: Token ids of each; an empty one has no rows.
    public init(predicting sequences: [[Int32]]) {
        var targets: [Target] = []
        var begin = 0
        for (index, sequence) in sequences.enumerated() {
            for place in sequence.indices.dropLast() {
                targets.append(Target(row: begin + place, token: sequence[place + 1], sequence: index))
            }
            begin += sequence.count
        }
        self.init(
            tokens: Array(sequences.joined()), forest: Forest(sequenceLengths: sequences.map(\.count)),
            targets: targets, sequences: sequences.count)
    }

    /// The sum of the targets' weights.
    public var totalWeight: Float { targets.reduce(0) { $0 + $1.weight } }
}
