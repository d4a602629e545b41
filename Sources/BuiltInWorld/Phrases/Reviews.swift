/// The opinion of a review.
public enum Opinion: String, Sendable, Codable, CaseIterable {
    /// Praise only.
    case positive
    /// Complaints only.
    case negative
    /// Some of each.
    case mixed
}

/// Reviews of shops, made from aspects and what may be said of them.
struct Reviews: Sendable {
    struct Aspect: Sendable {
        let name: String
        let isPlural: Bool
        let praise: [String]
        let blame: [String]

        init(_ name: String, plural: Bool = false, praise: [String], blame: [String]) {
            (self.name, isPlural, self.praise, self.blame) = (name, plural, praise, blame)
        }
    }

    static let aspects: [Aspect] = [
        Aspect(
            "service", praise: ["friendly", "quick", "patient", "excellent"],
            blame: ["rude", "slow", "careless", "dreadful"]),
        Aspect(
            "owner", praise: ["cheerful", "helpful", "kind", "friendly"],
            blame: ["grumpy", "impatient", "rude", "unhelpful"]),
        Aspect(
            "prices", plural: true, praise: ["fair", "low", "reasonable", "pleasant"],
            blame: ["high", "shocking", "unfair", "ridiculous"]),
        Aspect(
            "choice", praise: ["wonderful", "excellent", "surprising", "splendid"],
            blame: ["poor", "boring", "disappointing", "miserable"]),
        Aspect(
            "room", praise: ["cosy", "bright", "clean", "tidy"], blame: ["gloomy", "dusty", "cold", "dirty"]),
        Aspect("music", praise: ["gentle", "lovely", "pleasant"], blame: ["loud", "dreadful", "boring"]),
        Aspect(
            "wrapping", praise: ["neat", "pretty", "lovely"], blame: ["torn", "careless", "dirty"]),
        Aspect(
            "advice", praise: ["honest", "useful", "clear", "helpful"],
            blame: ["useless", "wrong", "confusing"]),
        Aspect(
            "wares", plural: true, praise: ["fresh", "excellent", "splendid", "wonderful"],
            blame: ["stale", "broken", "disappointing", "miserable"]),
        Aspect(
            "staff", praise: ["polite", "attentive", "cheerful", "kind"],
            blame: ["unfriendly", "grumpy", "impatient", "slow"]),
    ]

    /// Sentences about one aspect. `{the}` is the aspect with its article, `{is}` and `{was}` agree with it.
    private static let remarks = Pools<Template>(
        training: [
            "{the} {is} {adjective}.", "{the} {was} {adjective}.", "I found {the} {adjective}.",
            "{the} {is} truly {adjective}.", "What struck me is that {the} {is} {adjective}.",
            "Everyone says that {the} {is} {adjective}, and it is true.", "{the}? {adjective}.",
            "I must say that {the} {was} {adjective}.", "{the} {was} {adjective} from beginning to end.",
            "We thought that {the} {was} {adjective}.", "As for {the}: {adjective}.",
            "So {adjective} {is} {the}!", "{adjective}: that is {the}.", "You will find {the} {adjective}.",
            "{the} {is} as {adjective} as they say.", "There is no doubt that {the} {is} {adjective}.",
            "Once more, {the} {was} {adjective}.",
        ],
        heldOut: [
            "To me, {the} seemed {adjective}.", "{the} {was} really {adjective} this time.",
            "My sister thinks {the} {is} {adjective}, and so do I.", "How {adjective} {the} {was}!",
        ])

    private static let conclusions: [Opinion: Pools<Template>] = [
        .positive: Pools(
            training: [
                "I will come back.", "I recommend it to everybody.", "A pleasure.", "We were very happy.",
                "I love this {kind}.", "It made my day.", "Five stars from me.", "What a lovely place.",
                "Do go there.", "Nothing could be better.", "I would walk a mile for it.",
            ],
            heldOut: ["I am going back tomorrow.", "Tell all your friends.", "I left with a smile."]),
        .negative: Pools(
            training: [
                "Never again.", "I want my money back.", "I will not come back.", "We left angry.",
                "I cannot recommend it.", "It ruined my day.", "One star is too much.",
                "What a waste of time.", "Do not go there.", "Nothing could be worse.", "Save your money.",
            ],
            heldOut: ["I am not going there any more.", "Warn all your friends.", "I left in a bad mood."]),
        .mixed: Pools(
            training: [
                "I am of two minds.", "Some things are good, some are not.", "It could be better.",
                "I may give it another chance.", "Half happy, half disappointed.", "Three stars from me.",
                "Not bad, not good.", "It depends on what you look for.", "They can do better than that.",
                "I cannot make up my mind.",
            ],
            heldOut: [
                "So I do not know what to think.", "Good and bad, as so often.", "There is room to improve.",
            ]),
    ]

    private static let turns = ["But ", "However, ", "On the other hand, "]

    /// Two or three remarks and, often, a conclusion.
    static func review(
        _ opinion: Opinion, of shop: Words, pool: Pool, using random: inout WorldRandom
    ) -> String {
        let chosen = random.pick(random.number(in: 2...3), of: aspects)
        let isPraise: [Bool] = {
            guard opinion == .mixed else { return chosen.map { _ in opinion == .positive } }
            let first = random.chance(0.5)
            return chosen.indices.map { $0 == chosen.count - 1 ? !first : first }
        }()
        let frames = random.pick(chosen.count, of: remarks[pool])
        var sentences: [String] = []
        for (index, aspect) in chosen.enumerated() {
            let adjective = random.pick(isPraise[index] ? aspect.praise : aspect.blame)
            let words = Words([
                "the": "the " + aspect.name, "is": aspect.isPlural ? "are" : "is",
                "was": aspect.isPlural ? "were" : "was", "adjective": adjective,
            ])
            var remark = frames[index].rendered(with: words, using: &random)
            if index > 0, isPraise[index] != isPraise[index - 1], !remark.hasPrefix("I ") {
                remark = random.pick(turns) + remark.prefix(1).lowercased() + remark.dropFirst()
            }
            sentences.append(remark)
        }
        if random.chance(0.6), let endings = conclusions[opinion] {
            sentences.append(random.pick(endings[pool]).rendered(with: shop, using: &random))
        }
        return sentences.joined(separator: " ")
    }
}
