extension BytePairTokenizer {
    /// Returns the ids of a text that follows another: those of both together, without those of the first.
    ///
    /// If a token would span both texts, as when the first ends in a space, the second is encoded by itself.
    ///
    /// - Parameters:
    ///   - text: The second text.
    ///   - prefix: The first text; the part after its last special token is enough.
    public func encode(_ text: String, after prefix: String) -> [Int32] {
        let given = encode(prefix)
        let whole = encode(prefix + text)
        return whole.starts(with: given) ? Array(whole.dropFirst(given.count)) : encode(text)
    }
}
