/// The tokens of a vocabulary by their bytes, to find those that may follow a text all at once.
///
/// Made once for a tokenizer, and used by any number of constraints.
public struct TokenTrie: Sendable {
    /// A node is a beginning of tokens; nodes stand in the order in which the tree is walked.
    struct Node: Sendable {
        /// The last byte of the beginning.
        let byte: UInt8
        /// The number of bytes of the beginning.
        let depth: Int
        /// The node behind all that begin like this one.
        var end: Int
        /// The places in `tokens` of those that are this beginning.
        var tokens: Range<Int>
    }

    private(set) var nodes: [Node] = []
    private(set) var tokens: [Int32] = []
    private let tokenizer: BytePairTokenizer
    /// The number of ids.
    var vocabularySize: Int { tokenizer.vocabularySize }
    /// The bytes that are tokens by themselves.
    let singleBytes: Set<UInt8>

    /// The tokens of a tokenizer; special tokens and those that stand for no text are left out.
    public init(_ tokenizer: BytePairTokenizer) {
        self.tokenizer = tokenizer
        let special = Set(tokenizer.specialTokens.map(\.id))
        let texts = (0..<Int32(tokenizer.vocabularySize)).filter { !special.contains($0) }
            .map { (bytes: tokenizer.bytes(of: $0), token: $0) }
            .filter { !$0.bytes.isEmpty }
            .sorted {
                $0.bytes == $1.bytes ? $0.token < $1.token : $0.bytes.lexicographicallyPrecedes($1.bytes)
            }
        singleBytes = Set(texts.lazy.filter { $0.bytes.count == 1 }.map { $0.bytes[0] })
        var open: [Int] = []
        var before: [UInt8] = []
        for (bytes, token) in texts {
            let common = zip(before, bytes).prefix { $0 == $1 }.count
            while open.count > common { nodes[open.removeLast()].end = nodes.count }
            for byte in bytes[common...] {
                nodes.append(
                    Node(byte: byte, depth: open.count + 1, end: 0, tokens: tokens.count..<tokens.count))
                open.append(nodes.count - 1)
            }
            tokens.append(token)
            let node = open[open.count - 1]
            nodes[node].tokens = nodes[node].tokens.lowerBound..<tokens.count
            before = bytes
        }
        while let node = open.popLast() { nodes[node].end = nodes.count }
    }

    func bytes(of token: Int32) -> [UInt8] { tokenizer.bytes(of: token) }

    /// The number of bytes of the longest token.
    var depth: Int { nodes.lazy.map(\.depth).max() ?? 0 }
}
