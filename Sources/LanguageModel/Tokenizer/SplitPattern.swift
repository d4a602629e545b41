/// A model family's pattern for cutting text into pieces, before merges are applied inside each piece.
///
/// The families publish their patterns as regular expressions; here each is a scanner over UTF-8 that cuts at
/// exactly the same places, in one pass and in time linear in the text. Characters are classified as in Unicode 16;
/// every byte that is not valid UTF-8 is a piece's symbol, like a punctuation mark.
public enum SplitPattern: String, CaseIterable, Sendable {
    /// GPT-2, GPT-3 (`r50k_base`) and most small models.
    case gpt2
    /// GPT-3.5 and GPT-4 (`cl100k_base`).
    case cl100k
    /// GPT-4o and later (`o200k_base`).
    case o200k
    /// Llama 3: as cl100k, but white space at the end of the text is cut after its last line break.
    case llama3
    /// Qwen, Qwen2, Qwen2.5 and Qwen3: as Llama 3, with single digits. These models also normalize to NFC.
    case qwen2
    /// Mistral's Tekken: as o200k, with single digits and without contractions.
    case tekken
}

extension SplitPattern {
    /// Calls `body` with the bounds of each piece, from left to right; together they cover the text.
    @inline(__always)
    func forEachPiece(in text: UTF8Text, _ body: (_ start: Int, _ end: Int) -> Void) {
        @inline(__always)
        func cut(_ end: (_ start: Int) -> Int) {
            var start = 0
            while start < text.count {
                let end = end(start)
                body(start, end)
                start = end
            }
        }
        switch self {
        case .gpt2: cut { text.endOfGPT2Piece(from: $0) }
        case .cl100k: cut { text.endOfCL100KPiece(from: $0, digits: 3, trailingSpaceIsWhole: true) }
        case .llama3: cut { text.endOfCL100KPiece(from: $0, digits: 3, trailingSpaceIsWhole: false) }
        case .qwen2: cut { text.endOfCL100KPiece(from: $0, digits: 1, trailingSpaceIsWhole: false) }
        case .o200k: cut { text.endOfO200KPiece(from: $0, digits: 3, contracts: true) }
        case .tekken: cut { text.endOfO200KPiece(from: $0, digits: 1, contracts: false) }
        }
    }

    /// The changes made to a text before it is split.
    var normalization: [TextChange] { self == .qwen2 ? [.composed] : [] }

    /// A place at or after a position where every pattern ends one piece and begins the next, whatever stands around
    /// it: between an ASCII letter and white space. The end of the bytes if there is none before it.
    package static func cut(_ bytes: [UInt8], from start: Int, before end: Int) -> Int {
        var position = max(start, 1)
        while position < end {
            if bytes[position] == UInt8(ascii: " ") || bytes[position] == UInt8(ascii: "\n"),
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(bytes[position - 1] | 0x20)
            {
                return position
            }
            position += 1
        }
        return end
    }

    /// The pieces of a text.
    package func pieces(of text: [UInt8]) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        text.withUTF8Text { view in
            forEachPiece(in: view) { start, end in pieces.append(Array(text[start..<end])) }
        }
        return pieces
    }
}

extension Array where Element == UInt8 {
    /// Calls `body` with these bytes seen as characters.
    func withUTF8Text<Result>(_ body: (UTF8Text) -> Result) -> Result {
        CharacterClass.table.withUnsafeBufferPointer { classes in
            withUnsafeBufferPointer { bytes in body(UTF8Text(bytes: bytes, classes: classes)) }
        }
    }
}
