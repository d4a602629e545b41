extension TextPattern {
    /// Reads an expression; nil if it is of no kind that is done here.
    init?(expression: String) {
        var parser = TextPatternParser(expression)
        guard let alternatives = parser.alternatives() else { return nil }
        self.init(expression: expression, alternatives: alternatives)
    }

    /// Each character of white space.
    static let whiteSpace = TextPattern(each: ScalarSet(CharacterClass.space), named: "WhitespaceSplit")
    /// Each punctuation mark, as the pre-tokenizer of this name finds them.
    static let punctuation = TextPattern(each: .punctuationOrASCIISymbols, named: "Punctuation")

    private init(each set: ScalarSet, named name: String) {
        self.init(
            expression: name,
            alternatives: [.items([Item(set: set)], isAtStart: false, end: .anywhere)])
    }
}

/// Reads the expressions of `TextPattern`. Every function gives nil where something else stands.
private struct TextPatternParser {
    private var text: ArraySlice<Unicode.Scalar>
    /// Longer sequences than any in use, and more repetitions, would take their time at every place of a text.
    private static let mostItems = 16
    private static let mostRepetitions = 64
    private static let mostAlternatives = 32

    init(_ expression: String) { text = Array(expression.unicodeScalars)[...] }

    private mutating func take(_ word: String) -> Bool {
        guard text.starts(with: word.unicodeScalars) else { return false }
        text = text.dropFirst(word.unicodeScalars.count)
        return true
    }

    mutating func alternatives() -> [TextPattern.Alternative]? {
        var result: [TextPattern.Alternative] = []
        repeat {
            guard result.count < Self.mostAlternatives, let next = alternative() else { return nil }
            result.append(next)
        } while take("|")
        return text.isEmpty ? result : nil
    }

    private mutating func alternative() -> TextPattern.Alternative? {
        for (word, alternative) in [
            (#"\s*[\r\n]+"#, TextPattern.Alternative.lines), (#"\s+(?!\S)"#, .spaceBeforeLast),
        ] {
            let rest = text
            if take(word), text.isEmpty || text.first == "|" { return alternative }
            text = rest
        }
        let isAtStart = take(#"\A"#)
        var items: [TextPattern.Item] = []
        while let first = text.first, first != "|", first != "$", !text.starts(with: #"\z"#.unicodeScalars) {
            guard items.count < Self.mostItems, let set = set(), let item = repeated(set) else { return nil }
            items.append(item)
        }
        let end: TextPattern.End = take(#"\z"#) ? .ofText : take("$") ? .ofLine : .anywhere
        return isLinear(items, end) ? .items(items, isAtStart: isAtStart, end: end) : nil
    }

    /// Whether no part of a text is gone through more than a bounded number of times.
    private func isLinear(_ items: [TextPattern.Item], _ end: TextPattern.End) -> Bool {
        guard items.contains(where: { $0.least > 0 }) else { return false }
        let bounded = items.prefix { $0.most != nil }
        guard bounded.count(where: { $0.most != $0.least }) <= 1 else { return false }
        let open = items.dropFirst(bounded.count)
        guard let run = open.first else { return true }
        return (run.least > 0 || open.count == 1 && end == .anywhere)
            && open.dropFirst().allSatisfy { $0.least == 0 && $0.most == nil && end == .anywhere }
    }

    private mutating func repeated(_ set: ScalarSet) -> TextPattern.Item? {
        var item = TextPattern.Item(set: set)
        if take("?") {
            item.least = 0
        } else if take("*") {
            (item.least, item.most) = (0, nil)
        } else if take("+") {
            item.most = nil
        } else if take("{") {
            guard let least = number() else { return nil }
            (item.least, item.most) = (least, least)
            if take(",") { item.most = number() }
            guard take("}"), item.most ?? least >= max(1, least), item.most ?? 0 <= Self.mostRepetitions,
                least <= Self.mostRepetitions
            else { return nil }
        } else {
            return item
        }
        // Lazy, possessive and doubled repetitions are others.
        guard let next = text.first else { return item }
        return ["?", "*", "+", "{"].contains(next) ? nil : item
    }

    private mutating func number() -> Int? {
        let digits = text.prefix { ("0"..."9").contains($0) }
        guard !digits.isEmpty, digits.count <= 3 else { return nil }
        text = text.dropFirst(digits.count)
        return digits.reduce(0) { $0 * 10 + Int($1.value - 48) }
    }

    private mutating func set() -> ScalarSet? {
        guard let first = text.popFirst() else { return nil }
        switch first {
        case "\\": return escaped()
        case "[": return bracketed()
        case ".":
            var set = ScalarSet(10...10)
            set.invert()
            return set
        case "^", "$", "|", "?", "*", "+", "(", ")", "{", "}", "]": return nil
        default: return ScalarSet(first.value...first.value)
        }
    }

    /// After a backslash: a class, or one character.
    private mutating func escaped() -> ScalarSet? {
        if let scalar = escapedScalar() { return ScalarSet(scalar.value...scalar.value) }
        if take("s") { return ScalarSet(CharacterClass.space) }
        if take("S") {
            var set = ScalarSet(CharacterClass.space)
            set.invert()
            return set
        }
        if take("p{P}") { return .punctuation }
        if take("p{S}") { return .symbols }
        let classes: [(String, CharacterClass)] = [
            ("p{L}", .letter), ("p{N}", .number), ("p{M}", .mark), ("p{Ll}", .lower),
        ]
        for (name, found) in classes where take(name) { return ScalarSet(found) }
        return nil
    }

    private mutating func escapedScalar() -> Unicode.Scalar? {
        guard let next = text.first else { return nil }
        let controls: [Unicode.Scalar: Unicode.Scalar] = ["n": "\n", "r": "\r", "t": "\t"]
        let isSign = next.isASCII && ScalarSet.punctuationOrASCIISymbols.contains(next.value)
        guard let scalar = controls[next] ?? (isSign || next == " " ? next : nil) else { return nil }
        text = text.dropFirst()
        return scalar
    }

    /// After `[`.
    private mutating func bracketed() -> ScalarSet? {
        let isInverted = take("^")
        var (set, isEmpty) = (ScalarSet(), true)
        while !take("]") {
            isEmpty = false
            // Sets within sets, and their intersection, are not done.
            guard let first = text.popFirst(), first != "[", !(first == "&" && text.first == "&") else {
                return nil
            }
            var low = first
            if first == "\\" {
                guard let scalar = escapedScalar() else {
                    guard let part = escaped() else { return nil }
                    set.formUnion(part)
                    continue
                }
                low = scalar
            }
            var high = low
            if text.first == "-", let end = text.dropFirst().first, end != "]" {
                text = text.dropFirst()
                guard let first = text.popFirst(), first != "[" else { return nil }
                guard let end = first == "\\" ? escapedScalar() : first, low <= end else { return nil }
                high = end
            }
            set.insert(low.value...high.value)
        }
        if isInverted { set.invert() }
        return isEmpty ? nil : set
    }
}
