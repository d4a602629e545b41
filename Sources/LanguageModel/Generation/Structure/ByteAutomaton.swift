/// An automaton over bytes whose rules call each other, as values within values do.
///
/// A graph of nodes: an edge is taken on a byte, a choice without one, and a call runs another rule before the next node.
/// It is built from its end: each function returns the node from which a text is read that ends at `next`.
struct ByteAutomaton: Sendable {
    struct Edge: Sendable {
        let bytes: ClosedRange<UInt8>
        let target: Int
    }

    enum Node: Sendable {
        /// The end of a rule.
        case end
        case edges([Edge])
        case choice([Int])
        case call(rule: Int, next: Int)
    }

    /// The node at which every rule ends.
    static let end = 0
    /// The most calls within each other.
    static let deepest = 160
    /// The most nodes of an automaton.
    static let largest = 250_000

    private(set) var nodes: [Node] = [.end]
    /// The first node of each rule.
    private(set) var rules: [Int] = []
    /// The rule with which a text begins.
    var start = 0
    /// For each node, the calls within each other that the rest of its rule needs at least; nil for a rest that never ends.
    private(set) var needs: [Int?] = []
    /// Lists of nodes that differ only in how often something may still follow, or must: the number is the place in the list.
    private(set) var counted: [[Int]] = []

    /// Adds a node.
    mutating func add(_ node: Node) -> Int {
        nodes.append(node)
        return nodes.count - 1
    }

    /// Gives a node that was added before its targets its meaning.
    mutating func set(_ node: Int, to value: Node) { nodes[node] = value }

    /// Whether the automaton has more nodes than it may have.
    var isTooLarge: Bool { nodes.count > Self.largest }

    mutating func byte(_ bytes: ClosedRange<UInt8>..., then next: Int) -> Int {
        add(.edges(bytes.map { Edge(bytes: $0, target: next) }))
    }

    mutating func literal(_ text: some BidirectionalCollection<UInt8>, then next: Int) -> Int {
        text.reversed().reduce(next) { byte($1...$1, then: $0) }
    }

    mutating func literal(_ text: String, then next: Int) -> Int { literal(Array(text.utf8), then: next) }

    mutating func choice(_ targets: [Int]) -> Int { targets.count == 1 ? targets[0] : add(.choice(targets)) }

    mutating func call(_ rule: Int, then next: Int) -> Int { add(.call(rule: rule, next: next)) }

    /// Up to `count` times what `body` builds before a node.
    mutating func upTo<Failure>(
        _ count: Int, then next: Int, _ body: (inout ByteAutomaton, Int) throws(Failure) -> Int
    ) throws(Failure) -> Int {
        var nodes = [next]
        for _ in 0..<count {
            let first = try body(&self, nodes[nodes.count - 1])
            nodes.append(choice([first, next]))
        }
        counted.append(nodes)
        return nodes[count]
    }

    /// So many times what `body` builds before a node.
    mutating func exactly<Failure>(
        _ count: Int, then next: Int, _ body: (inout ByteAutomaton, Int) throws(Failure) -> Int
    ) throws(Failure) -> Int {
        var nodes = [next]
        for _ in 0..<count { nodes.append(try body(&self, nodes[nodes.count - 1])) }
        counted.append(nodes)
        return nodes[count]
    }

    /// Adds a rule whose first node is set later.
    mutating func addRule() -> Int {
        rules.append(Self.end)
        return rules.count - 1
    }

    mutating func setRule(_ rule: Int, from first: Int) { rules[rule] = first }

    /// One of several texts, read as far as they are alike at once.
    mutating func oneOf(_ texts: [[UInt8]], then next: Int) -> Int {
        let sorted = Array(Set(texts)).sorted { $0.lexicographicallyPrecedes($1) }
        return oneOf(sorted[...], from: 0, then: next)
    }

    private mutating func oneOf(_ texts: ArraySlice<[UInt8]>, from place: Int, then next: Int) -> Int {
        var texts = texts
        let endsHere = texts.first?.count == place
        if endsHere { texts.removeFirst() }
        if texts.count == 1, !endsHere { return literal(texts[texts.startIndex][place...], then: next) }
        var edges: [Edge] = []
        while let byte = texts.first?[place] {
            let group = texts.prefix { $0[place] == byte }
            edges.append(Edge(bytes: byte...byte, target: oneOf(group, from: place + 1, then: next)))
            texts = texts.dropFirst(group.count)
        }
        let further = add(.edges(edges))
        return endsHere ? choice([next, further]) : further
    }

    // MARK: What can end

    /// Drops the edges on bytes that no token gives, and finds how the rest of each rule can end.
    ///
    /// - Parameter bytes: The bytes of which texts are made.
    mutating func settle(over bytes: Set<UInt8>) {
        if bytes.count < 256 {
            for index in nodes.indices {
                guard case .edges(let edges) = nodes[index] else { continue }
                nodes[index] = .edges(
                    edges.flatMap { edge in
                        edge.bytes.allSatisfy(bytes.contains)
                            ? [edge]
                            : edge.bytes.filter(bytes.contains).map {
                                Edge(bytes: $0...$0, target: edge.target)
                            }
                    })
            }
        }
        needs = Array(repeating: nil, count: nodes.count)
        var isSettled = false
        while !isSettled {
            isSettled = true
            for index in nodes.indices {
                guard let need = need(of: nodes[index]), needs[index].map({ need < $0 }) ?? true else {
                    continue
                }
                needs[index] = need
                isSettled = false
            }
        }
    }

    private func need(of node: Node) -> Int? {
        switch node {
        case .end: return 0
        case .edges(let edges): return edges.lazy.compactMap { needs[$0.target] }.min()
        case .choice(let targets): return targets.lazy.compactMap { needs[$0] }.min()
        case .call(let rule, let next):
            guard let body = needs[rules[rule]], let rest = needs[next] else { return nil }
            return max(body + 1, rest)
        }
    }

    /// Whether a text of the rule can end within the calls that are allowed.
    func canEnd(_ node: Int) -> Bool { needs[node].map { $0 < Self.deepest } ?? false }

    /// Whether a rule calls itself before a byte is read.
    var callsItself: Bool {
        var direct = rules.map { directCalls(from: $0) }
        // Calls are followed until nothing new is found.
        var isSettled = false
        while !isSettled {
            isSettled = true
            for rule in direct.indices {
                let further = direct[rule].union(direct[rule].flatMap { direct[$0] })
                if further.count > direct[rule].count { (direct[rule], isSettled) = (further, false) }
            }
        }
        return direct.indices.contains { direct[$0].contains($0) }
    }

    private func directCalls(from node: Int) -> Set<Int> {
        var (seen, pending, calls): (Set<Int>, [Int], Set<Int>) = ([], [node], [])
        while let node = pending.popLast() {
            guard seen.insert(node).inserted else { continue }
            switch nodes[node] {
            case .choice(let targets): pending += targets
            case .call(let rule, _): calls.insert(rule)
            case .end, .edges: break
            }
        }
        return calls
    }
}
