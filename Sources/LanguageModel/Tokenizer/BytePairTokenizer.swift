/// Turns text into the ids a model reads, and ids back into text, by byte-pair encoding.
///
/// ```swift
/// let tokenizer = try BytePairTokenizer(contentsOf: directory.appending(path: "tokenizer.json"))
/// let ids = tokenizer.encode("Hello, world!")
/// let text = tokenizer.decode(ids)
/// ```
///
/// Text is normalized, cut into pieces by a pattern, and in each piece adjacent tokens are merged, the first-learned
/// merge first. Both kinds in use are covered: byte-level (GPT-2 and its successors, where every byte is a token to
/// begin with, so that any bytes can be encoded and decoding gives them back) and SentencePiece's (Llama 2, Mistral,
/// where merging begins with characters and falls back to bytes).
///
/// A tokenizer is a value, and may be used from many threads at once.
///
/// - SeeAlso: [Sennrich, Haddow & Birch 2016](https://arxiv.org/abs/1508.07909);
///   [Kudo & Richardson 2018](https://arxiv.org/abs/1808.06226).
public struct BytePairTokenizer: Sendable {
    let normalization: [TextChange]
    let preTokenization: PreTokenization
    let model: TokenModel
    let decoding: TokenDecoding
    /// The tokens put around the ids of a text on request.
    package let boundaries: Boundaries

    /// The tokens that are recognized in text as a whole, in the order of their ids.
    public let addedTokens: [AddedToken]

    /// Added tokens looked for in text as it is, and in normalized text.
    let rawMatcher: AddedTokenMatcher
    let normalizedMatcher: AddedTokenMatcher
    let workspaces: WorkspacePool

    /// Ids that begin and end a text.
    package struct Boundaries: Equatable, Sendable {
        package internal(set) var before: [Int32] = []
        package internal(set) var after: [Int32] = []
    }

    init(
        normalization: [TextChange] = [], preTokenization: PreTokenization, model: TokenModel,
        addedTokens: [AddedToken] = [], boundaries: Boundaries = Boundaries(),
        start: TokenDecoding.Start = .kept
    ) {
        self.normalization = normalization
        self.preTokenization = preTokenization
        self.model = model
        self.boundaries = boundaries
        workspaces = WorkspacePool()
        self.addedTokens = addedTokens.sorted { $0.id < $1.id }
        decoding = TokenDecoding(
            model: model, addedTokens: addedTokens, normalization: normalization,
            start: start)
        rawMatcher = AddedTokenMatcher(self.addedTokens.filter { !$0.isNormalized })
        normalizedMatcher = AddedTokenMatcher(self.addedTokens.filter(\.isNormalized)) { content in
            Array(content.utf8).withUnsafeBufferPointer { normalization.apply(to: $0, Array.init) }
        }
    }

    /// One more than the highest id.
    public var vocabularySize: Int {
        max(model.vocabulary.count, addedTokens.last.map { Int($0.id) + 1 } ?? 0)
    }

    /// The special tokens, in the order of their ids.
    public var specialTokens: [AddedToken] { addedTokens.filter(\.isSpecial) }

    /// The id of an added token, given its content.
    public func id(ofAddedToken content: String) -> Int32? {
        addedTokens.first { $0.content == content }?.id
    }

    /// The bytes that a token stands for; none if there is no token of that id.
    public func bytes(of id: Int32) -> [UInt8] {
        decoding.bytes(of: id)
    }
}

extension BytePairTokenizer {
    /// The merges as a merges file spells them.
    package var merges: [String] {
        model.rules.map { rule in
            "\(ByteAlphabet.spelling(of: model.vocabulary[rule.left])) \(ByteAlphabet.spelling(of: model.vocabulary[rule.right]))"
        }
    }
}
