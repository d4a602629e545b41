/// Turns ids into text one by one, never giving out half a character.
///
/// ```swift
/// var decoder = StreamingDecoder(tokenizer)
/// for id in ids { print(decoder.append(id), terminator: "") }
/// print(decoder.finish())
/// ```
///
/// The concatenated text is that of `decode` for all the ids.
public struct StreamingDecoder: Sendable {
    private let decoding: TokenDecoding
    private let skipsSpecialTokens: Bool
    /// Special tokens that are not left out.
    private let shown: Set<Int32>
    private var isAtStart = true
    /// The beginning of a character whose end has not come yet.
    private var pending: [UInt8] = []

    /// - Parameters:
    ///   - tokenizer: Whose ids will come.
    ///   - skippingSpecialTokens: Whether special tokens are left out.
    public init(_ tokenizer: BytePairTokenizer, skippingSpecialTokens: Bool = false) {
        self.init(tokenizer, skippingSpecialTokens: skippingSpecialTokens, except: [])
    }

    /// - Parameter shown: Special tokens that are not left out.
    init(_ tokenizer: BytePairTokenizer, skippingSpecialTokens: Bool, except shown: Set<Int32>) {
        decoding = tokenizer.decoding
        skipsSpecialTokens = skippingSpecialTokens
        self.shown = shown
    }

    /// The text that an id completes, which may be none. Bytes that cannot become valid UTF-8 any more become U+FFFD.
    public mutating func append(_ id: Int32) -> String {
        if skipsSpecialTokens, decoding.isSpecial(id), !shown.contains(id) { return "" }
        decoding.append(id, to: &pending, isAtStart: &isAtStart)
        let complete = pending.count - Self.lengthOfUnfinishedCharacter(pending)
        let text = String(decoding: pending[..<complete], as: UTF8.self)
        pending.removeFirst(complete)
        return text
    }

    /// The text that is left at the end: U+FFFD if the last character is not complete, else none.
    public mutating func finish() -> String {
        defer { pending = [] }
        return String(decoding: pending, as: UTF8.self)
    }

    /// Returns the length, bytes, of an incomplete character at the end that could still be completed.
    private static func lengthOfUnfinishedCharacter(_ bytes: [UInt8]) -> Int {
        for length in 1...3 where length <= bytes.count {
            let first = bytes[bytes.count - length]
            if first & 0xC0 == 0x80 { continue }
            let needed = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1
            guard length < needed, isPossible(bytes.suffix(length)) else { return 0 }
            return length
        }
        return 0
    }

    /// Whether a lead byte and the continuation bytes after it can begin a well-formed character: the second byte
    /// decides (The Unicode Standard 16.0, Table 3-7).
    private static func isPossible(_ start: ArraySlice<UInt8>) -> Bool {
        let first = start[start.startIndex]
        guard (0xC2...0xF4).contains(first) else { return false }
        guard start.count > 1 else { return true }
        let second = start[start.startIndex + 1]
        switch first {
        case 0xE0: return second >= 0xA0
        case 0xED: return second < 0xA0
        case 0xF0: return second >= 0x90
        case 0xF4: return second < 0x90
        default: return true
        }
    }
}
