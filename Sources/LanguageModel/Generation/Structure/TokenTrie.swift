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
    /// The bytes that stand for marks, by their texts.
    private let bytesOfMarks: [String: UInt8]
    /// Tokens that are no text, and the bytes that stand for them.
    private let bytesOfOthers: [Int32: UInt8]

    /// The byte of tokens that are neither text nor marks. No text in UTF-8 has a byte from the first mark's on.
    static let other: UInt8 = 0xFF
    private static let firstMark: UInt8 = 0xF8

    /// The tokens of a tokenizer; those that stand for no text are left out.
    public init(_ tokenizer: BytePairTokenizer) { self.init(tokenizer, marks: []) }

    /// The tokens of a tokenizer.
    ///
    /// - Parameter marks: The texts of added tokens that structures ask for by name; at most seven.
    package init(_ tokenizer: BytePairTokenizer, marks: [String]) {
        precondition(marks.count <= Int(Self.other - Self.firstMark), "\(marks.count) marks")
        self.tokenizer = tokenizer
        var bytesOfOthers = Dictionary(
            tokenizer.specialTokens.map { ($0.id, Self.other) }, uniquingKeysWith: { first, _ in first })
        var bytesOfMarks: [String: UInt8] = [:]
        for (place, mark) in marks.enumerated() {
            guard let id = tokenizer.id(ofAddedToken: mark) else { continue }
            bytesOfMarks[mark] = Self.firstMark + UInt8(place)
            bytesOfOthers[id] = Self.firstMark + UInt8(place)
        }
        for id in 0..<Int32(tokenizer.vocabularySize) where bytesOfOthers[id] == nil {
            if tokenizer.bytes(of: id).contains(where: { $0 >= Self.firstMark }) {
                bytesOfOthers[id] = Self.other
            }
        }
        var texts: [(bytes: [UInt8], token: Int32)] = []
        for token in 0..<Int32(tokenizer.vocabularySize) {
            let bytes: [UInt8]
            if let byte = bytesOfOthers[token] { bytes = [byte] } else { bytes = tokenizer.bytes(of: token) }
            if !bytes.isEmpty { texts.append((bytes, token)) }
        }
        texts.sort {
            $0.bytes == $1.bytes ? $0.token < $1.token : $0.bytes.lexicographicallyPrecedes($1.bytes)
        }
        (self.bytesOfMarks, self.bytesOfOthers) = (bytesOfMarks, bytesOfOthers)
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

    func bytes(of token: Int32) -> [UInt8] { bytesOfOthers[token].map { [$0] } ?? tokenizer.bytes(of: token) }

    /// The byte of a token by its text, or else that text.
    func bytes(ofMark mark: String) -> [UInt8] { bytesOfMarks[mark].map { [$0] } ?? Array(mark.utf8) }

    /// Whether every byte of text is a token by itself.
    var spellsEverything: Bool { (0..<Self.firstMark - 3).allSatisfy(singleBytes.contains) }

    /// The number of bytes of the longest token.
    var depth: Int { nodes.lazy.map(\.depth).max() ?? 0 }
}
