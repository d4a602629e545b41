/// A deterministic automaton over Unicode scalars: what a string may say.
struct CharacterAutomaton: Sendable {
    struct Edge: Sendable {
        let scalars: ClosedRange<UInt32>
        let target: Int
    }

    struct State: Sendable {
        var edges: [Edge] = []
        var isEnd = false
    }

    /// The states, the first of which is where a text begins.
    var states: [State]

    /// Every scalar there is, the halves of surrogate pairs not among them.
    static let allScalars: [ClosedRange<UInt32>] = [0...0xD7FF, 0xE000...0x10FFFF]

    /// Everything but some texts.
    init(otherThan texts: [String]) {
        states = [State(isEnd: true), State(isEnd: true)]
        let free = 1
        states[free].edges = Self.allScalars.map { Edge(scalars: $0, target: free) }
        var children: [[UInt32: Int]] = [[:], [:]]
        for text in texts {
            var state = 0
            for scalar in text.unicodeScalars {
                if let next = children[state][scalar.value] {
                    state = next
                } else {
                    states.append(State(isEnd: true))
                    children.append([:])
                    children[state][scalar.value] = states.count - 1
                    state = states.count - 1
                }
            }
            states[state].isEnd = false
        }
        for state in states.indices where state != free {
            let known = children[state].sorted { $0.key < $1.key }
            states[state].edges = known.map { Edge(scalars: $0.key...$0.key, target: $0.value) }
            for range in Self.allScalars.subtracting(known.map { $0.key...$0.key }) {
                states[state].edges.append(Edge(scalars: range, target: free))
            }
        }
    }

    init(states: [State]) { self.states = states }

    /// The texts of this automaton that have so many scalars; nil where that takes more than `limit` states.
    func limited(to counts: ClosedRange<Int>, limit: Int) -> CharacterAutomaton? {
        struct Place: Hashable {
            let state: Int
            let count: Int
        }
        let isOpen = counts.upperBound == .max
        var numbers = [Place(state: 0, count: 0): 0]
        var places = [Place(state: 0, count: 0)]
        var result: [State] = []
        while result.count < places.count {
            let place = places[result.count]
            var state = State(isEnd: states[place.state].isEnd && place.count >= counts.lowerBound)
            if place.count < counts.upperBound {
                for edge in states[place.state].edges {
                    let count = isOpen ? min(place.count + 1, counts.lowerBound) : place.count + 1
                    let next = Place(state: edge.target, count: count)
                    let number = numbers[next, default: places.count]
                    if number == places.count {
                        guard places.count < limit else { return nil }
                        numbers[next] = number
                        places.append(next)
                    }
                    state.edges.append(Edge(scalars: edge.scalars, target: number))
                }
            }
            result.append(state)
        }
        return CharacterAutomaton(states: result)
    }
}

extension [ClosedRange<UInt32>] {
    /// These ranges, ascending and apart from each other, without what stands in others.
    func subtracting(_ others: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        others.reduce(self) { rest, other in
            rest.flatMap { range -> [ClosedRange<UInt32>] in
                guard range.overlaps(other) else { return [range] }
                var parts: [ClosedRange<UInt32>] = []
                if range.lowerBound < other.lowerBound {
                    parts.append(range.lowerBound...other.lowerBound - 1)
                }
                if range.upperBound > other.upperBound {
                    parts.append(other.upperBound + 1...range.upperBound)
                }
                return parts
            }
        }
    }
}

// MARK: - Bytes

extension ByteAutomaton {
    /// The inside of a JSON string whose text an automaton accepts, and its closing quotation mark.
    ///
    /// Each text is spelled in one way: escapes stand where JSON needs them.
    mutating func string(of automaton: CharacterAutomaton, then next: Int) -> Int {
        let first = nodes.count
        for _ in automaton.states { _ = add(.end) }
        for (index, state) in automaton.states.enumerated() {
            var ways = state.isEnd ? [byte(UInt8(ascii: "\"")...UInt8(ascii: "\""), then: next)] : []
            for edge in state.edges { ways += scalars(edge.scalars, then: first + edge.target) }
            set(first + index, to: .choice(ways))
            if isTooLarge { break }
        }
        return first
    }

    /// The ways to spell one of some scalars in a JSON string.
    private mutating func scalars(_ range: ClosedRange<UInt32>, then next: Int) -> [Int] {
        let escaped: [ClosedRange<UInt32>] = [0...0x1F, 0x22...0x22, 0x5C...0x5C]
        var ways: [Int] = []
        for special in escaped where special.overlaps(range) {
            for scalar in special.clamped(to: range) {
                ways.append(literal(Self.escape(UInt8(scalar)), then: next))
            }
        }
        for plain in [range].subtracting(escaped) {
            for path in Self.utf8(plain) {
                ways.append(path.reversed().reduce(next) { byte($1, then: $0) })
            }
        }
        return ways
    }

    private static func escape(_ byte: UInt8) -> String {
        switch byte {
        case 0x08: "\\b"
        case 0x09: "\\t"
        case 0x0A: "\\n"
        case 0x0C: "\\f"
        case 0x0D: "\\r"
        case 0x22: "\\\""
        case 0x5C: "\\\\"
        default: "\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
    }

    /// The ranges of bytes, one after the other, that spell a range of scalars in UTF-8.
    static func utf8(_ range: ClosedRange<UInt32>) -> [[ClosedRange<UInt8>]] {
        let lengths: [ClosedRange<UInt32>] = [
            0...0x7F, 0x80...0x7FF, 0x800...0xD7FF, 0xE000...0xFFFF, 0x10000...0x10FFFF,
        ]
        return lengths.filter { $0.overlaps(range) }.flatMap { length in
            let part = length.clamped(to: range)
            return paths(bytes(of: part.lowerBound)[...], bytes(of: part.upperBound)[...])
        }
    }

    private static func bytes(of scalar: UInt32) -> [UInt8] { Array(String(Unicode.Scalar(scalar)!).utf8) }

    /// The paths between two spellings of one length.
    private static func paths(_ low: ArraySlice<UInt8>, _ high: ArraySlice<UInt8>) -> [[ClosedRange<UInt8>]] {
        guard let first = low.first, let last = high.first else { return [[]] }
        let (lows, highs) = (low.dropFirst(), high.dropFirst())
        let least = ArraySlice(repeating: UInt8(0x80), count: lows.count)
        let most = ArraySlice(repeating: UInt8(0xBF), count: lows.count)
        func with(_ byte: ClosedRange<UInt8>, _ rest: [[ClosedRange<UInt8>]]) -> [[ClosedRange<UInt8>]] {
            rest.map { [byte] + $0 }
        }
        if first == last { return with(first...first, paths(lows, highs)) }
        let startsWhole = lows.elementsEqual(least)
        let endsWhole = highs.elementsEqual(most)
        let (begin, end) = (startsWhole ? first : first + 1, endsWhole ? last : last - 1)
        return (startsWhole ? [] : with(first...first, paths(lows, most)))
            + (begin > end ? [] : with(begin...end, paths(least, most)))
            + (endsWhole ? [] : with(last...last, paths(least, highs)))
    }
}
