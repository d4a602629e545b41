public import Conversations

/// The data of a generator: records to train on, and a suite to measure the result with, which share no name and no
/// phrasing.
public struct GeneratedData: Hashable, Sendable {
    /// Good answers to imitate.
    public var demonstrations: [DemonstrationRecord] = []
    /// Good answers against the faults that models fall into.
    public var preferences: [PreferenceRecord] = []
    /// Prompts for evaluation only.
    public var suite: BehaviorSuite

    mutating func add(question: String, good: String, bad: String, system: String?) {
        let prompt = (system.map { [Message.system($0)] } ?? []) + [.user(question)]
        demonstrations.append(.conversation(Conversation(prompt + [.assistant(good)])))
        preferences.append(
            PreferenceRecord(
                prompt: .messages(prompt), chosen: .messages([.assistant(good)]),
                rejected: .messages([.assistant(bad)])))
    }

    mutating func ask(_ question: String, system: String?, _ check: BehaviorItem.Check) {
        let prompt = (system.map { [Message.system($0)] } ?? []) + [.user(question)]
        suite.items.append(
            BehaviorItem(id: "\(suite.name)-\(suite.items.count + 1)", Conversation(prompt), check))
    }
}

/// Words and phrases of which some are for training and the others for evaluation only.
///
/// Evaluation data uses none of the names and phrasings of training data. The side of an element depends on its text
/// alone, through a hash that never changes, and on the number of elements.
struct HeldOutPool {
    /// The data that an element may go into.
    enum Side: Hashable, Sendable { case training, evaluation }

    private let training: [String]
    private let evaluation: [String]

    /// Divides distinct elements; at least one goes to each side.
    ///
    /// - Throws: ``GeneratorError/tooFew(pool:count:)`` where there are not two.
    init(_ name: String, _ elements: [String], evaluationShare: Double = 0.25) throws(GeneratorError) {
        let ranked = Set(elements).map { (hash: $0.stableHash, element: $0) }
            .sorted { ($0.hash, $0.element) < ($1.hash, $1.element) }.map(\.element)
        guard ranked.count >= 2 else { throw .tooFew(pool: name, count: ranked.count) }
        let held = min(ranked.count - 1, max(1, Int((Double(ranked.count) * evaluationShare).rounded())))
        evaluation = Array(ranked[..<held])
        training = Array(ranked[held...])
    }

    /// The elements of one side.
    subscript(side: Side) -> [String] { side == .training ? training : evaluation }
}

/// The reason why training data cannot be generated.
public enum GeneratorError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A pool has too few elements to keep some for evaluation.
    case tooFew(pool: String, count: Int)
    /// A phrase asks for a pool that is not there.
    case noPool(String, phrase: String)

    /// One line for people.
    public var description: String {
        switch self {
        case .tooFew(let pool, let count):
            "'\(pool)' has \(count) elements; at least 2 are needed, to hold one out"
        case .noPool(let pool, let phrase): "there is no pool '\(pool)' for '\(phrase)'"
        }
    }
}

extension String {
    /// A hash that is the same in every run and on every machine (FNV-1a, 64 bits).
    ///
    /// - SeeAlso: [RFC 9923](https://www.rfc-editor.org/rfc/rfc9923). Departures: none.
    var stableHash: UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return hash
    }
}

/// A phrase with places to fill: `Send {person} a message.`
struct PhraseTemplate {
    let text: String

    /// The names within braces, in order.
    var slots: [String] {
        text.split(separator: "{").dropFirst().compactMap {
            $0.contains("}") ? String($0.prefix { $0 != "}" }) : nil
        }
    }

    /// The phrase with each place filled.
    func filled(_ values: [String: String]) -> String {
        var result = text
        for (name, value) in values {
            result = result.pieces(between: result.occurrences(of: "{\(name)}")).joined(separator: value)
        }
        return result
    }
}
