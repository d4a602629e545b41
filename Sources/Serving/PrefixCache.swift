import LanguageModel
import NeuralCore

/// The computed beginnings of prompts, for later ones that begin alike, such as with the same system prompt or the same
/// conversation so far. The least recently used one is dropped first.
struct PrefixCache {
    private let capacity: Int
    /// In order of use, the most recent last.
    private var entries: [PromptCache] = []

    /// - Parameter capacity: The most bytes of keys and values that are kept.
    init(capacity: Int) { self.capacity = capacity }

    /// The bytes that are kept.
    var byteCount: Int { entries.reduce(0) { $0 + $1.byteCount } }

    /// Returns the longest computed beginning of a prompt; nil if there is none.
    mutating func beginning(
        of prompt: [Int32], for configuration: TransformerConfiguration, _ format: KeyRows.Format
    ) -> KeyValueCache? {
        let counts = entries.map { $0.count(knownOf: prompt, for: configuration) }
        guard let best = counts.indices.max(by: { counts[$0] < counts[$1] }), counts[best] > 0 else {
            return nil
        }
        let entry = entries.remove(at: best)
        entries.append(entry)
        return entry.beginning(of: prompt, for: configuration, format)
    }

    /// Keeps a computed prompt in place of its own beginnings.
    mutating func keep(_ entry: PromptCache) {
        guard entry.byteCount <= capacity else { return }
        entries.removeAll { entry.tokens.starts(with: $0.tokens) }
        entries.append(entry)
        while byteCount > capacity { entries.removeFirst() }
    }
}
