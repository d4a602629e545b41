import NeuralCore

/// Tokenized documents by their number.
public protocol TokenDocuments: Sendable {
    /// The number of documents.
    var count: Int { get }

    /// The tokens of one document, without any that mark its beginning or end.
    func tokens(at index: Int) -> [Int32]

    /// Returns the number of tokens of a document.
    func tokenCount(at index: Int) -> Int

    /// Some of the tokens of one document.
    func tokens(at index: Int, in range: Range<Int>) -> [Int32]

    /// Whether the document is code, which fill-in-the-middle applies to.
    func isCode(at index: Int) -> Bool
}

extension TokenDocuments {
    /// Counts the tokens; sources that know better say so.
    public func tokenCount(at index: Int) -> Int { tokens(at: index).count }

    /// Cuts them out of all; sources that can do with less do so.
    public func tokens(at index: Int, in range: Range<Int>) -> [Int32] { Array(tokens(at: index)[range]) }

    /// No document is code unless the source says so.
    public func isCode(at index: Int) -> Bool { false }
}

/// Documents held in memory.
extension Array: TokenDocuments where Element == [Int32] {
    /// The tokens of one document.
    public func tokens(at index: Int) -> [Int32] { self[index] }
}

/// Rearranges a share of the code documents so that a base model learns to complete inside a file.
///
/// A document is cut at two random places into prefix, middle and suffix, and becomes
///
///     <prefix> prefix <suffix> suffix <middle> middle
///
/// which is how a completion is asked for later: everything up to `<middle>` is the prompt.
///
/// - SeeAlso: [Bavarian et al. 2022](https://arxiv.org/abs/2207.14255), section 3, the PSM order. Departure: the cuts
///   fall between tokens, not characters, because documents are stored tokenized.
public struct FillInTheMiddle: Sendable, Hashable, Codable {
    /// Stands before the prefix.
    public var prefix: Int32
    /// Stands before the suffix.
    public var suffix: Int32
    /// Stands before the middle.
    public var middle: Int32
    /// The share of code documents that are rearranged, from 0 to 1.
    public var rate: Float

    /// Rearranges a share `rate` of documents with the three given tokens.
    public init(prefix: Int32, suffix: Int32, middle: Int32, rate: Float = 0.5) {
        self.prefix = prefix
        self.suffix = suffix
        self.middle = middle
        self.rate = rate
    }

    /// Rearranges a share `rate` of documents with the tokens `<|fim_prefix|>`, `<|fim_suffix|>` and `<|fim_middle|>`; nil
    /// where a tokenizer has not all of them.
    public init?(_ tokenizer: BytePairTokenizer, rate: Float = 0.5) {
        guard let prefix = tokenizer.id(ofAddedToken: "<|fim_prefix|>"),
            let suffix = tokenizer.id(ofAddedToken: "<|fim_suffix|>"),
            let middle = tokenizer.id(ofAddedToken: "<|fim_middle|>")
        else { return nil }
        self.init(prefix: prefix, suffix: suffix, middle: middle, rate: rate)
    }

    /// The document, rearranged if chance has it so.
    func applied(to tokens: [Int32], using random: inout RandomSource) -> [Int32] {
        guard tokens.count >= 3, random.uniform() < rate else { return tokens }
        let cuts = [random.integer(in: 0..<tokens.count + 1), random.integer(in: 0..<tokens.count + 1)]
            .sorted()
        return [prefix] + tokens[..<cuts[0]] + [suffix] + tokens[cuts[1]...] + [middle]
            + tokens[cuts[0]..<cuts[1]]
    }
}
