internal import Synchronization

/// Lets a model generate the texts of a JSON schema and nothing else.
///
/// A token may follow if the text with it is the beginning of one that the schema allows, and a token that ends the text where
/// the text is complete. A generation that reaches its most tokens first ends with ``Decoding/Ending/length``, in the middle.
///
/// The tokens that may follow are found once for each state of the text and kept, so that most steps look them up. Two
/// constraints are equal if they are the same one.
public final class TokenConstraint: Sendable {
    private let vocabulary: TokenTrie
    private let machine: Mutex<StructureMachine>

    /// A constraint.
    ///
    /// - Parameters:
    ///   - schema: What may be generated.
    ///   - vocabulary: The tokens of the model.
    /// - Throws: ``JSONSchemaError/unsatisfiable(path:)`` where the tokens cannot spell any value of the schema.
    public convenience init(_ schema: JSONSchema, _ vocabulary: TokenTrie) throws(JSONSchemaError) {
        try self.init(schema.automaton, vocabulary)
    }

    /// A constraint to a structure.
    package convenience init(_ structure: TextStructure, _ vocabulary: TokenTrie) throws(JSONSchemaError) {
        try self.init(structure.automaton(of: vocabulary), vocabulary)
    }

    private init(_ automaton: ByteAutomaton, _ vocabulary: TokenTrie) throws(JSONSchemaError) {
        self.vocabulary = vocabulary
        var automaton = automaton
        if !vocabulary.spellsEverything {
            // A text that tokens of one byte can end never comes to a place from which nothing goes on.
            automaton.settle(over: vocabulary.singleBytes)
            guard automaton.canEnd(automaton.start) else { throw .unsatisfiable(path: "#") }
        }
        machine = Mutex(StructureMachine(automaton, tokensDepth: vocabulary.depth))
    }

    /// The place of a text within the structure.
    struct Place: Sendable {
        fileprivate var configurations: [StructureMachine.Configuration]
        /// Whether nothing may follow but the end.
        fileprivate(set) var isFinished = false
    }

    var start: Place { machine.withLock { Place(configurations: $0.start) } }

    /// Makes the logits of tokens that may not follow minus infinity.
    ///
    /// - Parameter ends: The tokens that end the text.
    func mask(_ logits: inout [Float], at place: Place, ends: Set<Int32>) {
        let (mask, isComplete) = machine.withLock { machine in
            let state = machine.state(of: place.configurations)
            let isComplete = machine.isComplete(state)
            return (machine.mask(of: state, vocabulary), isComplete)
        }
        let endLogits = ends.compactMap { token -> (Int, Float)? in
            logits.indices.contains(Int(token)) ? (Int(token), logits[Int(token)]) : nil
        }
        for index in logits.indices {
            let word = index >> 6
            if word >= mask.count || mask[word] >> UInt64(index & 63) & 1 == 0 { logits[index] = -.infinity }
        }
        for (token, logit) in endLogits { logits[token] = isComplete ? logit : -.infinity }
        if !logits.contains(where: { $0 > -.infinity }) {
            // Damaged logits, or ones that a bias has forbidden: all that may follow is alike.
            for index in logits.indices where index >> 6 < mask.count {
                if mask[index >> 6] >> UInt64(index & 63) & 1 == 1 { logits[index] = 0 }
            }
            for (token, _) in endLogits { logits[token] = isComplete ? 0 : -.infinity }
        }
    }

    /// Moves on behind a token.
    func advance(_ place: inout Place, over token: Int32) {
        let bytes = vocabulary.bytes(of: token)
        machine.withLock { machine in
            var state = machine.state(of: place.configurations)
            for byte in bytes {
                guard let next = machine.next(state, byte) else { break }
                state = next
            }
            place.configurations = machine.configurations(of: state)
            place.isFinished = machine.isFinished(state)
        }
    }
}

extension TokenConstraint: Hashable {
    /// Whether they are the same constraint.
    public static func == (a: TokenConstraint, b: TokenConstraint) -> Bool { a === b }
    /// Mixes in which constraint it is.
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
