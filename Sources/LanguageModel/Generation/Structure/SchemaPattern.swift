/// A regular expression of a JSON schema, of the part that takes linear time.
///
/// Characters and classes (`[a-z]`, `.`, `\d`, `\w`, `\s` and their opposites), groups, alternatives, `* + ? {n,m}`, `^` and
/// `$`. `\d`, `\w`, `\s` and their opposites stand for ASCII alone, which every dialect agrees on. As JSON Schema has it, a
/// pattern that is not anchored may match anywhere in a text.
struct SchemaPattern {
    /// Something in an expression that is not supported, and why.
    struct Problem: Error, Equatable {
        let reason: String
    }

    private enum Step {
        /// Reads one of some scalars.
        case scalars([ClosedRange<UInt32>], next: Int)
        case choice([Int])
        /// Passes at the beginning of the text only.
        case begin(next: Int)
        /// Passes at the end of the text only.
        case end(next: Int)
        case match
    }

    private static let most = 20_000
    private var steps: [Step] = [.match]
    private var rest: ArraySlice<Unicode.Scalar>
    private var first = 0

    init(_ expression: String) throws(Problem) {
        rest = Array(expression.unicodeScalars)[...]
        guard rest.count <= 2_000 else { throw Problem(reason: "has more than 2000 characters") }
        let tree = try alternatives(depth: 0)
        if let character = rest.first { throw Problem(reason: "has \(character) without its beginning") }
        // Anything may stand before and behind.
        steps[0] = .choice([add(.match), add(.scalars(CharacterAutomaton.allScalars, next: 0))])
        let body = try build(tree, then: 0)
        let loop = add(.match)
        steps[loop] = .choice([body, add(.scalars(CharacterAutomaton.allScalars, next: loop))])
        first = loop
    }

    // MARK: Reading

    private indirect enum Tree {
        case scalars([ClosedRange<UInt32>])
        case sequence([Tree])
        case alternatives([Tree])
        case repeated(Tree, least: Int, most: Int?)
        case begin
        case end
    }

    private mutating func alternatives(depth: Int) throws(Problem) -> Tree {
        guard depth <= 32 else { throw Problem(reason: "has groups more than 32 deep") }
        var (ways, parts): ([Tree], [Tree]) = ([], [])
        while let character = rest.first, character != ")" {
            rest.removeFirst()
            if character == "|" {
                ways.append(.sequence(parts))
                parts = []
            } else {
                parts.append(try quantified(try atom(character, depth: depth)))
            }
        }
        ways.append(.sequence(parts))
        return .alternatives(ways)
    }

    private mutating func atom(_ character: Unicode.Scalar, depth: Int) throws(Problem) -> Tree {
        switch character {
        case "^": return .begin
        case "$": return .end
        case ".":
            return .scalars(
                CharacterAutomaton.allScalars.subtracting([0x0A...0x0A, 0x0D...0x0D, 0x2028...0x2029]))
        case "(":
            if rest.first == "?" {
                guard rest.starts(with: ["?", ":"]) else {
                    throw Problem(reason: "has (?, of which only (?: is supported")
                }
                rest.removeFirst(2)
            }
            let tree = try alternatives(depth: depth + 1)
            guard rest.popFirst() == ")" else { throw Problem(reason: "has ( without its end") }
            return tree
        case "[": return .scalars(try characterClass())
        case "\\": return .scalars(try escape(inClass: false).ranges)
        case "*", "+", "?", "{": throw Problem(reason: "repeats nothing at \(character)")
        default: return .scalars([character.value...character.value])
        }
    }

