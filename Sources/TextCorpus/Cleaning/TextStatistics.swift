/// The figures of one text that quality rules go by.
public struct TextStatistics: Sendable {
    /// Bytes in UTF-8.
    public private(set) var bytes = 0
    /// Bytes other than white space.
    public private(set) var visibleBytes = 0
    /// Bytes of letters and digits.
    public private(set) var wordBytes = 0
    /// Words; every character of a script without spaces is one.
    public private(set) var words = 0
    /// Characters in words.
    public private(set) var wordCharacters = 0
    /// Words that are characters of a script without spaces.
    public private(set) var unspacedWords = 0
    /// Words with a letter in them.
    public private(set) var alphabeticWords = 0
    /// Words that hold sentences together in one of the common European languages: `the`, `und`, `pour`.
    public private(set) var functionWords = 0
    /// Number signs and ellipses.
    public private(set) var symbols = 0
    /// Lines that are not empty.
    public private(set) var lines = 0
    /// Lines that begin with a bullet.
    public private(set) var bulletLines = 0
    /// Lines that end with an ellipsis.
    public private(set) var ellipsisLines = 0
    /// Bytes of the longest line.
    public private(set) var longestLine = 0
    /// It holds the words that typographers fill a page with.
    public private(set) var isFiller = false
    /// The shares of the text that are repeated.
    public private(set) var repetition = Repetition()

    /// Takes the figures of a text; what is repeated is looked for only when asked, as it costs the most.
    public init(_ text: String, lookingForRepetition: Bool = true) {
        text.withUTF8Bytes { bytes in
            var sequence = lookingForRepetition ? WordSequence(capacity: bytes.count / 5) : nil
            scanWords(bytes, &sequence)
            scanLines(bytes)
            if let sequence { repetition = Repetition(bytes, sequence) }
        }
    }

    /// True if most of the text is in a script that sets no spaces between words.
    public var isUnspaced: Bool { unspacedWords * 10 > words * 3 }

    private mutating func scanWords(_ text: UnsafeBufferPointer<UInt8>, _ sequence: inout WordSequence?) {
        bytes = text.count
        var scanner = WordScanner(text)
        var last: UInt64 = 0
        let (lorem, ipsum) = (Self.lorem, Self.ipsum)
        let functionWords = FunctionWords.hashes
        let longest = FunctionWords.longest
        while let word = scanner.next() {
            words += 1
            wordBytes += word.range.count
            wordCharacters += word.characters
            sequence?.append(word)
            if word.isUnspaced { unspacedWords += 1 }
            if word.hasLetter { alphabeticWords += 1 }
            if word.range.count <= longest, functionWords.contains(word.hash) { self.functionWords += 1 }
            if word.hash == ipsum, last == lorem { isFiller = true }
            last = word.hash
        }
    }

    private static let lorem = wordHash("lorem")
    private static let ipsum = wordHash("ipsum")

    private mutating func scanLines(_ text: UnsafeBufferPointer<UInt8>) {
        var start = 0
        while start < text.count {
            var end = start
            var first = -1
            var visible = 0
            while end < text.count, text[end] != 0x0a {
                let byte = text[end]
                if !isSpace(byte) {
                    if first < 0 { first = end }
                    visible += 1
                    if byte == UInt8(ascii: "#") { symbols += 1 }
                    if byte == UInt8(ascii: "."), end >= 2, text[end - 1] == byte, text[end - 2] == byte {
                        symbols += 1
                    }
                    if byte == 0xa6, end >= 2, text[end - 1] == 0x80, text[end - 2] == 0xe2 { symbols += 1 }
                }
                end += 1
            }
            longestLine = max(longestLine, end - start)
            visibleBytes += visible
            if first >= 0 {
                lines += 1
                if isBullet(text, first, end) { bulletLines += 1 }
                if endsWithEllipsis(text, end) { ellipsisLines += 1 }
            }
            start = end + 1
        }
    }

    private func isBullet(_ text: UnsafeBufferPointer<UInt8>, _ first: Int, _ end: Int) -> Bool {
        switch text[first] {
        case UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "+"):
            first + 1 < end && text[first + 1] == 0x20
        case 0xe2: first + 2 < end && text[first + 1] == 0x80 && text[first + 2] == 0xa2
        default: false
        }
    }

    private func endsWithEllipsis(_ text: UnsafeBufferPointer<UInt8>, _ end: Int) -> Bool {
        var last = end
        while last > 0, last > end - 8, isSpace(text[last - 1]) { last -= 1 }
        guard last >= 3 else { return false }
        let tail = (text[last - 3], text[last - 2], text[last - 1])
        return tail == (0x2e, 0x2e, 0x2e) || tail == (0xe2, 0x80, 0xa6)
    }
}

/// The hash that ``WordScanner`` gives a word.
func wordHash(_ word: String) -> UInt64 {
    word.withUTF8Bytes { bytes in
        var scanner = WordScanner(bytes)
        return scanner.next()?.hash ?? 0
    }
}
