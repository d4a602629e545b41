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

    /// The most tokens that are written.
    private static let most = 600

    /// The probability as a share; nil where it is not known.
    private var share: Double? { probability.flatMap { $0.isFinite ? min(1, max(0, $0)) : nil } }

    /// Writes tokens one after another: the less probable, the stronger the background. The figure appears under the
    /// pointer; it is no text of the page, so that nobody has it read out in the middle of a sentence.
    static func write(_ tokens: [ScoredToken], to markup: inout Markup) {
        for token in tokens.prefix(most) {
            guard let share = token.share else {
                markup.text(token.text)
                continue
            }
            // Nine levels by the logarithm: 1 for one half, 9 for one in five hundred.
            let level = share > 0 ? min(9, Int(surprise(share).rounded())) : 9
            markup.element(
                "span",
                ["class": level > 0 ? "t\(level)" : nil, "data-p": NumberStyle.percent.string(share)],
                token.text)
        }
        if tokens.count > most { markup.text("… (\(tokens.count - most) more tokens)") }
    }

    /// The text with signs for what cannot be seen.
    private var visibleText: String {
        let lines = text.replacing("\n", with: "↵")
        return lines.allSatisfy { $0 == " " } ? lines.replacing(" ", with: "␣") : lines
    }

    /// Writes the same tokens with their figures below them, to be opened by touch or key; nothing where none is known.
    static func writeList(of tokens: [ScoredToken], by model: String, to markup: inout Markup) {
        guard tokens.contains(where: { $0.share != nil }) else { return }
        markup.element("details") {
            $0.element("summary") {
                $0.text("Probabilities")
                $0.element("span", ["class": "unseen"], " of the tokens of \(model)")
            }
            $0.element("div", ["class": "odds", "dir": "auto"]) {
                for token in tokens.prefix(most) {
                    $0.element("span") {
                        $0.element("bdi", token.visibleText)
                        if let share = token.share {
                            $0.text(" ")
                            $0.element("small", NumberStyle.percent.string(share))
                        }
                    }
                    $0.text(" ")
                }
            }
        }
    }

    /// In bits: how often one halves 1 to get the probability.
    private static func surprise(_ probability: Double) -> Double {
        var (bits, rest) = (0.0, probability)
        while rest <= 0.5, bits < 9 { (bits, rest) = (bits + 1, rest * 2) }
        return bits + 2 * (1 - rest)
    }
}
