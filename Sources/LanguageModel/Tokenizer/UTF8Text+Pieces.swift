// The split patterns. Each function finds where the piece ends that begins at `start`, a position before the end of
// the text; the alternatives of the published expression stand above it, in the order in which they are tried.

extension UTF8Text {
    /// GPT-2:
    ///
    ///     '(?:[sdmt]|ll|ve|re)
    ///     ␠?\p{L}+
    ///     ␠?\p{N}+
    ///     ␠?[^\s\p{L}\p{N}]+
    ///     \s+(?!\S)
    ///     \s+
    @inline(__always)
    func endOfGPT2Piece(from start: Int) -> Int {
        var position = start
        var (found, length) = character(at: position)
        if bytes[start] == UInt8(ascii: "'"), let end = endOfContraction(from: start, ignoringCase: false) {
            return end
        }
        if bytes[start] == UInt8(ascii: " ") {
            let (next, nextLength) = character(at: start + 1)
            if next.isDisjoint(with: .space), next != [] {
                (position, found, length) = (start + 1, next, nextLength)
            }
        }
        if !found.isDisjoint(with: .letter) { return endOfRun(of: .letter, from: position + length) }
        if !found.isDisjoint(with: .space) { return endOfSpace(from: start) }
        if found == .number { return endOfRun(of: .number, from: position + length) }
        return endOfRun(of: [.symbol, .mark], from: position + length)
    }

    /// cl100k, and with other arguments Llama 3 and Qwen2:
    ///
    ///     (?i:'s|'t|'re|'ve|'m|'ll|'d)
    ///     [^\r\n\p{L}\p{N}]?\p{L}+
    ///     \p{N}{1,3}                     as many as `digits`
    ///     ␠?[^\s\p{L}\p{N}]+[\r\n]*
    ///     \s+$                           only if `trailingSpaceIsWhole`
    ///     \s*[\r\n]+
    ///     \s+(?!\S)
    ///     \s+
    @inline(__always)
    func endOfCL100KPiece(from start: Int, digits: Int, trailingSpaceIsWhole: Bool) -> Int {
        let (found, length) = character(at: start)
        if !found.isDisjoint(with: .letter) { return endOfRun(of: .letter, from: start + length) }
        if bytes[start] == UInt8(ascii: "'"), let end = endOfContraction(from: start, ignoringCase: true) {
            return end
        }
        if found == .number { return endOfNumber(from: start, digits: digits) }
        let (next, nextLength) = character(at: start + length)
        if found != .newline, !next.isDisjoint(with: .letter) {
            return endOfRun(of: .letter, from: start + length + nextLength)
        }
        if let end = endOfSymbols(from: start, found, next) { return endOfRun(of: .newline, from: end) }
        return endOfLines(from: start, trailingSpaceIsWhole: trailingSpaceIsWhole)
    }

    /// o200k, and with other arguments Tekken, where `U` stands for `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]` and `l` for `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`:
    ///
    ///     [^\r\n\p{L}\p{N}]?U*l+(?i:'s|'t|'re|'ve|'m|'ll|'d)?      only if it `contracts`
    ///     [^\r\n\p{L}\p{N}]?U+l*(?i:'s|'t|'re|'ve|'m|'ll|'d)?
    ///     \p{N}{1,3}                                              as many as `digits`
    ///     ␠?[^\s\p{L}\p{N}]+[\r\n/]*
    ///     \s*[\r\n]+
    ///     \s+(?!\S)
    ///     \s+
    @inline(__always)
    func endOfO200KPiece(from start: Int, digits: Int, contracts: Bool) -> Int {
        let (found, length) = character(at: start)
        if found == .number { return endOfNumber(from: start, digits: digits) }
        let isLetter = !found.isDisjoint(with: .letter)
        if isLetter || found != .newline,
            let end = endOfCasedWord(from: isLetter ? start : start + length, isAfterMark: found == .mark)
        {
            guard contracts, byte(at: end) == UInt8(ascii: "'") else { return end }
            return endOfContraction(from: end, ignoringCase: true) ?? end
        }
        let (next, _) = character(at: start + length)
        if var end = endOfSymbols(from: start, found, next) {
            while byte(at: end) == UInt8(ascii: "/") || byte(at: end) == UInt8(ascii: "\n")
                || byte(at: end) == UInt8(ascii: "\r")
            {
                end += 1
            }
            return end
        }
        return endOfLines(from: start, trailingSpaceIsWhole: false)
    }

