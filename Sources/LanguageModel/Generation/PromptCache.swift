package import NeuralCore

/// The keys and values of a text in every block of a model, for another text that begins alike.
///
///     var first = Decoding(model, prompts: [question], maxTokens: 64, using: random)
///     while !first.isFinished { first.step() }
///     var second = Decoding(model, prompts: [question + answer + next], maxTokens: 64, reusing: first.promptCache, using: random)
///
/// Tokens and probabilities have the bits that they have without it. For that, what was drawn token by token is read
/// once more, many rows together, as in a text that is read from its beginning; and a few rows of the known beginning are
/// computed again where the new ones are too few for products and attention to take them in the same way. Each token of a
/// growing conversation is so read once or twice, however many turns it has. (Where OpenBLAS multiplies, on processors
/// without kernels of ours, the last bits may differ.)
public struct PromptCache: Sendable {
    /// The ids that were read.
    public let tokens: [Int32]
    private let cache: KeyValueCache

    package init(tokens: [Int32], cache: KeyValueCache) {
        self.tokens = tokens
        self.cache = cache
    }

    /// The size in bytes.
    package var byteCount: Int { cache.byteCount }

    /// The number of prompt tokens computed together: large enough for efficient products, with bounded memory.
    package static let portion = 1024

    /// The most rows for which products and attention are computed in another order than for more.
    private static let fewRows = 16

    /// Returns the number of tokens of a prompt that need not be computed again.
    package func count(knownOf prompt: [Int32], for configuration: TransformerConfiguration) -> Int {
        let common = zip(tokens, prompt).prefix { $0 == $1 }.count
        return Self.start(
            in: prompt.count, known: min(common, Self.settled(tokens.count, configuration)), configuration)
    }

    /// Returns the cache cut to the part that a prompt shares with it; nil if there is no such part.
    package consuming func beginning(
        of prompt: [Int32], for configuration: TransformerConfiguration, _ format: KeyRows.Format
    ) -> KeyValueCache? {
        guard cache.depth == configuration.depth, cache.format == format else { return nil }
        let count = count(knownOf: prompt, for: configuration)
        guard count > 0 else { return nil }
        var cache = cache
        cache.truncate(to: count)
        return cache
    }

    private static func block(_ configuration: TransformerConfiguration) -> Int {
        rowsPerAttentionBlock(heads: configuration.heads, keyValueHeads: configuration.keyValueHeads)
    }

    /// Returns the number of leading tokens whose keys and values have the same bits as in any longer text. Tokens of the
    /// last block of attention count only if the block is whole, or has more than a few rows.
    static func settled(_ count: Int, _ configuration: TransformerConfiguration) -> Int {
        let block = block(configuration)
        let last = count % portion % block
        let isSettled = last == 0 && count % portion == 0 || last > fewRows || last == 0 && block > fewRows
        return isSettled ? count : count - (last == 0 ? block : last)
    }

    /// Returns the position at which to resume reading a text: the last one from which all rows get the same bits as from zero.
    ///
    /// - Parameters:
    ///   - count: Tokens of the text.
    ///   - known: Tokens of it that need not be read.
    static func start(in count: Int, known: Int, _ configuration: TransformerConfiguration) -> Int {
        let block = block(configuration)
        let hasWindow = (0..<configuration.depth).contains { configuration.window(ofLayer: $0) != nil }
        var start = min(known, count - 1)
        while start % portion != 0 {
            let place = start % portion
            let ofPortion = min(count, start - place + portion) - start
            let ofBlock = min(block - place % block, ofPortion)
            let isWhole = place % block == 0
            if ofPortion > fewRows, isWhole || !hasWindow && ofBlock > fewRows { break }
            start -= 1
        }
        return start
    }
}