    private mutating func quantified(_ tree: Tree) throws(Problem) -> Tree {
        var (least, most): (Int, Int?)
        switch rest.first {
        case "*": (least, most) = (0, nil)
        case "+": (least, most) = (1, nil)
        case "?": (least, most) = (0, 1)
        case "{":
            guard let end = rest.firstIndex(of: "}") else { throw Problem(reason: "has { without its end") }
            let words = String(String.UnicodeScalarView(rest[(rest.startIndex + 1)..<end]))
                .split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            guard words.count <= 2, let low = Int(words[0]), low >= 0, low <= 1_000 else {
                throw Problem(
                    reason: "has {\(words.joined(separator: ","))}; expected {n} or {n,m} up to 1000")
            }
            (least, most) = (low, words.count == 1 ? low : nil)
            if words.count == 2, !words[1].isEmpty {
                guard let high = Int(words[1]), high >= low, high <= 1_000 else {
                    throw Problem(
                        reason: "has {\(words.joined(separator: ","))}; expected {n} or {n,m} up to 1000")
                }
                most = high
            }
            rest = rest[end...]
        default: return tree
        }
        rest.removeFirst()
        // A lazy quantifier finds other ends, but the same texts.
        if rest.first == "?" { rest.removeFirst() }
        if let next = rest.first, "*+{".unicodeScalars.contains(next) {
            throw Problem(reason: "repeats a repetition")
        }
        switch tree {
        case .begin, .end: throw Problem(reason: "repeats an anchor")
        default: return .repeated(tree, least: least, most: most)
        }
    }

    private mutating func characterClass() throws(Problem) -> [ClosedRange<UInt32>] {
        let isNegated = rest.first == "^"
        if isNegated { rest.removeFirst() }
        var ranges: [ClosedRange<UInt32>] = []
        var hasKinds = false
        while let character = rest.popFirst() {
            if character == "]" {
                guard isNegated else { return ranges }
                let all = hasKinds ? [0...0x7F] : CharacterAutomaton.allScalars
                return all.subtracting(ranges + (hasKinds ? [0x1C...0x1F] : []))
            }
            var isKind = false
            var low = [character.value...character.value]
            if character == "\\" { (low, isKind) = try escape(inClass: true) }
            hasKinds = hasKinds || isKind
            if !isKind, rest.first == "-", rest.dropFirst().first != "]" {
                rest.removeFirst()
                guard let end = rest.popFirst() else { break }
                var high = [end.value...end.value]
                if end == "\\" { (high, isKind) = try escape(inClass: true) }
                guard !isKind, low[0].lowerBound <= high[0].lowerBound else {
                    throw Problem(reason: "has a range from \(character) to \(end)")
                }
                ranges += CharacterAutomaton.allScalars.compactMap { all in
                    let range = low[0].lowerBound...high[0].lowerBound
                    return all.overlaps(range) ? range.clamped(to: all) : nil
                }
            } else {
                ranges += low
            }
        }
        throw Problem(reason: "has [ without its end")
    }

    private mutating func escape(inClass: Bool) throws(Problem) -> (
        ranges: [ClosedRange<UInt32>], isKind: Bool
    ) {
        guard let letter = rest.popFirst() else { throw Problem(reason: "ends in a backslash") }
        let digits: [ClosedRange<UInt32>] = [0x30...0x39]
        let words: [ClosedRange<UInt32>] = [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A]
        let spaces: [ClosedRange<UInt32>] = [0x09...0x0D, 0x20...0x20]
        let ascii: [ClosedRange<UInt32>] = [0...0x7F]
        func one(_ scalar: UInt32) -> (ranges: [ClosedRange<UInt32>], isKind: Bool) {
            ([scalar...scalar], false)
        }
        switch letter {
        case "d": return (digits, true)
        case "w": return (words, true)
        case "s": return (spaces, true)
        case "D": return (ascii.subtracting(digits), true)
        case "W": return (ascii.subtracting(words), true)
        // Dialects differ over the four separators of ASCII.
        case "S": return (ascii.subtracting(spaces + [0x1C...0x1F]), true)
        case "n": return one(0x0A)
        case "r": return one(0x0D)
        case "t": return one(0x09)
        case "f": return one(0x0C)
        case "v": return one(0x0B)
        case "x": return one(try hexadecimal(2))
        case "u": return one(try hexadecimal(4))
        default:
            guard letter.isASCII, !letter.properties.isAlphabetic, !("0"..."9").contains(letter) else {
                throw Problem(reason: "has \\\(letter), which is not supported")
            }
            return one(letter.value)
        }
    }

