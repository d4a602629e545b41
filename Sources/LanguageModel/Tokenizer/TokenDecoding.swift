/// The text of each token.
struct TokenDecoding: Sendable {
    private let texts: ByteStrings
    private let special: Set<Int32>
    /// The marks or spaces left out at the beginning of a text, because encoding put them there.
    let start: Start
    /// The texts of tokens at the beginning of a text, if they differ there.
    private let firstTexts: ByteStrings?

    /// The treatment of the space with which a decoded text begins.
    enum Start: Equatable, Sendable {
        case kept
        /// One space is left out.
        case withoutSpace
        /// All word marks of the first token are left out.
        case withoutMarks
    }

    init(
        model: TokenModel, addedTokens: [AddedToken], normalization: [TextChange], start: Start
    ) {
        self.start = start
        special = Set(addedTokens.filter(\.isSpecial).map(\.id))
        let added = Dictionary(addedTokens.map { ($0.id, $0) }) { first, _ in first }
        let count = max(model.vocabulary.count, (added.keys.max().map { Int($0) + 1 }) ?? 0)
        let merged = Set(model.rules.lazy.map(\.result).filter { added[$0] != nil })
        func texts(markBecoming space: [UInt8]) -> ByteStrings {
            var texts = ByteStrings()
            for id in 0..<Int32(count) {
                let spelling = added[id].map { Self.spelling(of: $0, normalization) }
                if let spelling, model.alphabet == .bytes {
                    texts.append(
                        Self.bytes(spelledBy: spelling, id, in: model, isMerged: merged.contains(id)))
                } else {
                    texts.append(Self.text(of: spelling ?? model.vocabulary[id], in: model.alphabet, space))
                }
            }
            return texts
        }
        self.texts = texts(markBecoming: [UInt8(ascii: " ")])
        firstTexts = start == .withoutMarks ? texts(markBecoming: []) : nil
    }

    /// An added token as it is looked for in text.
    private static func spelling(of token: AddedToken, _ normalization: [TextChange]) -> [UInt8] {
        let content = Array(token.content.utf8)
        guard token.isNormalized else { return content }
        return content.withUnsafeBufferPointer { normalization.apply(to: $0, Array.init) }
    }

    /// Returns the text of an added token of a byte-level vocabulary.
    ///
    /// One that is spelled in the alphabet of bytes stands for these bytes, as text may merge to it. If no text can,
    /// because nothing merges to it and the bytes are no text, it stands for itself.
    private static func bytes(
        spelledBy spelling: [UInt8], _ id: Int32, in model: TokenModel, isMerged: Bool
    ) -> [UInt8] {
        guard let bytes = spelling.withUnsafeBufferPointer({ ByteAlphabet.bytes(spelledBy: $0) }) else {
            return spelling
        }
        let isReached = isMerged || bytes.count == 1 && model.vocabulary[id] == bytes
        return isReached || String(validating: bytes, as: UTF8.self) != nil ? bytes : spelling
    }

    /// Returns the text of a token, with `space` for each word mark.
    private static func text(
        of token: [UInt8], in alphabet: BytePairModel.Alphabet, _ space: [UInt8]
    ) -> [UInt8] {
        guard case .characters(let fallsBackToBytes) = alphabet else { return token }
        if fallsBackToBytes, let byte = byte(spelledBy: token) { return [byte] }
        let marks = TextChange.replaced(PreTokenization.wordMark, with: space)
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

    /// Appends the text of a token, or nothing if there is no token with that id.
    ///
    /// - Parameter isAtStart: Whether no token came before; false once one has come.
    func append(_ id: Int32, to bytes: inout [UInt8], isAtStart: inout Bool) {
        guard id >= 0, id < texts.count else { return }
        guard isAtStart else { return texts.withBytes(at: Int(id)) { bytes.append(contentsOf: $0) } }
        (firstTexts ?? texts).withBytes(at: Int(id)) { bytes.append(contentsOf: $0) }
        isAtStart = texts.withBytes(at: Int(id)) { $0.isEmpty }
        if start == .withoutSpace, bytes.first == UInt8(ascii: " ") { bytes.removeFirst() }
    }
}
