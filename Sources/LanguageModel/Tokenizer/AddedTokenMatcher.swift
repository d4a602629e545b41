/// Finds added tokens in text: the leftmost first, of those that begin at one place the longest.
struct AddedTokenMatcher: Sendable {
    private let tokens: [AddedToken]
    /// The trie of their contents: from a node and a byte to a node.
    private var transitions: MergeTable
    /// The index of the token that ends at each node, or -1; node 0 is the root.
    private var ends: [Int32] = [-1]
    private var firstBytes = [Bool](repeating: false, count: 256)

    /// A stretch of text that is a token.
    struct Match {
        var start: Int
        var end: Int
        var id: Int32
    }

    /// - Parameter spelling: The bytes to look for, given the content of a token.
    init(_ tokens: [AddedToken], spelling: (String) -> [UInt8] = { Array($0.utf8) }) {
        self.tokens = tokens
        let spellings = tokens.map { spelling($0.content) }
        transitions = MergeTable(capacity: spellings.reduce(0) { $0 + $1.count })
        for (index, bytes) in spellings.enumerated() where !bytes.isEmpty {
            firstBytes[Int(bytes[0])] = true
            var node: Int32 = 0
            for byte in bytes { node = child(of: node, byte) }
            ends[Int(node)] = Int32(index)
        }
    }

    private mutating func child(of node: Int32, _ byte: UInt8) -> Int32 {
        let known = transitions.withLookup { $0[node, Int32(byte)] }
        if known != .none { return known.result }
        ends.append(-1)
        let child = Int32(ends.count - 1)
        transitions.insert(left: node, right: Int32(byte), MergeTable.Merge(rank: 0, result: child))
        return child
    }

    /// Calls `body` with each token in the text, from left to right.
    func forEachMatch(in text: UTF8Text, includingSpecial: Bool, _ body: (Match) -> Void) {
        guard !tokens.isEmpty else { return }
        var position = 0
        var end = 0
        while let (start, stop, token) = next(in: text, from: position) {
            position = stop
            if token.isSpecial, !includingSpecial { continue }
            if token.isWholeWord, text.isWord(before: start) || text.isWord(at: stop) { continue }
            var match = Match(start: start, end: stop, id: token.id)
            if token.takesSpaceBefore { match.start = text.startOfSpace(before: start, notBefore: end) }
            if token.takesSpaceAfter { match.end = text.endOfRun(of: .space, from: stop) }
            body(match)
            end = match.end
            position = end
        }
    }

    private func next(in text: UTF8Text, from start: Int) -> (start: Int, end: Int, AddedToken)? {
        firstBytes.withUnsafeBufferPointer { firstBytes in
            transitions.withLookup { transitions in
                for position in start..<max(start, text.count) where firstBytes[Int(text.bytes[position])] {
                    var node: Int32 = 0
                    var longest: (end: Int, index: Int32)?
                    var end = position
                    while end < text.count {
                        let step = transitions[node, Int32(text.bytes[end])]
                        if step == .none { break }
                        node = step.result
                        end += 1
                        if ends[Int(node)] >= 0 { longest = (end, ends[Int(node)]) }
                    }
                    if let longest { return (position, longest.end, tokens[Int(longest.index)]) }
                }
                return nil
            }
        }
    }
}

extension UTF8Text {
    /// Whether the character at a position is part of a word (`\w`).
    fileprivate func isWord(at position: Int) -> Bool {
        guard position < count, let scalar = scalar(at: position).flatMap({ Unicode.Scalar($0.value) }) else {
            return false
        }
        let properties = scalar.properties
        switch properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: return true
        default: return properties.isAlphabetic || properties.isJoinControl
        }
    }

    /// Whether the character that ends at a position is part of a word.
    fileprivate func isWord(before position: Int) -> Bool {
        position > 0 && isWord(at: startOfCharacter(before: position))
    }

    /// Returns the start of the white space that ends at a position, no further back than a limit.
    fileprivate func startOfSpace(before position: Int, notBefore limit: Int) -> Int {
        var start = position
        while start > limit {
            let before = startOfCharacter(before: start)
            if character(at: before).class.isDisjoint(with: .space) { break }
            start = before
        }
        return start
    }

    private func startOfCharacter(before position: Int) -> Int {
        var start = position - 1
        while start > 0, position - start < 4, bytes[start] & 0xC0 == 0x80 { start -= 1 }
        return start + character(at: start).length == position ? start : position - 1
    }
}
