/// A piece of generated text: what one or a few tokens have added.
///
///     print(piece, terminator: "")
public struct GeneratedPiece: Sendable, Hashable, CustomStringConvertible {
    /// The number of the sequence that goes on.
    public let sequence: Int
    /// What is added to its text: whole characters, and nothing of a stop string.
    public let text: String
    /// The tokens that came since the piece before, a stop token among them.
    public let tokens: [GeneratedToken]
    /// Why the sequence ends with this piece; nil while it goes on.
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

    /// - Parameter prompt: What the text goes on from: a space at the beginning counts unless there is nothing before it.
    package init(_ tokenizer: BytePairTokenizer, prompt: [Int32], stopStrings: [String]) {
        decoder = StreamingDecoder(tokenizer, skippingSpecialTokens: true)
        for token in prompt { _ = decoder.append(token) }
        _ = decoder.finish()
        stops = StopStrings(stopStrings)
    }

    /// Takes in a token.
    ///
    /// - Parameters:
    ///   - token: What was drawn.
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
}
