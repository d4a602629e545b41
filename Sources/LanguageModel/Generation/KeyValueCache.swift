package import NeuralCore

/// The keys and values of tokens that follow each other, in every block of a model.
package struct KeyValueCache: Sendable {
    private var layers: [Rows]
    /// The position of the first token.
    private let position: Int

    private struct Rows: Sendable {
        var keys: KeyRows
        var values: KeyRows
    }

    /// A cache without tokens.
    ///
    /// - Parameters:
    ///   - position: The position of the first token in its sequence.
    ///   - capacity: The number of tokens that fit before more memory is allocated.
    package init(
        for configuration: TransformerConfiguration, at position: Int = 0, capacity: Int,
        format: KeyRows.Format
    ) {
        let channels = configuration.keyValueHeads * configuration.headSize
        let rows = KeyRows(channels: channels, capacity: capacity, format: format)
        layers = Array(repeating: Rows(keys: rows, values: rows), count: configuration.depth)
        self.position = position
    }

    /// The number of tokens held.
    package var count: Int { layers[0].keys.count }

    /// The number of blocks whose keys and values are held.
    var depth: Int { layers.count }

    /// The storage format of the elements.
    var format: KeyRows.Format { layers[0].keys.format }

    /// The bytes that its tokens take.
    package var byteCount: Int {
        let bytes = format == .float32 ? 4 : 2
        return 2 * layers.count * count * layers[0].keys.channels * bytes
    }

    fileprivate mutating func append(_ rows: Range<Int>, of keys: Tensor, _ values: Tensor, layer: Int) {
        layers[layer].keys.append(rows, of: keys)
        layers[layer].values.append(rows, of: values)
    }

    fileprivate func span(queryRows: Range<Int>, layer: Int) -> KeySpan {
        KeySpan(
            keys: layers[layer].keys, values: layers[layer].values, position: position, queryRows: queryRows)
    }

    /// Keeps the first tokens.
    package mutating func truncate(to count: Int) {
        for layer in layers.indices {
            layers[layer].keys.truncate(to: count)
            layers[layer].values.truncate(to: count)
        }
    }

    /// Forgets all tokens and gives their memory back.
    package mutating func removeAll() {
        for layer in layers.indices {
            layers[layer].keys.removeAll()
            layers[layer].values.removeAll()
        }
    }
}

/// Some of the rows that are computed together, and the number of a cache.
package struct CachedRows {
    let cache: Int
    package let rows: Range<Int>

    /// Rows that are added to the cache, or that read it.
    package init(_ rows: Range<Int>, in cache: Int) {
        self.cache = cache
        self.rows = rows
    }
}

extension StoredTransformer {
    /// The normalized output of the last block for tokens of one text or several, whose keys and values are kept.
    ///
    /// - Parameters:
    ///   - tokens: Token ids.
    ///   - positions: The place of each in its sequence.
    ///   - appending: The rows to add to each cache.
    ///   - seeing: The rows that read each cache, including the rows being added.
    ///   - caches: All of the caches.
    ///   - rowsBefore: The number of omitted earlier rows of a longer pass; the rows get the bits that they would have
    ///     in it.
    /// - Returns: `[tokens, width]`.
    package func callAsFunction(
        _ tokens: [Int32], at positions: [Int32], appending: [CachedRows], seeing: [CachedRows],
        caches: inout [KeyValueCache], rowsBefore: Int = 0
    ) -> Tensor {
        self(tokens, at: positions) { layer, query, key, value in
            for part in appending { caches[part.cache].append(part.rows, of: key, value, layer: layer) }
            let spans = seeing.map { caches[$0.cache].span(queryRows: $0.rows, layer: layer) }
            return attention(
                query: query, positions: positions, over: spans, heads: configuration.heads,
                keyValueHeads: configuration.keyValueHeads, scale: configuration.attentionScale,
                window: configuration.window(ofLayer: layer), softCap: configuration.attentionSoftCap,
                rowsBefore: rowsBefore)
        }
    }
}

/// The rows of sequences that are generated together: of each the token drawn last, and the guesses behind it.
package struct AdvancingRows {
    private var tokens: [Int32] = []
    private var positions: [Int32] = []
    private var appending: [CachedRows] = []
    private var own: [CachedRows] = []
    private var shared: [CachedRows] = []

    package init() {}

    /// Adds those of a sequence.
    ///
    /// - Parameters:
    ///   - token: The token drawn last.
    ///   - guesses: The guesses behind it.
    ///   - position: The token's place.
    ///   - prompt: The number of the cache of its prompt. Sequences of one prompt follow each other.
    ///   - cache: The number of the cache of its own tokens.
    package mutating func append(
        _ token: Int32, _ guesses: [Int32], at position: Int, prompt: Int, own cache: Int
    ) {
        let first = tokens.count
        tokens.append(token)
        tokens += guesses
        positions += (position...position + guesses.count).map { Int32($0) }
        appending.append(CachedRows(first..<tokens.count, in: cache))
        // The sequences of a prompt see its span as one run of rows, but a guess sees each span by itself, as the token
        // would when its turn comes: so the sums have the same order.
        let begin = shared.last?.cache == prompt ? shared.removeLast().rows.lowerBound : first
        shared.append(CachedRows(begin..<first + 1, in: prompt))
        own.append(CachedRows(first..<first + 1, in: cache))
        for row in first + 1..<tokens.count {
            shared.append(CachedRows(row..<row + 1, in: prompt))
            own.append(CachedRows(row..<row + 1, in: cache))
        }
    }

    /// Runs them, and keeps their keys and values.
    ///
    /// - Returns: The normalized output of the last block, `[rows, width]`.
    package func run(_ model: StoredTransformer, _ caches: inout [KeyValueCache]) -> Tensor {
        model(tokens, at: positions, appending: appending, seeing: shared + own, caches: &caches)
    }
}
