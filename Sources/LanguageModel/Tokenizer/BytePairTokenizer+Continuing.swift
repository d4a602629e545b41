extension BytePairTokenizer {
    /// The ids of a text that goes on from another: those that both together have beyond the other's.
    ///
    /// Where a token would reach across, as when the first text ends in a space, the second is encoded by itself.
    ///
    /// - Parameters:
    ///   - text: What comes next.
    ///   - prefix: What came before; enough of it to begin after a special token will do.
    public func encode(_ text: String, after prefix: String) -> [Int32] {
        let given = encode(prefix)
        let whole = encode(prefix + text)
        return whole.starts(with: given) ? Array(whole.dropFirst(given.count)) : encode(text)
    }
}
