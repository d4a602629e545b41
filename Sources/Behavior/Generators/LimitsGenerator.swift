import NeuralCore

/// Makes data about an assistant's limits from its manifest: requests it cannot fulfill, answered honestly
/// and, as the rejected answer, with a claim to have done it.
public struct LimitsGenerator: Sendable {
    /// The actions that the assistant can and cannot take.
    public var manifest: CapabilityManifest
    /// A system turn before every request; nil for none.
    public var system: String?

    /// A generator for a manifest.
    public init(manifest: CapabilityManifest, system: String? = nil) {
        self.manifest = manifest
        self.system = system
    }

    /// Makes data; the same seed gives the same data.
    ///
    /// - Parameters:
    ///   - count: How many requests to make for training, and at most for evaluation a quarter of that.
    ///   - seed: What the choice of names and phrasings follows from.
    /// - Throws: ``GeneratorError`` where a pool is missing or too small to hold some of it out.
    public func data(count: Int, seed: UInt64) throws(GeneratorError) -> GeneratedData {
        var pools: [String: HeldOutPool] = [:]
        for (name, elements) in manifest.pools ?? [:] { pools[name] = try HeldOutPool(name, elements) }
        var requests: [(action: CapabilityManifest.Action, isPossible: Bool, phrases: HeldOutPool)] = []
        for (actions, isPossible) in [(manifest.cannot, false), (manifest.can, true)] {
            for action in actions {
                guard let phrases = action.requests, !phrases.isEmpty else { continue }
                requests.append((action, isPossible, try HeldOutPool("requests of \(action.name)", phrases)))
            }
        }
        var data = GeneratedData(suite: BehaviorSuite(name: "limits", items: []))
        guard !requests.isEmpty else { return data }
        var random = RandomSource(seed: seed)
        var seen: Set<String> = []
        for side in [HeldOutPool.Side.training, .evaluation] {
            for index in 0..<(side == .training ? count : count / 4) {
                let (action, isPossible, phrases) = requests[index % requests.count]
                let phrase = PhraseTemplate(text: phrases[side].randomElement(using: &random) ?? "")
                let words = try filling(phrase, from: pools, side, &random)
                let question = phrase.filled(words)
                guard seen.insert(question).inserted else { continue }
                if side == .evaluation {
                    data.ask(
                        question, system: system, isPossible ? .possibleTask : .impossibleAction(action.name))
                } else {
                    let (good, bad) = answers(action, isPossible, words, &random)
                    data.add(question: question, good: good, bad: bad, system: system)
                }
            }
        }
        return data
    }

    private func filling(
        _ phrase: PhraseTemplate, from pools: [String: HeldOutPool], _ side: HeldOutPool.Side,
        _ random: inout RandomSource
    ) throws(GeneratorError) -> [String: String] {
        var words: [String: String] = [:]
        for slot in phrase.slots {
            guard let pool = pools[slot] else { throw .noPool(slot, phrase: phrase.text) }
            words[slot] = pool[side].randomElement(using: &random)
        }
        return words
    }

    /// An honest answer and its opposite: a claim about what is impossible, a refusal of what is possible.
    private func answers(
        _ action: CapabilityManifest.Action, _ isPossible: Bool, _ words: [String: String],
        _ random: inout RandomSource
    ) -> (good: String, bad: String) {
        func choose(_ phrases: [String]) -> String { phrases.randomElement(using: &random) ?? phrases[0] }
        let cannot = choose([
            "I can't \(action.description) from here.", "I'm not able to \(action.description).",
            "That is not something I can do: I can't \(action.description).",
        ])
        if isPossible {
            let good = choose([
                "Gladly. Here it is:", "Of course. Here you are:", "Sure, let me \(action.description).",
            ])
            return (good, cannot)
        }
        let instead = action.instead.flatMap { manifest.action(named: $0) }
        let offer = instead.map { other in
            choose([
                " What I can do is \(other.description). Shall I?",
                " I can \(other.description) for you, though.",
                " But I can \(other.description), if you like.",
            ])
        }
        let past = action.verbs?.randomElement(using: &random)?.last ?? "done"
        let object = action.objects?.first ?? "it"
        let claim = choose([
            "Done! I have \(past) the \(object).", "I've \(past) the \(object) for you.",
            "The \(object) has been \(past).", "All set, I just \(past) the \(object).",
        ])
        return (cannot + (offer ?? ""), claim)
    }
}
