/// A piece of generated text: what one or a few tokens have added.
///
///     print(piece, terminator: "")
public struct GeneratedPiece: Sendable, Hashable, CustomStringConvertible {
    /// The index of the sequence.
    public let sequence: Int
    /// The text added to the sequence: whole characters, without stop strings.
    public let text: String
    /// The tokens that came since the piece before, a stop token among them.
    public let tokens: [GeneratedToken]
    /// The reason why the sequence ends with this piece; nil if it continues.
    public let ending: Decoding.Ending?

    /// The text.
    public var description: String { text }

    package init(sequence: Int, text: String, tokens: [GeneratedToken], ending: Decoding.Ending?) {
        self.sequence = sequence
        self.text = text
        self.tokens = tokens
        self.ending = ending
    }
}

/// Turns the tokens of one sequence into pieces of text.
package struct TextAssembly: Sendable {
    private var decoder: StreamingDecoder
    private var stops: StopStrings
    private var tokens: [GeneratedToken] = []

    /// - Parameters:
    ///   - prompt: The text before it: a space at the beginning counts unless there is nothing before it.
    ///   - options: The stop strings, and the special tokens that are part of the text.
    package init(_ tokenizer: BytePairTokenizer, prompt: [Int32], _ options: GenerationOptions) {
        let marks = options.thinking == nil ? [] : Thinking.marks(of: tokenizer)
        decoder = StreamingDecoder(
            tokenizer, skippingSpecialTokens: true, except: options.shownTokens.union(marks))
        for token in prompt { _ = decoder.append(token) }
        _ = decoder.finish()
        stops = StopStrings(options.stopStrings)
    }

    /// Takes in a token.
    ///
    /// - Parameters:
    ///   - token: The token drawn.
    ///   - sequence: The number of its sequence.
    ///   - ending: Whether the sequence ends with it, and why.
    /// - Returns: A piece when text has become certain, or the sequence has ended.
    package mutating func append(
        _ token: GeneratedToken, of sequence: Int, ending: Decoding.Ending?
    ) -> GeneratedPiece? {
        tokens.append(token)
        var ending = ending
        var text = ending == .stopToken ? "" : stops.append(decoder.append(token.token))
        if ending != nil, !stops.hasCome { text += stops.append(decoder.finish()) }
        if stops.hasCome { ending = .stopString }
        if ending != nil { text += stops.finish() }
        guard !text.isEmpty || ending != nil else { return nil }
        defer { tokens = [] }
        return GeneratedPiece(sequence: sequence, text: text, tokens: tokens, ending: ending)
    }

    /// Ends a sequence that gets no further token.
    ///
    /// - Returns: The rest of its text, and the tokens that it was held back with.
    package mutating func end(_ sequence: Int, because ending: Decoding.Ending) -> GeneratedPiece {
        let text = stops.append(decoder.finish()) + stops.finish()
        defer { tokens = [] }
        return GeneratedPiece(
            sequence: sequence, text: text, tokens: tokens,
            ending: stops.hasCome ? .stopString : ending)
    }
}

/// Lets text through until one of some strings comes, and never a part of it.
///
/// Text that could be the beginning of such a string is held back until it is known.
package struct StopStrings: Sendable {
    private let strings: [[UInt8]]
    private let longest: Int
    /// Text that has come and was not let through yet.
    private var pending: [UInt8] = []
    /// Whether one of the strings has been found; everything after it is dropped.
    package private(set) var hasCome = false

    /// - Parameter strings: The strings that end a text; empty ones are ignored.
    package init(_ strings: [String]) {
        self.strings = strings.map { Array($0.utf8) }.filter { !$0.isEmpty }
        longest = self.strings.map(\.count).max() ?? 0
    }

    /// Takes in text, and gives the text that is certain to stay.
    package mutating func append(_ text: String) -> String {
        guard !strings.isEmpty else { return text }
        guard !hasCome else { return "" }
        pending += text.utf8
        for start in pending.indices {
            if strings.contains(where: { pending[start...].starts(with: $0) }) {
                hasCome = true
                return take(start, forgettingRest: true)
            }
        }
        let held = (max(0, pending.count - longest + 1)..<pending.count).first { start in
            strings.contains { $0.starts(with: pending[start...]) }
        }
        return take(held ?? pending.count)
    }

    /// The text that was held back and turned out to stay, at the end.
    package mutating func finish() -> String { take(pending.count) }

    private mutating func take(_ count: Int, forgettingRest: Bool = false) -> String {
        defer { pending.removeFirst(forgettingRest ? pending.count : count) }
        return String(decoding: pending[..<count], as: UTF8.self)
    }
}
