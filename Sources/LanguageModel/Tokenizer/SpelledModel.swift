internal import JSON

/// A byte-pair model as files hold it: tokens and merges as text, in any order.
struct SpelledModel {
    /// The file of the vocabulary.
    let file: String
    var tokens = ByteStrings()
    var ids: [Int32] = []

    /// The file of the merges, and the line of the first where they are a file's lines.
    var mergesFile: String
    var firstMergeLine: Int?
    var leftParts = ByteStrings()
    var rightParts = ByteStrings()

    /// The scores of the tokens in their order, if it is a unigram model.
    var scores: [Double]?
    /// The place of the unknown token of a unigram model.
    var unknownID: Int?

    var unknown: String?
    var fusesUnknown = false
    var fallsBackToBytes = false
    var ignoresMerges = false

    static let ids = 0...Int(Int32.max) - 1
    /// More gaps between ids than this, or than there are tokens, would only take up memory.
    private static let mostGaps = 1 << 16

    init(file: String) {
        self.file = file
        mergesFile = file
    }

    /// Reads an object of tokens and their ids.
    mutating func readVocabulary(_ json: inout JSONScanner) throws(JSONError) {
        try json.enterObject()
        while let token = try json.nextKeyBytes() {
            tokens.append(token)
            ids.append(Int32(try json.integer(in: Self.ids)))
        }
    }

    /// The ids of those of some spellings that are tokens.
    func ids(of spellings: Set<[UInt8]>) -> [[UInt8]: Int32] {
        let lengths = Set(spellings.map(\.count))
        var found: [[UInt8]: Int32] = [:]
        for index in 0..<tokens.count where lengths.contains(tokens.withBytes(at: index) { $0.count }) {
            let token = tokens[index]
            if spellings.contains(token), found[token] == nil { found[token] = ids[index] }
        }
        return found
    }

    /// The two sides of the only space in a merge.
    static func parts(ofMerge merge: some Collection<UInt8>) -> (left: [UInt8], right: [UInt8])? {
        let parts = merge.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        return (Array(parts[0]), Array(parts[1]))
    }

    // MARK: Making the model

    /// - Parameter isByteLevel: Whether tokens are spelled in the alphabet of bytes.
    func tokenModel(addedTokens: [AddedToken], isByteLevel: Bool) throws(TokenizerError) -> TokenModel {
        scores == nil
            ? .bytePair(try model(addedTokens: addedTokens, isByteLevel: isByteLevel))
            : .unigram(try unigramModel(addedTokens))
    }

    /// - Parameter isByteLevel: Whether tokens are spelled in the alphabet of bytes.
    func model(addedTokens: [AddedToken], isByteLevel: Bool) throws(TokenizerError) -> BytePairModel {
        let (tokens, verbatim) = try tokensByID(addedTokens, isByteLevel: isByteLevel)
        let vocabulary = Vocabulary(tokens, shadowed: Set(addedTokens.map(\.id)).union(verbatim))
        return BytePairModel(
            vocabulary: vocabulary, rules: try rules(vocabulary, isByteLevel: isByteLevel),
            alphabet: isByteLevel ? .bytes : .characters(fallsBackToBytes: fallsBackToBytes),
            takesWholePieces: ignoresMerges, unknown: try unknownID(vocabulary, addedTokens),
            fusesUnknown: fusesUnknown, verbatim: verbatim)
    }

    /// The bytes of each id, and which of a byte-level vocabulary are not spelled in the alphabet of bytes.
    func tokensByID(
        _ addedTokens: [AddedToken], isByteLevel: Bool
    ) throws(TokenizerError) -> (tokens: ByteStrings, verbatim: Set<Int32>) {
        let entries = try entriesByID(addedTokens)
        let added = Dictionary(addedTokens.map { ($0.id, $0.content) }) { first, _ in first }
        var tokens = ByteStrings()
        var verbatim: Set<Int32> = []
        for (id, entry) in entries.enumerated() {
            let spelling = entry < 0 ? [] : self.tokens[entry]
            if entry >= 0, let content = added[Int32(id)], !content.utf8.elementsEqual(spelling) {
                throw malformed(
                    "added_tokens", expected: "the token that the vocabulary gives id \(id)",
                    found: "\"\(content)\"")
            }
            let bytes = isByteLevel ? Self.bytes(spelledBy: spelling) : spelling
            tokens.append(bytes ?? spelling)
            if bytes == nil { verbatim.insert(Int32(id)) }
        }
        return (tokens, verbatim)
    }

    /// The vocabulary's entry of each id, or -1.
    private func entriesByID(_ addedTokens: [AddedToken]) throws(TokenizerError) -> [Int] {
        guard let highest = ids.max() else { throw malformed("vocab", expected: "tokens", found: "none") }
        let limit = 2 * ids.count + Self.mostGaps
        if let id = ([highest] + addedTokens.map(\.id)).max(), id >= limit {
            throw malformed("vocab", expected: "ids below \(limit)", found: "\(id)")
        }
        var entries = [Int](repeating: -1, count: Int(highest) + 1)
        for (entry, id) in ids.enumerated() {
            guard entries[Int(id)] < 0 else {
                throw malformed("vocab", expected: "each id once", found: "\(id) twice")
            }
            entries[Int(id)] = entry
        }
        return entries
    }

    private func rules(
        _ vocabulary: Vocabulary, isByteLevel: Bool
    ) throws(TokenizerError) -> [MergeTable.Rule] {
        var rules: [MergeTable.Rule] = []
        rules.reserveCapacity(leftParts.count)
        for index in 0..<leftParts.count {
            func id(_ spelling: [UInt8]) throws(TokenizerError) -> Int32 {
                let bytes = isByteLevel ? Self.bytes(spelledBy: spelling) : spelling
                if let id = bytes.flatMap({ vocabulary.id(of: $0) }) { return id }
                throw .malformed(
                    file: mergesFile,
                    place: firstMergeLine.map { "line \($0 + index)" } ?? "merges[\(index)]",
                    expected: "tokens of the vocabulary",
                    found: "\"\(String(decoding: spelling.prefix(80), as: UTF8.self))\"")
            }
            let (left, right) = (leftParts[index], rightParts[index])
            let rule = MergeTable.Rule(left: try id(left), right: try id(right), result: try id(left + right))
            rules.append(rule)
        }
        return rules
    }

    private func unknownID(
        _ vocabulary: Vocabulary, _ addedTokens: [AddedToken]
    ) throws(TokenizerError) -> Int32? {
        guard let unknown else { return nil }
        let added = addedTokens.first { $0.content == unknown }?.id
        guard let id = added ?? vocabulary.id(of: Array(unknown.utf8)) else {
            throw malformed("unk_token", expected: "a token of the vocabulary", found: "\"\(unknown)\"")
        }
        return id
    }

    private static func bytes(spelledBy text: [UInt8]) -> [UInt8]? {
        text.withUnsafeBufferPointer { ByteAlphabet.bytes(spelledBy: $0) }
    }

    func malformed(_ place: String, expected: String, found: String) -> TokenizerError {
        .malformed(file: file, place: place, expected: expected, found: found)
    }
}
