/// Settings for finding near-duplicates: signatures of `bands · rows` minima, compared band by band.
///
/// Two texts whose sets of runs of ``shingleWords`` words have the Jaccard similarity s agree in a minimum
/// with the probability s, in a whole band with s^rows, and so become candidates with
///
///     P(s) = 1 − (1 − s^rows)^bands
///
/// The steepest part of this curve lies near (1 / bands)^(1 / rows). A candidate is a duplicate when at least
/// the share ``similarity`` of all minima agree; the standard error of that estimate is √(s (1 − s) / (bands
/// · rows)).
///
/// - SeeAlso: [Broder 1997](https://doi.org/10.1109/SEQUEN.1997.666900); Leskovec, Rajaraman & Ullman,
///   *Mining of Massive Datasets*, §3.4.
public struct MinHashParameters: Sendable, Hashable {
    /// Groups of minima; two texts that agree in one group are compared.
    public var bands: Int
    /// Minima in a group.
    public var rows: Int
    /// Words in a run.
    public var shingleWords: Int
    /// The share of minima from which on a text counts as a duplicate.
    public var similarity: Double

    /// Parameters of your own; the defaults find four fifths agreement with a probability of 0.95.
    ///
    /// - Precondition: All of them are positive, and `similarity` is at most one.
    public init(bands: Int = 16, rows: Int = 8, shingleWords: Int = 5, similarity: Double = 0.8) {
        guard bands > 0, rows > 0, shingleWords > 0, similarity > 0, similarity <= 1 else {
            fatalError(
                """
                MinHash needs positive parameters and a similarity of at most 1; \
                found bands \(bands), rows \(rows), words \(shingleWords), similarity \(similarity)
                """)
        }
        self.bands = bands
        self.rows = rows
        self.shingleWords = shingleWords
        self.similarity = similarity
    }

    /// The probability that two texts of a Jaccard similarity become candidates.
    public func probability(ofSimilarity similarity: Double) -> Double {
        func power(_ base: Double, _ exponent: Int) -> Double {
            (0..<exponent).reduce(1) { product, _ in product * base }
        }
        return 1 - power(1 - power(similarity, rows), bands)
    }
}

/// A signature: the minima of a text's runs of words, sixteen bits of each.
///
/// All minima come from one pass: a run's hash chooses the place and gives the value (one-permutation
/// hashing), and places left empty borrow from others in a fixed pseudo-random order, which keeps the
/// probability of agreement equal to the similarity.
///
/// - SeeAlso: [Li, Owen & Zhang 2012](https://arxiv.org/abs/1208.1259); [Shrivastava
///   2017](https://arxiv.org/abs/1703.04664), optimal densification. Departures: sixteen bits of each minimum
///   are kept, which adds 2⁻¹⁶ to the probability of agreement.
package struct MinHashSignature: Sendable, Hashable {
    package let values: [UInt16]

    /// The signature of a text; nil when it has no words.
    package init?(_ text: String, _ parameters: MinHashParameters) {
        guard let signature = text.withUTF8Bytes({ Self($0, parameters) }) else { return nil }
        self = signature
    }

    init?(_ text: UnsafeBufferPointer<UInt8>, _ parameters: MinHashParameters) {
        let count = parameters.bands * parameters.rows
        var minima = [UInt32](repeating: .max, count: count)
        var isFilled = [Bool](repeating: false, count: count)
        var words: [UInt64] = []
        words.reserveCapacity(text.count / 5)
        var scanner = WordScanner(text)
        while let word = scanner.next() { words.append(StableHash.mixed(word.hash)) }
        guard !words.isEmpty else { return nil }
        // A text shorter than a run is one run.
        forEachRun(of: min(parameters.shingleWords, words.count), in: words) { hash, _ in
            let place = Int(((hash >> 32) &* UInt64(count)) >> 32)
            isFilled[place] = true
            minima[place] = min(minima[place], UInt32(truncatingIfNeeded: hash))
        }
        var values = [UInt16](repeating: 0, count: count)
        for place in 0..<count {
            var source = place
            var attempt: UInt64 = 0
            while !isFilled[source] {
                attempt += 1
                let choice = StableHash.mixed(UInt64(place) << 32 | attempt)
                source = Int(((choice >> 32) &* UInt64(count)) >> 32)
            }
            values[place] = UInt16(truncatingIfNeeded: StableHash.mixed(UInt64(minima[source])) >> 24)
        }
        self.values = values
    }
}
