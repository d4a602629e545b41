internal import JSON

extension SpelledModel {
    /// Reads a list of tokens with their scores, each a list of the two.
    mutating func readScoredVocabulary(_ json: inout JSONScanner) throws(JSONError) {
        var scores: [Double] = []
        try json.enterArray()
        while try json.nextElement() {
            try json.enterArray()
            guard try json.nextElement() else { throw json.error(found: "nothing", expected: "a token") }
            let token = try json.stringBytes()
            guard token.count <= UnigramModel.longestToken else {
                throw json.error(
                    found: "\(token.count) bytes", expected: "a token of at most \(UnigramModel.longestToken)"
                )
            }
            tokens.append(token)
            ids.append(Int32(ids.count))
            guard try json.nextElement() else { throw json.error(found: "nothing", expected: "a score") }
            scores.append(try json.number())
            if try json.nextElement() { throw json.error(expected: "a token and its score") }
        }
        self.scores = scores
    }

    /// The unigram model of the tokens and their scores.
    func unigramModel(_ addedTokens: [AddedToken]) throws(TokenizerError) -> UnigramModel {
        let (tokens, _) = try tokensByID(addedTokens, isByteLevel: false)
        let scores = ContiguousArray(self.scores ?? [])
        if let unknownID, !scores.indices.contains(unknownID) {
            throw malformed(
                "model.unk_id", expected: "an id of the vocabulary, below \(scores.count)",
                found: "\(unknownID)")
        }
        return UnigramModel(
            tokens: tokens, scores: scores,
            hidden: Set(addedTokens.filter(\.isSpecial).map(\.id)), leastScore: scores.min() ?? 0,
            unknown: unknownID.map { Int32($0) }, fallsBackToBytes: fallsBackToBytes, isSinglePrecision: false
        )
    }

    /// Adds the merges that scores stand for: any two tokens that make a third, those of the highest score first.
    ///
    /// - Parameters:
    ///   - scores: The score of each token, in their order; none of a token that nothing merges to.
    ///   - isPart: Whether each token can be part of a merge.
    ///   - place: The name of a token's place, for messages.
    mutating func addMerges(
        byScores scores: [Double?], isPart: [Bool], place: (Int) -> String
    ) throws(TokenizerError) {
        var numbers: [ArraySlice<UInt8>: Int] = [:]
        let tokens = (0..<tokens.count).map { self.tokens[$0] }
        for (number, token) in tokens.enumerated() where isPart[number] {
            numbers[token[...]] = numbers[token[...]] ?? number
        }
        var merges: [(score: Double, left: Int, right: Int)] = []
        for (number, token) in tokens.enumerated() {
            guard let score = scores[number] else { continue }
            // Longer tokens than any in use would take the square of their length.
            guard token.count <= UnigramModel.longestToken else {
                throw malformed(
                    place(number), expected: "at most \(UnigramModel.longestToken) bytes",
                    found: "\(token.count)")
            }
            for cut in token.indices.dropFirst() where token[cut] & 0xC0 != 0x80 {
                if let left = numbers[token[..<cut]], let right = numbers[token[cut...]] {
                    merges.append((score, left, right))
                }
            }
        }
        merges.sort { ($1.score, $0.left, $0.right) < ($0.score, $1.left, $1.right) }
        for merge in merges {
            leftParts.append(tokens[merge.left])
            rightParts.append(tokens[merge.right])
        }
    }
}
