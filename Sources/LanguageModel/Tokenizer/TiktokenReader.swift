public import Foundation

extension BytePairTokenizer {
    /// Reads a `.tiktoken` file: on each line the base64 of a token's bytes, a space, and the token's rank, which is
    /// its id.
    ///
    /// - Parameters:
    ///   - url: The file.
    ///   - pattern: The split pattern, which the file does not contain. Qwen's also normalizes to NFC.
    ///   - specialTokens: Ids of special tokens, which the file does not hold.
    /// - Throws: `TokenizerError`, naming the line.
    public init(
        tiktoken url: URL, pattern: SplitPattern, specialTokens: [String: Int32] = [:]
    ) throws(TokenizerError) {
        let tokens = try TiktokenReader(url).tokens()
        let vocabulary = Vocabulary(tokens)
        self.init(
            normalization: pattern.normalization,
            preTokenization: PreTokenization(cuts: [.pattern(pattern)]),
            model: .bytePair(
                BytePairModel(
                    vocabulary: vocabulary, rules: MergeTable.Rule.all(leadingTo: vocabulary),
                    alphabet: .bytes, takesWholePieces: true)),
            addedTokens: specialTokens.map { AddedToken(id: $1, content: $0) })
    }
}

extension MergeTable.Rule {
    /// The merges of a byte-level vocabulary that only gives tokens in their order.
    ///
    /// Merging by rank means: of all adjacent pairs whose bytes together are a token, join the one with the lowest id.
    /// Of the many pairs that spell a token only one can ever be joined. For when the parts of a token stand side by
    /// side, no merge has crossed its bounds, so what happened inside is what happens to the token's bytes alone,
    /// and that passes through exactly one state of two parts. Shorter tokens are therefore merged first, and the two
    /// parts left of each token are its merge. (A token of which more are left cannot be reached by merging.)
    static func all(leadingTo vocabulary: Vocabulary) -> [MergeTable.Rule] {
        var table = MergeTable(capacity: vocabulary.count)
        var merger = PieceMerger()
        var rules: [MergeTable.Rule] = []
        rules.reserveCapacity(vocabulary.count)
        let byteTokens = (UInt8.min...UInt8.max).map { vocabulary.id(of: [$0]) }
        let lengths = (0..<Int32(vocabulary.count)).map { id in vocabulary.withBytes(of: id) { $0.count } }
        let ids = (0..<Int32(vocabulary.count)).filter { lengths[Int($0)] > 1 }
        for id in ids.sorted(by: { (lengths[Int($0)], $0) < (lengths[Int($1)], $1) }) {
            let parts = vocabulary[id].map { byteTokens[Int($0)] }
            guard !parts.contains(nil) else { continue }
            merger.tokens = ContiguousArray(parts.lazy.compactMap(\.self))
            table.withLookup { merger.merge(with: $0) }
            guard merger.tokens.count == 2 else { continue }
            table.insert(
                left: merger.tokens[0], right: merger.tokens[1], MergeTable.Merge(rank: id, result: id))
            rules.append(MergeTable.Rule(left: merger.tokens[0], right: merger.tokens[1], result: id))
        }
        return rules.sorted { $0.result < $1.result }
    }
}

/// The lines of a `.tiktoken` file.
private struct TiktokenReader {
    private let url: URL
    private let file: String
    /// Ranks beyond this multiple of the number of lines would make a table of gaps.
    private static let mostGaps = 2

    init(_ url: URL) {
        self.url = url
        file = url.path(percentEncoded: false)
    }

    /// The bytes of each id.
    func tokens() throws(TokenizerError) -> ByteStrings {
        var entries: [(rank: Int, line: Int, token: [UInt8])] = []
        try TokenizerFile.forEachLine(of: url) { number, line throws(TokenizerError) in
            if line.isEmpty { return }
            let fields = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
            guard fields.count == 2, let token = Base64.decoded(fields[0]), !token.isEmpty,
                let rank = Int(String(decoding: fields[1], as: UTF8.self)), rank >= 0
            else { throw malformed(number, "base64, a space and a rank", found: line) }
            entries.append((rank, number, token))
        }
        guard !entries.isEmpty else {
            throw .malformed(file: file, place: "line 1", expected: "a token", found: "an empty file")
        }
        entries.sort { ($0.rank, $0.line) < ($1.rank, $1.line) }
        var tokens = ByteStrings()
        for (rank, line, token) in entries {
            guard rank < Self.mostGaps * entries.count else {
                throw malformed(line, "a rank below \(Self.mostGaps * entries.count)", found: "\(rank)".utf8)
            }
            guard rank >= tokens.count else {
                throw malformed(line, "a rank of its own", found: "\(rank)".utf8)
            }
            while tokens.count < rank { tokens.append([]) }
            tokens.append(token)
        }
        return tokens
    }

    private func malformed(_ line: Int, _ expected: String, found: some Collection<UInt8>) -> TokenizerError {
        let text = String(decoding: found.prefix(80), as: UTF8.self)
        return .malformed(file: file, place: "line \(line)", expected: expected, found: "\"\(text)\"")
    }
}
