public import Foundation
internal import JSON

extension BytePairTokenizer {
    /// Reads a byte-level tokenizer from the two files GPT-2 was published with.
    ///
    /// - Parameters:
    ///   - vocabulary: `vocab.json` (or `encoder.json`): an object of tokens and ids.
    ///   - merges: `merges.txt` (or `vocab.bpe`): a merge on each line, after an optional line that names a version.
    ///   - pattern: The split pattern, which the files do not contain.
    ///   - specialTokens: Tokens of the vocabulary that are not text; those it does not have are left out.
    /// - Throws: `TokenizerError`, naming the line or key.
    public init(
        vocabulary: URL, merges: URL, pattern: SplitPattern = .gpt2,
        specialTokens: [String] = ["<|endoftext|>"]
    ) throws(TokenizerError) {
        let spelled = try SpelledModel(vocabulary: vocabulary, merges: merges)
        let ids = spelled.ids(of: Set(specialTokens.map { Array($0.utf8) }))
        let added = specialTokens.compactMap { name in
            ids[Array(name.utf8)].map { AddedToken(id: $0, content: name) }
        }
        self.init(
            normalization: pattern.normalization, preTokenization: PreTokenization(cuts: [.pattern(pattern)]),
            model: try spelled.tokenModel(addedTokens: added, isByteLevel: true), addedTokens: added)
    }
}

extension SpelledModel {
    /// Reads a vocabulary and its merges.
    init(vocabulary: URL, merges: URL) throws(TokenizerError) {
        self.init(file: vocabulary.path(percentEncoded: false))
        var json = JSONScanner(try TokenizerFile.read(vocabulary))
        do throws(JSONError) {
            try readVocabulary(&json)
            try json.end()
        } catch {
            throw TokenizerError(error, file: file)
        }
        try readMerges(merges)
    }

    /// Reads the lines of a merges file.
    fileprivate mutating func readMerges(_ url: URL) throws(TokenizerError) {
        let file = url.path(percentEncoded: false)
        mergesFile = file
        firstMergeLine = 1
        var (left, right) = (leftParts, rightParts)
        var first = 1
        try TokenizerFile.forEachLine(of: url) { number, line throws(TokenizerError) in
            if number == 1, line.starts(with: "#version".utf8) {
                first = 2
                return
            }
            guard let parts = Self.parts(ofMerge: line[...]) else {
                throw .malformed(
                    file: file, place: "line \(number)", expected: "two parts with a space between them",
                    found: "\"\(String(decoding: line.prefix(80), as: UTF8.self))\"")
            }
            left.append(parts.0)
            right.append(parts.1)
        }
        (leftParts, rightParts, firstMergeLine) = (left, right, first)
    }
}