    private mutating func hexadecimal(_ count: Int) throws(Problem) -> UInt32 {
        let digits = String(String.UnicodeScalarView(rest.prefix(count)))
        guard digits.utf8.count == count, digits.allSatisfy(\.isHexDigit),
            let value = UInt32(digits, radix: 16),
            Unicode.Scalar(value) != nil
        else { throw Problem(reason: "has \(digits), which is no character in \(count) hexadecimal digits") }
        rest.removeFirst(count)
        return value
    }

    // MARK: Building

    private mutating func add(_ step: Step) -> Int {
        steps.append(step)
        return steps.count - 1
    }

    private mutating func build(_ tree: Tree, then next: Int) throws(Problem) -> Int {
        guard steps.count < Self.most else { throw Problem(reason: "is too large") }
        switch tree {
        case .scalars(let ranges): return add(.scalars(ranges, next: next))
        case .begin: return add(.begin(next: next))
        case .end: return add(.end(next: next))
        case .sequence(let parts):
            var next = next
            for part in parts.reversed() { next = try build(part, then: next) }
            return next
        case .alternatives(let ways):
            var targets: [Int] = []
            for way in ways { targets.append(try build(way, then: next)) }
            return targets.count == 1 ? targets[0] : add(.choice(targets))
        case .repeated(let tree, let least, let most):
            var next = next
            if let most {
                let end = next
                for _ in least..<most { next = add(.choice([try build(tree, then: next), end])) }
            } else {
                let loop = add(.match)
                steps[loop] = .choice([try build(tree, then: loop), next])
                next = loop
            }
            for _ in 0..<least { next = try build(tree, then: next) }
            return next
        }
    }

    // MARK: Determining

    /// The automaton of the texts in which the pattern occurs.
    func automaton() throws(Problem) -> CharacterAutomaton {
        var numbers: [Set<Int>: Int] = [:]
        var sets = [closure([first], passing: .beginning)]
        numbers[sets[0]] = 0
        var states: [CharacterAutomaton.State] = []
        while states.count < sets.count {
            let set = sets[states.count]
            let isFirst = states.isEmpty
            var state = CharacterAutomaton.State()
            state.isEnd = closure(set, passing: isFirst ? .both : .ending).contains { step in
                if case .match = steps[step] { true } else { false }
            }
            let moves = set.sorted().flatMap { step -> [(ClosedRange<UInt32>, Int)] in
                guard case .scalars(let ranges, let next) = steps[step] else { return [] }
                return ranges.map { ($0, next) }
            }
            let bounds = Set(moves.flatMap { [$0.0.lowerBound, $0.0.upperBound + 1] }).sorted()
            for (low, high) in zip(bounds, bounds.dropFirst()) {
                let targets = Set(moves.filter { $0.0.contains(low) }.map(\.1))
                guard !targets.isEmpty else { continue }
                let next = closure(targets, passing: .nothing)
                let number = numbers[next, default: sets.count]
                if number == sets.count {
                    guard sets.count < 2_000 else { throw Problem(reason: "needs more than 2000 states") }
                    numbers[next] = number
                    sets.append(next)
                }
                state.edges.append(.init(scalars: low...high - 1, target: number))
            }
            states.append(state)
        }
        return CharacterAutomaton(states: states)
    }

    private enum Anchors {
        case nothing, beginning, ending, both
    }

    /// The steps that are reached without reading, those that read or wait for an anchor kept.
    private func closure(_ start: Set<Int>, passing anchors: Anchors) -> Set<Int> {
        var (seen, pending) = (Set<Int>(), Array(start))
        while let step = pending.popLast() {
            guard seen.insert(step).inserted else { continue }
            switch steps[step] {
            case .choice(let targets): pending += targets
            case .begin(let next) where anchors == .beginning || anchors == .both: pending.append(next)
            case .end(let next) where anchors == .ending || anchors == .both: pending.append(next)
            case .begin, .end, .scalars, .match: break
            }
        }
        return seen.filter { step in if case .choice = steps[step] { false } else { true } }
    }
}