    /// `'s`, `'t`, `'re`, `'ve`, `'m`, `'ll` or `'d` at an apostrophe; regardless of case, also `'ſ` (U+017F).
    @inline(never)
    private func endOfContraction(from start: Int, ignoringCase: Bool) -> Int? {
        let lowered: UInt8 = ignoringCase ? 0x20 : 0
        let first = byte(at: start + 1)
        switch first | lowered {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return start + 2
        case UInt8(ascii: "l"): return byte(at: start + 2) | lowered == UInt8(ascii: "l") ? start + 3 : nil
        case UInt8(ascii: "v"), UInt8(ascii: "r"):
            return byte(at: start + 2) | lowered == UInt8(ascii: "e") ? start + 3 : nil
        default: return ignoringCase && first == 0xC5 && byte(at: start + 2) == 0xBF ? start + 3 : nil
        }
    }

    /// `\p{N}{1,digits}`, at a number.
    @inline(__always)
    private func endOfNumber(from start: Int, digits: Int) -> Int {
        var position = start
        for _ in 0..<digits {
            let (found, length) = character(at: position)
            guard found == .number else { break }
            position += length
        }
        return position
    }

    /// `␠?[^\s\p{L}\p{N}]+`, given the classes of the first two characters.
    @inline(__always)
    private func endOfSymbols(from start: Int, _ first: CharacterClass, _ second: CharacterClass) -> Int? {
        let symbols: CharacterClass = [.symbol, .mark]
        if !first.isDisjoint(with: symbols) { return endOfRun(of: symbols, from: start) }
        if bytes[start] == UInt8(ascii: " "), !second.isDisjoint(with: symbols) {
            return endOfRun(of: symbols, from: start + 1)
        }
        return nil
    }

    /// `\s+(?!\S)|\s+`: white space up to the end of the text, or else all but the last character of it if there are
    /// several.
    @inline(__always)
    private func endOfSpace(from start: Int) -> Int {
        var last = start
        var end = start
        while true {
            let (found, length) = character(at: end)
            if found.isDisjoint(with: .space) { break }
            (last, end) = (end, end + length)
        }
        return end == count || last == start ? end : last
    }

    /// `\s*[\r\n]+|\s+(?!\S)|\s+`, with `\s+$` before it if asked for.
    @inline(__always)
    private func endOfLines(from start: Int, trailingSpaceIsWhole: Bool) -> Int {
        var last = start
        var end = start
        var endOfLastLine: Int?
        while true {
            let (found, length) = character(at: end)
            if found.isDisjoint(with: .space) { break }
            (last, end) = (end, end + length)
            if found == .newline { endOfLastLine = end }
        }
        if trailingSpaceIsWhole, end == count { return end }
        return endOfLastLine ?? (end == count || last == start ? end : last)
    }

    /// `U*l+|U+l*` of o200k from a position, or from the mark just before it.
    ///
    /// The run of `U` is taken whole if a `\p{Ll}` follows it. Otherwise the last character of it that is also an `l`
    /// ends the word; failing that the mark alone is a word, and failing that the run is, being all capitals.
    @inline(__always)
    private func endOfCasedWord(from start: Int, isAfterMark: Bool) -> Int? {
        var position = start
        var endOfLastUncased: Int?
        while true {
            let (found, length) = character(at: position)
            if found == .lower { return endOfRun(of: [.lower, .uncased, .mark], from: position + length) }
            if found.isDisjoint(with: [.upper, .uncased, .mark]) { break }
            position += length
            if found != .upper { endOfLastUncased = position }
        }
        if let endOfLastUncased { return endOfLastUncased }
        if isAfterMark { return start }
        return position > start ? position : nil
    }
}
