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
        /// Around every match of a pattern, or around what lies between the matches if it is inverted.
        case matches(TextPattern, Joining, isInverted: Bool = false)
        /// Around each run of bytes that the alphabet of bytes spells as numbers.
        case byteDigits
        /// Before every word mark `▁`.
        case wordMarks
        /// Before each word mark that follows another character. Where no token has a mark inside it, this changes
        /// no id: it only makes pieces short.
        case words
    }

    /// The placement of a string at which text is cut. Two adjacent ones never share a piece, except in `contiguous`.
    enum Joining: String, Equatable, Sendable {
        case isolated = "Isolated", withPrevious = "MergedWithPrevious", withNext = "MergedWithNext"
        case contiguous = "Contiguous", removed = "Removed"
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
    /// Whether white space only ends words, each of which gets the prefix.
    var marksWords = false
    var cuts: [Cut] = []

    /// SentencePiece's `▁`, U+2581.
    static let wordMark: [UInt8] = [0xE2, 0x96, 0x81]

    /// Calls `body` with the text as it will be cut: its spaces marked and the prefix put before it.
    ///
    /// - Parameter isFirst: Whether the text is at the beginning of the input.
    func prepare<Result>(
        _ bytes: UnsafeBufferPointer<UInt8>, isFirst: Bool, _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        if marksWords { return Self.words(of: bytes).withUnsafeBufferPointer(body) }
        let space = [UInt8(ascii: " ")]
        let marking: [TextChange] = marksSpaces ? [.replaced(space, with: Self.wordMark)] : []
        return marking.apply(to: bytes) { prefixed($0, isFirst: isFirst, body) }
    }

    /// The words of a text, a mark before each that does not begin with one.
    private static func words(of bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        CharacterClass.table.withUnsafeBufferPointer { classes in
            let text = UTF8Text(bytes: bytes, classes: classes)
            var (result, position): ([UInt8], Int) = ([], text.endOfRun(of: .space, from: 0))
            while position < text.count {
                let end = text.endOfRun(of: .all.subtracting(.space), from: position)
                if !text.isWordMark(at: position) { result += wordMark }
                result += bytes[position..<end]
                position = text.endOfRun(of: .space, from: end)
            }
            return result
        }
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

    /// Calls `body` with the bounds of each piece, from left to right; together they cover the text, but for what is removed.
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
        case .matches(let pattern, let joining, let isInverted):
            text.forEachPiece(cutAt: pattern, joining, isInverted: isInverted, body)
        case .byteDigits:
            forEachPiece(in: text, body) { start in
                var position = start + 1
                let isDigit = ByteAlphabet.isNumber(text.bytes[start])
                while position < text.count, ByteAlphabet.isNumber(text.bytes[position]) == isDigit {
                    position += 1
                }
                return position
            }
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

/// Joins text and occurrences, which come in turn, to pieces.
private struct PieceJoiner {
    let joining: PreTokenization.Joining
    private var start: Int?
    private var isOccurrence = false

    init(joining: PreTokenization.Joining) { self.joining = joining }

    /// The piece before may grow by an occurrence that follows text, or by text that follows an occurrence.
    mutating func add(_ begin: Int, _ end: Int, isOccurrence found: Bool, _ body: (Int, Int) -> Void) {
        guard begin < end else { return }
        let joins: Bool =
            switch joining {
            case .isolated, .removed: false
            case .contiguous: isOccurrence == found
            case .withPrevious: found && !isOccurrence
            case .withNext: !found && isOccurrence
            }
        if !joins { finish(at: begin, body) }
        start = start ?? begin
        isOccurrence = found
    }

    /// Ends the piece before.
    mutating func finish(at end: Int, _ body: (Int, Int) -> Void) {
        if let start, !(joining == .removed && isOccurrence) { body(start, end) }
        start = nil
    }
}

extension UTF8Text {
    /// Calls `body` with the bounds of the pieces around each occurrence of a string, from left to right.
    fileprivate func forEachPiece(
        cutAt string: [UInt8], _ joining: PreTokenization.Joining, _ body: (_ start: Int, _ end: Int) -> Void
    ) {
        var joiner = PieceJoiner(joining: joining)
        var position = 0
        while position < count {
            let found = !string.isEmpty && bytes[position...].starts(with: string)
            var end = position + (found ? string.count : 1)
            while !found, end < count, string.isEmpty || !bytes[end...].starts(with: string) { end += 1 }
            joiner.add(position, end, isOccurrence: found, body)
            position = end
        }
        joiner.finish(at: count, body)
    }

    /// Calls `body` with the bounds of the pieces around each match of a pattern, from left to right.
    fileprivate func forEachPiece(
        cutAt pattern: TextPattern, _ joining: PreTokenization.Joining, isInverted: Bool,
        _ body: (_ start: Int, _ end: Int) -> Void
    ) {
        var joiner = PieceJoiner(joining: joining)
        var position = 0
        pattern.forEachMatch(in: self) { start, end in
            joiner.add(position, start, isOccurrence: isInverted, body)
            joiner.add(start, end, isOccurrence: !isInverted, body)
            position = end
        }
        joiner.add(position, count, isOccurrence: isInverted, body)
        joiner.finish(at: count, body)
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
