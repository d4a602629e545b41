/// A token that is recognized in text as a whole, before anything else is done to the text.
///
/// Special tokens mark what is not text, such as the end of a document or the turn of a speaker.
public struct AddedToken: Equatable, Sendable {
    /// Its id, at least 0.
    public var id: Int32
    /// The spelling of the token in text.
    public var content: String
    /// Whether the token is not text; decoding can omit such tokens.
    public var isSpecial: Bool
    /// Whether the token is recognized only between characters that are not part of a word (`single_word`).
    public var isWholeWord: Bool
    /// Whether the token absorbs the white space before it (`lstrip`).
    public var takesSpaceBefore: Bool
    /// Whether the token absorbs the white space after it (`rstrip`).
    public var takesSpaceAfter: Bool
    /// Whether the token is recognized in normalized text (`normalized`).
    public var isNormalized: Bool

    /// A special token unless said otherwise.
    public init(
        id: Int32, content: String, isSpecial: Bool = true, isWholeWord: Bool = false,
        takesSpaceBefore: Bool = false, takesSpaceAfter: Bool = false, isNormalized: Bool = false
    ) {
        self.id = id
        self.content = content
        self.isSpecial = isSpecial
        self.isWholeWord = isWholeWord
        self.takesSpaceBefore = takesSpaceBefore
        self.takesSpaceAfter = takesSpaceAfter
        self.isNormalized = isNormalized
    }
}
