import Formatting

/// A token of a text and how probable the model found it.
public struct ScoredToken: Hashable, Sendable {
    /// The token's text.
    public var text: String
    /// Its probability given what stands before it, 0…1; nil where the model was not asked.
    public var probability: Double?

    /// A token with its probability.
    public init(_ text: String, probability: Double?) {
        self.text = text
        self.probability = probability
    }

    /// Tokens by their bytes. Those that are parts of one character, as a dash of three bytes may be three tokens, go
    /// together with the probability of them all.
    public static func tokens(_ pieces: some Sequence<(bytes: [UInt8], probability: Double?)>)
        -> [ScoredToken]
    {
        var tokens: [ScoredToken] = []
        var bytes: [UInt8] = []
        var probability: Double? = 1
        for piece in pieces {
            bytes += piece.bytes
            probability = probability.flatMap { so in piece.probability.map { so * $0 } }
            if endsWithinCharacter(bytes) { continue }
            tokens.append(ScoredToken(String(decoding: bytes, as: UTF8.self), probability: probability))
            (bytes, probability) = ([], 1)
        }
        if !bytes.isEmpty {
            tokens.append(ScoredToken(String(decoding: bytes, as: UTF8.self), probability: probability))
        }
        return tokens
    }

    /// True if the last bytes begin a character of UTF-8 that needs more of them.
    private static func endsWithinCharacter(_ bytes: [UInt8]) -> Bool {
        for (place, byte) in bytes.suffix(3).reversed().enumerated() {
            switch byte {
            case 0x80...0xBF: continue
            case 0xC2...0xDF: return place < 1
            case 0xE0...0xEF: return place < 2
            case 0xF0...0xF4: return place < 3
            default: return false
            }
        }
        return false
    }

    /// Writes tokens one after another: the less probable, the stronger the background; the figure on hover.
    ///
    /// Neighbors with the same figure as printed share a tag, so that long certain stretches cost little.
    static func write(_ tokens: [ScoredToken], limit: Int = 800, to markup: inout Markup) {
        for token in tokens.prefix(limit) {
            guard let probability = token.probability, probability.isFinite else {
                markup.text(token.text)
                continue
            }
            let share = min(1, max(0, probability))
            // Nine levels by the logarithm: 1 for one half, 9 for one in five hundred.
            let level = share > 0 ? min(9, Int(surprise(share).rounded())) : 9
            let title = NumberStyle.percent.string(share)
            markup.element("span", ["class": level > 0 ? "t\(level)" : nil, "title": title], token.text)
        }
        if tokens.count > limit { markup.text("… (\(tokens.count - limit) more tokens)") }
    }

    /// In bits: how often one halves 1 to get the probability.
    private static func surprise(_ probability: Double) -> Double {
        var (bits, rest) = (0.0, probability)
        while rest <= 0.5, bits < 9 { (bits, rest) = (bits + 1, rest * 2) }
        return bits + 2 * (1 - rest)
    }
}
