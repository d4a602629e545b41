/// Text made comparable: lower-case words with single spaces, so that "Mill Lane" is found in "… on Mill Lane.", but
/// "mill" is not found in "miller".
struct WordText: Sendable {
    private let bytes: [UInt8]

    init(_ text: String) {
        var bytes: [UInt8] = [UInt8(ascii: " ")]
        bytes.reserveCapacity(text.utf8.count + 2)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): bytes.append(byte + 32)
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "'"), 0x80...0xFF:
                bytes.append(byte)
            default: if bytes.last != UInt8(ascii: " ") { bytes.append(UInt8(ascii: " ")) }
            }
        }
        if bytes.last != UInt8(ascii: " ") { bytes.append(UInt8(ascii: " ")) }
        self.bytes = bytes
    }

    /// Whether the words of `phrase` stand here in a row.
    func contains(_ phrase: WordText) -> Bool {
        guard bytes.count >= phrase.bytes.count, phrase.bytes.count > 1 else { return false }
        return bytes.withUnsafeBufferPointer { text in
            phrase.bytes.withUnsafeBufferPointer { phrase in
                let first = phrase[1]
                for start in 0...(text.count - phrase.count) where text[start + 1] == first {
                    var length = 0
                    while length < phrase.count, text[start + length] == phrase[length] { length += 1 }
                    if length == phrase.count { return true }
                }
                return false
            }
        }
    }

    func contains(any phrases: [WordText]) -> Bool { phrases.contains(where: contains) }

    func contains(any phrases: [String]) -> Bool { phrases.contains { contains(WordText($0)) } }

    /// How many words there are.
    var count: Int { bytes.count(where: { $0 == UInt8(ascii: " ") }) - 1 }
}
