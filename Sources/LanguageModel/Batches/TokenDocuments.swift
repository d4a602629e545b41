/// Tokenized documents by their number.
public protocol TokenDocuments: Sendable {
    /// How many there are.
    var count: Int { get }

    /// The tokens of one document, without any that mark its beginning or end.
    func tokens(at index: Int) -> [Int32]

    /// How many tokens a document has.
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
