/// Text cut into runs that are trained and runs that are only read.
public struct SupervisedText: Hashable, Sendable {
    /// A piece of the text.
    public struct Run: Hashable, Sendable {
        /// What it says.
        public var text: String
        /// Whether the model learns to say it.
        public var isTrained: Bool

        /// A piece of text.
        public init(_ text: String, isTrained: Bool) {
            self.text = text
            self.isTrained = isTrained
        }
    }

    /// The pieces, first to last; none is empty.
    public private(set) var runs: [Run]
    /// The special token that ends each trained run, where a template wrote it.
    public private(set) var endOfTurn: String?

    /// Whether no template wrote the text, so that the tokenizer's ids that begin a text come before it.
    public private(set) var isPlain: Bool

    /// Text of the given pieces; empty ones are left out, and neighbors of one kind are kept apart.
    public init(_ runs: [Run], endOfTurn: String? = nil, isPlain: Bool = false) {
        self.runs = runs.filter { !$0.text.isEmpty }
        self.endOfTurn = endOfTurn
        self.isPlain = isPlain
    }

    /// All of the text.
    public var text: String { runs.map(\.text).joined() }

    /// Text whose given ranges of UTF-8 offsets, in order and apart, are trained.
    init(_ text: String, trained ranges: [Range<Int>], endOfTurn: String?) {
        let bytes = Array(text.utf8)
        func piece(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
        var runs: [Run] = []
        var position = 0
        for range in ranges {
            runs.append(Run(piece(position..<range.lowerBound), isTrained: false))
            runs.append(Run(piece(range), isTrained: true))
            position = range.upperBound
        }
        runs.append(Run(piece(position..<bytes.count), isTrained: false))
        self.init(runs, endOfTurn: endOfTurn)
    }
}
