/// What each token stands for in text.
struct TokenDecoding: Sendable {
    private let texts: ByteStrings
    private let special: Set<Int32>
    /// Whether one space at the very beginning is left out, because encoding put it there.
    let stripsLeadingSpace: Bool

    init(model: BytePairModel, addedTokens: [AddedToken], stripsLeadingSpace: Bool) {
        self.stripsLeadingSpace = stripsLeadingSpace
        special = Set(addedTokens.filter(\.isSpecial).map(\.id))
        let added = Dictionary(addedTokens.map { ($0.id, $0.content) }) { first, _ in first }
        let count = max(model.vocabulary.count, (added.keys.max().map { Int($0) + 1 }) ?? 0)
        var texts = ByteStrings()
        for id in 0..<Int32(count) {
            if let content = added[id] {
                texts.append(content.utf8)
            } else {
                texts.append(Self.text(of: model.vocabulary[id], in: model.alphabet))
            }
        }
        self.texts = texts
    }

    private static func text(of token: [UInt8], in alphabet: BytePairModel.Alphabet) -> [UInt8] {
        guard case .characters(let fallsBackToBytes) = alphabet else { return token }
        if fallsBackToBytes, let byte = byte(spelledBy: token) { return [byte] }
        let marks = TextChange.replaced(PreTokenization.wordMark, with: [UInt8(ascii: " ")])
        return token.withUnsafeBufferPointer { marks.applied(to: $0) } ?? token
    }

    /// The byte that a token such as `<0x0A>` spells.
    private static func byte(spelledBy token: [UInt8]) -> UInt8? {
        guard token.count == 6, token.starts(with: "<0x".utf8), token.last == UInt8(ascii: ">") else {
            return nil
        }
        return UInt8(String(decoding: token[3..<5], as: UTF8.self), radix: 16)
    }

    func isSpecial(_ id: Int32) -> Bool { special.contains(id) }

    func bytes(of id: Int32) -> [UInt8] {
        id >= 0 && id < texts.count ? texts[Int(id)] : []
    }

    /// Appends what a token stands for; nothing if there is no token of that id.
    func append(_ id: Int32, to bytes: inout [UInt8]) {
        guard id >= 0, id < texts.count else { return }
        texts.withBytes(at: Int(id)) { bytes.append(contentsOf: $0) }
    }
}
