extension BytePairTokenizer {
    /// Learns a byte-level tokenizer from documents.
    ///
    ///     let tokenizer = try BytePairTokenizer(trainedOn: corpus, vocabularySize: 4_096)
    ///
    /// The documents are read once, and need not fit into memory. The same documents give the same tokenizer; see
    /// ``BytePairTraining``.
    ///
    /// - Parameters:
    ///   - documents: What to learn from, such as a ``/TextCorpus/Corpus``.
    ///   - vocabularySize: How many tokens there will be, at least 256 and the special ones.
    ///   - pattern: How text is cut into pieces; merges never cross their bounds.
    ///   - specialTokens: Tokens for what is not text, which get the lowest ids, in this order.
    /// - Throws: ``TokenizerError`` where the vocabulary has no room for all bytes.
    public init(
        trainedOn documents: some Sequence<Document>, vocabularySize: Int, pattern: SplitPattern = .gpt2,
        specialTokens: [String] = ["<|endoftext|>"]
    ) throws(TokenizerError) {
        var training = BytePairTraining(pattern: pattern, specialTokens: specialTokens)
        for document in documents { training.add(document.text) }
        self = try training.tokenizer(vocabularySize: vocabularySize)
    }

    /// The token that stands between texts, by the names in use; nil if there is none of them.
    public var endOfText: Int32? {
        for name in ["<|endoftext|>", "<|end_of_text|>", "</s>"] {
            if let id = id(ofAddedToken: name) { return id }
        }
        return nil
    }
}
