/// Reads plain text in pieces of a bounded size, cut where a reader would pause.
///
/// UTF-16 with a byte order mark is UTF-8 by the time it is cut; see ``BufferedInput``. What stands before a place that
/// cannot be read is a piece too.
///
/// A line `<|endoftext|>` ends a document, as in TinyStories and other published corpora. Otherwise a piece
/// ends at the last empty line in its second half, or else the last line, word, or character.
struct TextReader: RecordReader {
    private var input: BufferedInput
    private let name: String
    private let format: RawRecord.Format
    private let pieceBytes: Int
    private var number = 0
    private var ended = false

    /// Begins to read a file that is shown as `name`.
    init(_ input: BufferedInput, name: String, format: RawRecord.Format = .text, pieceBytes: Int) {
        self.input = input
        self.name = name
        self.format = format
        self.pieceBytes = max(pieceBytes, 64)
    }

    var bytesRead: Int { input.bytesRead }

    mutating func next() -> ReadingEvent? {
        guard !ended else { return nil }
        do {
            return try piece().map { .record($0) }
        } catch {
            ended = true
            return .problem(error)
        }
    }

    private static let separator = Array("<|endoftext|>".utf8)

    private mutating func piece() throws(CorpusError) -> RawRecord? {
        while true {
            // A little more than a piece, so that the last piece is not a crumb.
            try input.fillAsFarAsReadable(pieceBytes + pieceBytes / 4)
            guard input.available > 0 else {
                ended = true
                return nil
            }
            let isLast = input.available < pieceBytes + pieceBytes / 4
            let window = isLast ? input.available : pieceBytes
            let found = firstSeparator(within: window)
            let length = found ?? (isLast ? window : input.withWindow { pieceEnd($0, window) })
            let isWhole = number == 0 && isLast && found == nil
            if length > 0 { number += 1 }
            let bytes = input.take(length)
            if found != nil { input.skip(Self.separator.count) }
            if bytes.allSatisfy(isSpace) { continue }
            return RawRecord(
                bytes: bytes, format: format, source: isWhole ? name : "\(name)#\(number)", file: input.path,
                isConverted: input.isConverted)
        }
    }

    private func firstSeparator(within window: Int) -> Int? {
        var from = 0
        while let index = input.firstIndex(of: Self.separator[0], from: from), index < window {
            let isSeparator =
                index + Self.separator.count <= input.available
                && Self.separator.indices.allSatisfy { input[index + $0] == Self.separator[$0] }
            if isSeparator { return index }
            from = index + 1
        }
        return nil
    }

}

/// Where to cut text that is longer than a piece: behind an empty line, a line, a word, a character.
func pieceEnd(_ bytes: UnsafeBufferPointer<UInt8>, _ window: Int) -> Int {
    var line: Int?
    var word: Int?
    var index = window
    while index > window / 2 {
        index -= 1
        if bytes[index] == 0x0a {
            if line == nil { line = index + 1 }
            var above = index - 1
            while above >= 0, bytes[above] == 0x0d || bytes[above] == 0x20 || bytes[above] == 0x09 {
                above -= 1
            }
            if above >= 0, bytes[above] == 0x0a { return index + 1 }
        } else if bytes[index] == 0x20, word == nil {
            word = index + 1
        }
    }
    if let end = line ?? word { return end }
    var end = window
    while end > window - 4, end < bytes.count, bytes[end] & 0xc0 == 0x80 { end -= 1 }
    return end
}

/// Text longer than a limit, in pieces.
func textPieces(of text: String, limit: Int) -> [String] {
    guard text.utf8.count > limit else { return [text] }
    return text.withUTF8Bytes { bytes in
        var pieces: [String] = []
        var start = 0
        while start < bytes.count {
            let rest = UnsafeBufferPointer(rebasing: bytes[start...])
            let length = rest.count <= limit ? rest.count : pieceEnd(rest, limit)
            pieces.append(String(decoding: UnsafeBufferPointer(rebasing: rest[..<length]), as: UTF8.self))
            start += length
        }
        return pieces
    }
}
