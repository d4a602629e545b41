/// The place to cut text that is longer than a piece: behind an empty line, a line, a word, a character, and never within a
/// secret, of which neither part would look like one.
struct PieceEnd {
    /// The length of the piece in bytes; more than a window where a secret does not fit in one.
    let place: Int

    /// - Parameters:
    ///   - bytes: The text from the beginning of the piece on, and ``SecretScanner/longest`` bytes more than a window of it
    ///     where there are as many.
    ///   - window: The bytes that a piece should have, at most all of them.
    init(in bytes: UnsafeBufferPointer<UInt8>, _ window: Int) {
        var place = Self.pause(in: bytes, window)
        var isLonger = false
        while place < bytes.count, let secret = SecretScanner.secret(across: place, in: bytes) {
            if secret.lowerBound > window / 2, !isLonger {
                place = Self.pause(in: bytes, secret.lowerBound)
            } else {
                isLonger = true
                place = secret.upperBound
                while place < bytes.count, bytes[place - 1] != 0x0a, isSpace(bytes[place]) { place += 1 }
            }
        }
        self.place = place
    }

    /// The last place where a reader would pause.
    private static func pause(in bytes: UnsafeBufferPointer<UInt8>, _ window: Int) -> Int {
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
}

/// Text longer than a limit, in pieces.
func textPieces(of text: String, limit: Int) -> [String] {
    guard text.utf8.count > limit else { return [text] }
    return text.withUTF8Bytes { bytes in
        var pieces: [String] = []
        var start = 0
        while start < bytes.count {
            let rest = UnsafeBufferPointer(rebasing: bytes[start...])
            let length = rest.count <= limit ? rest.count : PieceEnd(in: rest, limit).place
            pieces.append(String(decoding: UnsafeBufferPointer(rebasing: rest[..<length]), as: UTF8.self))
            start += length
        }
        return pieces
    }
}
