package import JSON

/// A text made of fixed words, values of schemas and free text, to generate nothing else.
package indirect enum TextStructure: Sendable, Hashable {
    case literal(String)
    /// An added token by its text; that text, where the tokenizer has no such token.
    case mark(String)
    /// A JSON text that a schema allows; the name says whose schema it is in errors.
    case value(JSONValue, of: String)
    case sequence([TextStructure])
    case choice([TextStructure])
    /// One or more of a structure, with something between them.
    case repeated(TextStructure, separator: TextStructure)
    /// Any text, and from the first mark on what follows it there.
    case text(until: String, then: TextStructure)
    /// Any text, except that one with one of these beginnings goes on as that says.
    case textBeginning([Beginning])

    /// How a text may begin, and what follows then.
    package struct Beginning: Sendable, Hashable {
        let mark: String
        let rest: TextStructure

        /// - Parameters:
        ///   - mark: An added token by its text, or a text.
        ///   - rest: What follows.
        package init(_ mark: String, then rest: TextStructure) { (self.mark, self.rest) = (mark, rest) }
    }
}

extension TextStructure {
    /// The texts of the structure, byte by byte, for a vocabulary.
    func automaton(of vocabulary: TokenTrie) throws(JSONSchemaError) -> ByteAutomaton {
        var compiler = TextStructureCompiler(vocabulary: vocabulary)
        compiler.automaton.start = try compiler.node(self, then: ByteAutomaton.end)
        guard !compiler.automaton.callsItself else {
            throw .unsupported(path: "#", reason: "has a $ref that leads to itself without a value between")
        }
        compiler.automaton.settle(over: Set(0...255))
        guard compiler.automaton.canEnd(compiler.automaton.start) else {
            throw .unsatisfiable(
                path: compiler.values.first { !compiler.automaton.canEnd($0.node) }?.name ?? "#")
        }
        return compiler.automaton
    }
}

/// Makes an automaton of a structure, from its end.
private struct TextStructureCompiler {
    let vocabulary: TokenTrie
    var automaton = ByteAutomaton()
    /// The first nodes of values.
    var values: [(node: Int, name: String)] = []

    init(vocabulary: TokenTrie) { self.vocabulary = vocabulary }

    mutating func node(_ structure: TextStructure, then next: Int) throws(JSONSchemaError) -> Int {
        switch structure {
        case .literal(let text): return automaton.literal(text, then: next)
        case .mark(let mark): return automaton.literal(vocabulary.bytes(ofMark: mark), then: next)
        case .value(let schema, let name): return try value(schema, of: name, then: next)
        case .sequence(let parts):
            var first = next
            for part in parts.reversed() { first = try node(part, then: first) }
            return first
        case .choice(let ways):
            var nodes: [Int] = []
            for way in ways { nodes.append(try node(way, then: next)) }
            return automaton.choice(nodes)
        case .repeated(let part, let separator):
            let behind = automaton.add(.end)
            let first = try node(part, then: behind)
            automaton.set(behind, to: .choice([next, try node(separator, then: first)]))
            return first
        case .text(let mark, let rest):
            return text(until: vocabulary.bytes(ofMark: mark), then: try node(rest, then: next), or: next)
        case .textBeginning(let beginnings):
            var ways: [(bytes: ArraySlice<UInt8>, target: Int)] = []
            for beginning in beginnings {
                let bytes = vocabulary.bytes(ofMark: beginning.mark)
                ways.append((bytes[...], try node(beginning.rest, then: next)))
            }
            let free = automaton.add(.end)
            let anything = automaton.add(.edges([.init(bytes: 0...255, target: free)]))
            automaton.set(free, to: .choice([next, anything]))
            return beginning(ways, else: free, or: next)
        }
    }

    private mutating func value(
        _ schema: JSONValue, of name: String, then next: Int
    ) throws(JSONSchemaError) -> Int {
        var compiler = SchemaCompiler(schema, into: automaton)
        let node = try compiler.value(schema, at: "\(name)#", then: next)
        automaton = compiler.automaton
        values.append((node, name))
        return node
    }

    /// Text that may end at any place, up to a mark, which leads elsewhere.
    ///
    /// The nodes count the bytes of the mark that have come; a byte that is not the next leads to the longest beginning of
    /// the mark with which the text then ends (Knuth, Morris and Pratt).
    private mutating func text(until mark: [UInt8], then rest: Int, or next: Int) -> Int {
        let states = mark.map { _ in automaton.add(.end) }
        for (count, state) in states.enumerated() {
            let edges = ranges { byte in
                if byte == mark[count] { return count + 1 == mark.count ? rest : states[count + 1] }
                let text = mark[..<count] + [byte]
                let length = (0...count).last { text.suffix($0).elementsEqual(mark.prefix($0)) } ?? 0
                return states[length]
            }
            automaton.set(state, to: .choice([next, automaton.add(.edges(edges))]))
        }
        return states[0]
    }

    /// Text that may end at any place, and whose beginning decides where it leads.
    private mutating func beginning(
        _ ways: [(bytes: ArraySlice<UInt8>, target: Int)], else free: Int, or next: Int
    ) -> Int {
        if let whole = ways.first(where: { $0.bytes.isEmpty }) { return whole.target }
        var targets: [UInt8: Int] = [:]
        for first in Set(ways.compactMap(\.bytes.first)).sorted() {
            let rest = ways.filter { $0.bytes.first == first }.map { ($0.bytes.dropFirst(), $0.target) }
            targets[first] = beginning(rest, else: free, or: next)
        }
        return automaton.choice([next, automaton.add(.edges(ranges { targets[$0] ?? free }))])
    }

    /// Edges on all bytes, of which neighbors that lead to one node are one.
    private func ranges(_ target: (UInt8) -> Int) -> [ByteAutomaton.Edge] {
        var edges: [ByteAutomaton.Edge] = []
        for byte in UInt8.min...UInt8.max {
            let target = target(byte)
            if let last = edges.last, last.target == target {
                edges[edges.count - 1] = .init(bytes: last.bytes.lowerBound...byte, target: target)
            } else {
                edges.append(.init(bytes: byte...byte, target: target))
            }
        }
        return edges
    }
}
