extension BytePairTokenizer {
    /// The text that ids stand for; bytes that are not valid UTF-8 become U+FFFD.
    ///
    /// - Parameters:
    ///   - ids: Ids of this tokenizer; others are left out.
    ///   - skippingSpecialTokens: Whether special tokens are left out.
    public func decode(_ ids: some Sequence<Int32>, skippingSpecialTokens: Bool = false) -> String {
        String(decoding: bytes(of: ids, skippingSpecialTokens: skippingSpecialTokens), as: UTF8.self)
    }

    /// The bytes that ids stand for: the exact inverse of byte-level encoding, whatever the bytes.
    ///
    /// - Parameters:
    ///   - ids: Ids of this tokenizer; others are left out.
    ///   - skippingSpecialTokens: Whether special tokens are left out.
    public func bytes(of ids: some Sequence<Int32>, skippingSpecialTokens: Bool = false) -> [UInt8] {
        var bytes: [UInt8] = []
        var isAtStart = true
        for id in ids where !(skippingSpecialTokens && decoding.isSpecial(id)) {
            decoding.append(id, to: &bytes, isAtStart: &isAtStart)
        }
        return bytes
    }
}
