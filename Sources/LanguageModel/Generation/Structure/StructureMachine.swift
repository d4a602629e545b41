/// Runs an automaton over bytes, and remembers each state that a text has come to.
///
/// A state is a list of configurations: a node, and the nodes to which the open calls return. States, the steps between them
/// and their masks are kept in bounded memory; one that was forgotten is found again.
struct StructureMachine {
    /// A node that reads or ends, and the innermost open call.
    struct Configuration: Hashable, Sendable {
        let node: Int32
        /// The number of a call; none for -1.
        let call: Int32
    }

    /// An open call.
    private struct Call: Hashable {
        let next: Int32
        let outer: Int32
    }

    private struct State {
        let configurations: [Configuration]
        var mask: [UInt64]?
    }

    private static let unknown: Int32 = -1
    private static let none: Int32 = -2
    /// The most configurations of a state. Texts that only further ones would allow are not generated.
    private static let mostConfigurations = 512
    private static let mostStates = 50_000
    private static let mostMaskBytes = 16 << 20

    private let automaton: ByteAutomaton
    /// Bytes that no edge tells apart have one number.
    private let classes: [Int]
    private let classCount: Int
    /// Those that a text was ever in; places of texts know them by number, so they stay as long as this.
    private var calls: [Call] = []
    private var depths: [Int] = []
    private var numbersOfCalls: [Call: Int32] = [:]
    private var states: [State] = []
    /// For each state and each class of bytes the next state, or one of the marks above.
    private var steps: [Int32] = []
    private var numbersOfStates: [[Configuration]: Int32] = [:]
    private var maskBytes = 0
    /// For nodes behind which more may or must follow than a token can say, the one of the same kind that stands for all.
    private var standIns: [Int32: Int32] = [:]
    /// For calls the one with the stand-ins, -2 if it was not looked for.
    private var callsOfStandIns: [Int32] = []
    private(set) var start: [Configuration] = []
    /// States on the way through a tree of tokens.
    private var path: [Int32]

    init(_ automaton: ByteAutomaton, tokensDepth: Int) {
        self.automaton = automaton
        var isBound = Array(repeating: false, count: 257)
        for case .edges(let edges) in automaton.nodes {
            for edge in edges {
                isBound[Int(edge.bytes.lowerBound)] = true
                isBound[Int(edge.bytes.upperBound) + 1] = true
            }
        }
        var classes: [Int] = []
        for byte in 0..<256 { classes.append((classes.last ?? 0) + (isBound[byte] ? 1 : 0)) }
        self.classes = classes
        classCount = classes[255] + 1
        path = Array(repeating: 0, count: tokensDepth + 1)
        // A token of so many bytes says at most as many of what is counted.
        for nodes in automaton.counted where nodes.count > tokensDepth + 2 {
            for node in nodes[(tokensDepth + 2)...] {
                standIns[Int32(node)] = Int32(nodes[tokensDepth + 1])
            }
        }
        var (seen, first): (Set<Configuration>, [Configuration]) = ([], [])
        expand(automaton.start, call: -1, &seen, &first)
        start = first
    }

    // MARK: States

    /// The number of the state of some configurations.
    mutating func state(of configurations: [Configuration]) -> Int32 {
        if let number = numbersOfStates[configurations] { return number }
        states.append(State(configurations: configurations))
        steps += repeatElement(Self.unknown, count: classCount)
        let number = Int32(states.count - 1)
        numbersOfStates[configurations] = number
        return number
    }

    func configurations(of state: Int32) -> [Configuration] { states[Int(state)].configurations }

    /// Whether the text may end.
    func isComplete(_ state: Int32) -> Bool {
        states[Int(state)].configurations.contains { Int($0.node) == ByteAutomaton.end }
    }

    /// Whether the text must end.
    func isFinished(_ state: Int32) -> Bool {
        states[Int(state)].configurations.allSatisfy { Int($0.node) == ByteAutomaton.end }
    }

