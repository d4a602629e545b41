/// The cutting of normalized text into the pieces inside which merges are applied.
struct PreTokenization: Equatable, Sendable {
    /// Cuts text, or each piece of the cut before it.
    enum Cut: Equatable, Sendable {
        /// By a family's pattern.
        case pattern(SplitPattern)
        /// Between digits and everything else, and perhaps between digits.
        case digits(individually: Bool)
        /// Around every occurrence of a string.
        case string([UInt8], Joining)
        /// Before every word mark `▁`.
        case wordMarks
        /// Before each word mark that follows another character. Where no token has a mark inside it, this changes
        /// no id: it only makes pieces short.
        case words
    }

    /// The placement of a string at which text is cut. Two adjacent ones never share a piece, except in `contiguous`.
    enum Joining: String, Equatable, Sendable {
        case isolated = "Isolated", withPrevious = "MergedWithPrevious", withNext = "MergedWithNext"
        case contiguous = "Contiguous"
    }

    /// A prefix for text that does not begin with white space of its own.
    enum Prefix: Equatable, Sendable {
        case none
        /// A space, as GPT-2's tokenizer can.
        case space
        /// A word mark, before every stretch of text between special tokens or only before the first.
        case wordMark(onlyFirst: Bool)
    }

    var prefix = Prefix.none
    /// Whether every space becomes a word mark, before the prefix is added.
    var marksSpaces = false
    var cuts: [Cut] = []

    /// SentencePiece's `▁`, U+2581.
    static let wordMark: [UInt8] = [0xE2, 0x96, 0x81]

    /// Calls `body` with the text as it will be cut: its spaces marked and the prefix put before it.
    ///
    /// - Parameter isFirst: Whether the text is at the beginning of the input.
    func prepare<Result>(
        _ bytes: UnsafeBufferPointer<UInt8>, isFirst: Bool, _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        let space = [UInt8(ascii: " ")]
        let marking: [TextChange] = marksSpaces ? [.replaced(space, with: Self.wordMark)] : []
        return marking.apply(to: bytes) { prefixed($0, isFirst: isFirst, body) }
    }

    private func prefixed<Result>(
        _ bytes: UnsafeBufferPointer<UInt8>, isFirst: Bool, _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        func with(_ prefix: [UInt8]) -> Result {
            if bytes.isEmpty || bytes.starts(with: prefix) { return body(bytes) }
            return (prefix + bytes).withUnsafeBufferPointer(body)
        }
        switch prefix {
        case .none: return body(bytes)
        case .space: return with([UInt8(ascii: " ")])
        case .wordMark(let onlyFirst): return onlyFirst && !isFirst ? body(bytes) : with(Self.wordMark)
        }
    }

    /// Calls `body` with the bounds of each piece, from left to right; together they cover the text.
    @inline(__always)
    func forEachPiece(in text: UTF8Text, _ body: (_ start: Int, _ end: Int) -> Void) {
        if cuts.count == 1, case .pattern(let pattern) = cuts[0] {
            pattern.forEachPiece(in: text, body)
        } else {
            withoutActuallyEscaping(body) { Self.cut(text, offset: 0, cuts[...], $0) }
        }
    }

    @inline(never)
    private static func cut(
        _ text: UTF8Text, offset: Int, _ cuts: ArraySlice<Cut>, _ body: (Int, Int) -> Void
    ) {
        guard let first = cuts.first else {
            if text.count > 0 { body(offset, offset + text.count) }
            return
        }
        let rest = cuts.dropFirst()
        first.forEachPiece(in: text) { start, end in
            if rest.isEmpty { return body(offset + start, offset + end) }
            let piece = text[start..<end]
            cut(piece, offset: offset + start, rest, body)
        }
    }
}

extension PreTokenization.Cut {
    func forEachPiece(in text: UTF8Text, _ body: (_ start: Int, _ end: Int) -> Void) {
        switch self {
        case .pattern(let pattern): pattern.forEachPiece(in: text, body)
        case .digits(let individually):
            forEachPiece(in: text, body) { position in
                let (found, length) = text.character(at: position)
                if found != .number { return text.endOfRun(of: .all.subtracting(.number), from: position) }
                return individually ? position + length : text.endOfRun(of: .number, from: position)
            }
        case .string(let string, let joining): text.forEachPiece(cutAt: string, joining, body)
        case .wordMarks: forEachPiece(in: text, body) { text.nextWordMark(from: $0 + 1) }
        case .words: forEachPiece(in: text, body) { text.endOfWord(from: $0) }
        }
    }

    private func forEachPiece(
        in text: UTF8Text, _ body: (_ start: Int, _ end: Int) -> Void, endingAt end: (_ start: Int) -> Int
    ) {
        var start = 0
        while start < text.count {
            let next = end(start)
            body(start, next)
            start = next
        }
    }
}

extension UTF8Text {
    /// Calls `body` with the bounds of the pieces around each occurrence of a string, from left to right.
    fileprivate func forEachPiece(
        cutAt string: [UInt8], _ joining: PreTokenization.Joining, _ body: (_ start: Int, _ end: Int) -> Void
    ) {
        // Text and occurrences in turn; the piece before may grow by one that follows text, or text by one before it.
        var (start, isOccurrence, position): (Int?, Bool, Int) = (nil, false, 0)
        while position < count {
            let found = !string.isEmpty && bytes[position...].starts(with: string)
            var end = position + (found ? string.count : 1)
            while !found, end < count, string.isEmpty || !bytes[end...].starts(with: string) { end += 1 }
            let joins: Bool =
                switch joining {
                case .isolated: false
                case .contiguous: isOccurrence == found
                case .withPrevious: found && !isOccurrence
                case .withNext: !found && isOccurrence
                }
            if let begun = start, !joins {
                body(begun, position)
                start = nil
            }
            start = start ?? position
            (isOccurrence, position) = (found, end)
        }
        if let start { body(start, count) }
    }

    func isWordMark(at position: Int) -> Bool {
        let mark = PreTokenization.wordMark
        return byte(at: position) == mark[0] && byte(at: position + 1) == mark[1]
            && byte(at: position + 2) == mark[2]
    }

    /// The end of the word marks at a position and of what follows them.
    func endOfWord(from start: Int) -> Int {
        var position = start
        while isWordMark(at: position) { position += PreTokenization.wordMark.count }
        return nextWordMark(from: position)
    }

    /// The first word mark at a position or after it, or the end of the text.
    func nextWordMark(from start: Int) -> Int {
        var position = start
        while position < count, !isWordMark(at: position) { position += 1 }
        return position
    }
}
