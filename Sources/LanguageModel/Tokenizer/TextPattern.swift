/// A regular expression of the kinds that are searched for in time linear in the text.
///
/// Its alternatives are tried in their order. Each is a sequence of characters and sets of characters, of which only one
/// has a choice of how often it occurs before one that may occur any number of times; after that one only such follow as
/// may also be absent. So no text is looked at again but for a bounded number of times.
///
/// - SeeAlso: Oniguruma's syntax, which `tokenizer.json` files are written in.
struct TextPattern: Sendable {
    /// The expression as it was written.
    let expression: String
    let alternatives: [Alternative]

    /// A set of characters, and how often one of it occurs.
    struct Item: Sendable {
        var set: ScalarSet
        var least = 1
        /// Nil for any number.
        var most: Int? = 1
    }

    enum Alternative: Sendable {
        /// Items one after another, perhaps only at the beginning or the end of the text.
        case items([Item], isAtStart: Bool, end: End)
        /// `\s*[\r\n]+`.
        case lines
        /// `\s+(?!\S)`.
        case spaceBeforeLast
    }

    /// The place at which a match must end.
    enum End: Sendable {
        case anywhere
        /// `\z`.
        case ofText
        /// `$`.
        case ofLine
    }

    /// Whether it finds nothing but printable ASCII, so that it finds the same in the alphabet of bytes.
    var findsPrintableASCIIAlone: Bool {
        alternatives.allSatisfy { alternative in
            guard case .items(let items, isAtStart: false, end: .anywhere) = alternative else { return false }
            return items.allSatisfy { $0.set.isSubset(of: 0x21...0x7E) }
        }
    }

    /// Calls `body` with the bounds of each match, from left to right.
    func forEachMatch(in text: UTF8Text, _ body: (_ start: Int, _ end: Int) -> Void) {
        var position = 0
        // Up to where an alternative is known to fail, so that no run of characters is gone through twice.
        var failures = [Int](repeating: 0, count: alternatives.count)
        while position < text.count {
            if let end = end(in: text, from: position, &failures) {
                body(position, end)
                position = end
            } else {
                position += text.scalar(at: position)?.length ?? 1
            }
        }
    }

    private func end(in text: UTF8Text, from start: Int, _ failures: inout [Int]) -> Int? {
        for index in alternatives.indices {
            let end: Int? =
                switch alternatives[index] {
                case .items(let items, let isAtStart, let end):
                    isAtStart && start > 0
                        ? nil : Self.end(of: items[...], end, in: text, from: start, &failures[index])
                case .lines: Self.endOfLines(in: text, from: start, &failures[index])
                case .spaceBeforeLast: Self.endOfSpaceBeforeLast(in: text, from: start)
                }
            if let end { return end }
        }
        return nil
    }

    private static func end(
        of items: ArraySlice<Item>, _ end: End, in text: UTF8Text, from start: Int, _ failure: inout Int
    ) -> Int? {
        guard let item = items.first else {
            return isEnd(end, of: text, at: start) ? start : nil
        }
        let rest = items.dropFirst()
        if item.most == nil { return endOfRun(item, rest, end, in: text, from: start, &failure) }
        var ends = [start]
        while ends.count <= item.most ?? 0, let next = text.next(ends[ends.count - 1], in: item.set) {
            ends.append(next)
        }
        while ends.count > item.least {
            if let end = Self.end(of: rest, end, in: text, from: ends.removeLast(), &failure) { return end }
        }
        return nil
    }

    private static func endOfRun(
        _ item: Item, _ rest: ArraySlice<Item>, _ end: End, in text: UTF8Text, from start: Int,
        _ failure: inout Int
    ) -> Int? {
        guard start >= failure || item.least == 0 else { return nil }
        var (position, count, endOfLine): (Int, Int, Int?) = (start, 0, nil)
        while let next = text.next(position, in: item.set) {
            if count >= item.least, text.byte(at: position) == UInt8(ascii: "\n") { endOfLine = position }
            (position, count) = (next, count + 1)
        }
        guard count >= item.least else { return nil }
        if isEnd(end, of: text, at: position) {
            for item in rest { while let next = text.next(position, in: item.set) { position = next } }
            return position
        }
        if end == .ofLine, let endOfLine { return endOfLine }
        failure = position
        return nil
    }

    private static func isEnd(_ end: End, of text: UTF8Text, at position: Int) -> Bool {
        switch end {
        case .anywhere: true
        case .ofText: position == text.count
        case .ofLine: position == text.count || text.byte(at: position) == UInt8(ascii: "\n")
        }
    }

    private static func endOfLines(in text: UTF8Text, from start: Int, _ failure: inout Int) -> Int? {
        guard start >= failure else { return nil }
        var (position, endOfLast): (Int, Int?) = (start, nil)
        while true {
            let (found, length) = text.character(at: position)
            if found.isDisjoint(with: .space) { break }
            position += length
            if found == .newline { endOfLast = position }
        }
        if endOfLast == nil { failure = position }
        return endOfLast
    }

    private static func endOfSpaceBeforeLast(in text: UTF8Text, from start: Int) -> Int? {
        var (last, position) = (start, start)
        while true {
            let (found, length) = text.character(at: position)
            if found.isDisjoint(with: .space) { break }
            (last, position) = (position, position + length)
        }
        return position == text.count && position > start ? position : last > start ? last : nil
    }
}

extension TextPattern: Equatable {
    static func == (left: TextPattern, right: TextPattern) -> Bool { left.expression == right.expression }
}

extension UTF8Text {
    /// The end of the character at a position, if it is one of a set.
    fileprivate func next(_ position: Int, in set: ScalarSet) -> Int? {
        guard position < count else { return nil }
        if bytes[position] < 0x80 { return set.contains(UInt32(bytes[position])) ? position + 1 : nil }
        guard let (value, length) = scalar(at: position), set.contains(value) else { return nil }
        return position + length
    }
}