    /// The state behind a byte; nil where it may not follow.
    mutating func next(_ state: Int32, _ byte: UInt8) -> Int32? {
        let place = Int(state) * classCount + classes[Int(byte)]
        let known = steps[place]
        if known != Self.unknown { return known == Self.none ? nil : known }
        var (seen, reached): (Set<Configuration>, [Configuration]) = ([], [])
        for configuration in states[Int(state)].configurations {
            guard case .edges(let edges) = automaton.nodes[Int(configuration.node)] else { continue }
            for edge in edges where edge.bytes.contains(byte) {
                expand(edge.target, call: configuration.call, &seen, &reached)
            }
        }
        let next = reached.isEmpty ? Self.none : self.state(of: reached)
        steps[place] = next
        return next == Self.none ? nil : next
    }

    /// Adds the configurations that are reached from a node without a byte, those that can end.
    private mutating func expand(
        _ node: Int, call: Int32, _ seen: inout Set<Configuration>, _ reached: inout [Configuration]
    ) {
        var pending = [Configuration(node: Int32(node), call: call)]
        while let place = pending.popLast(), reached.count < Self.mostConfigurations {
            let depth = place.call < 0 ? 0 : depths[Int(place.call)]
            guard let need = automaton.needs[Int(place.node)], depth + need <= ByteAutomaton.deepest,
                seen.insert(place).inserted
            else { continue }
            switch automaton.nodes[Int(place.node)] {
            case .end:
                if place.call < 0 {
                    reached.append(place)
                } else {
                    let call = calls[Int(place.call)]
                    pending.append(Configuration(node: call.next, call: call.outer))
                }
            case .edges: reached.append(place)
            case .choice(let targets):
                pending += targets.reversed().map { Configuration(node: Int32($0), call: place.call) }
            case .call(let rule, let next):
                let number = number(of: Call(next: Int32(next), outer: place.call), depth: depth + 1)
                pending.append(Configuration(node: Int32(automaton.rules[rule]), call: number))
            }
        }
    }

    private mutating func number(of call: Call, depth: Int) -> Int32 {
        if let number = numbersOfCalls[call] { return number }
        calls.append(call)
        depths.append(depth)
        callsOfStandIns.append(-2)
        let number = Int32(calls.count - 1)
        numbersOfCalls[call] = number
        return number
    }

    // MARK: Masks

    /// The state of which the same tokens may follow as of this one, and of others that are further from a bound.
    private mutating func standIn(for state: Int32) -> Int32 {
        guard !standIns.isEmpty else { return state }
        let configurations = states[Int(state)].configurations
        var changed: [Configuration] = []
        for configuration in configurations {
            let standIn = Configuration(
                node: standIns[configuration.node] ?? configuration.node,
                call: standIn(forCall: configuration.call))
            if !changed.contains(standIn) { changed.append(standIn) }
        }
        return changed == configurations ? state : self.state(of: changed)
    }

    private mutating func standIn(forCall call: Int32) -> Int32 {
        guard call >= 0 else { return call }
        if callsOfStandIns[Int(call)] != -2 { return callsOfStandIns[Int(call)] }
        let (next, outer) = (calls[Int(call)].next, standIn(forCall: calls[Int(call)].outer))
        let number = number(
            of: Call(next: standIns[next] ?? next, outer: outer), depth: depths[Int(call)])
        callsOfStandIns[Int(call)] = number
        return number
    }

    /// A bit for each token that may follow.
    mutating func mask(of state: Int32, _ vocabulary: TokenTrie) -> [UInt64] {
        let state = standIn(for: state)
        if let mask = states[Int(state)].mask { return mask }
        var mask = Array(repeating: UInt64(0), count: (vocabulary.vocabularySize + 63) / 64)
        path[0] = state
        vocabulary.nodes.withUnsafeBufferPointer { nodes in
            var index = 0
            while index < nodes.count {
                guard let next = next(path[nodes[index].depth - 1], nodes[index].byte) else {
                    index = nodes[index].end
                    continue
                }
                path[nodes[index].depth] = next
                for place in nodes[index].tokens {
                    let token = Int(vocabulary.tokens[place])
                    mask[token >> 6] |= 1 << UInt64(token & 63)
                }
                index += 1
            }
        }
        maskBytes += mask.count * 8
        if states.count > Self.mostStates || maskBytes > Self.mostMaskBytes {
            states = []
            steps = []
            numbersOfStates = [:]
            maskBytes = 0
        } else {
            states[Int(state)].mask = mask
        }
        return mask
    }
}
