/// Tokenised documents by their number.
public protocol TokenDocuments: Sendable {
    /// How many there are.
    var count: Int { get }

    /// The tokens of one document, without any that mark its beginning or end.
    func tokens(at index: Int) -> [Int32]

    /// Whether the document is code, which fill-in-the-middle applies to.
    func isCode(at index: Int) -> Bool
}

extension TokenDocuments {
    /// No document is code unless the source says so.
    public func isCode(at index: Int) -> Bool { false }
}

/// Documents held in memory.
extension Array: TokenDocuments where Element == [Int32] {
    /// The tokens of one document.
    public func tokens(at index: Int) -> [Int32] { self[index] }
}
