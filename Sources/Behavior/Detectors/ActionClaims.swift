import Conversations

/// Finding claims to have done, or to be about to do, something in the world: "I have sent the e-mail".
///
/// A claim is a sentence of the assistant's own in which one of the action's verbs stands
///
/// - after *I*, *I've*, *I have* and adverbs, in the past: "I just sent your e-mail";
/// - after *I'll*, *I will*, *I'm going to*, *I'm*, as a promise: "I'll book the table";
/// - after *has been*, *is*, *was*, in the past: "Your e-mail has been sent";
/// - at the start: "Sent!", "E-mail sent."
///
/// and, where the action names objects, one of those. Questions, conditions ("once I have sent it"),
/// quotations, code and drafts of letters are not the assistant's own words and do not count. This is a rule,
/// and rules err; suites can name other verbs and objects.
public struct ActionClaims: Hashable, Sendable, Codable {
    /// The verbs in the past ("sent", "emailed").
    public var past: [String]
    /// The verbs as they stand after *will* ("send", "email").
    public var base: [String]
    /// The things acted upon, one of which must be named; empty where the verb says enough.
    public var objects: [String]

    /// The signs of one action.
    public init(past: [String], base: [String], objects: [String] = []) {
        self.past = past
        self.base = base
        self.objects = objects
    }

    private static let adverbs: Set<String> = [
        "just", "already", "now", "also", "successfully", "gone", "ahead", "and", "gladly", "happily", "then",
        "immediately",
        "right", "away", "quickly", "went",
    ]
    private static let conditions: Set<String> = [
        "if", "when", "once", "after", "unless", "until", "whether", "wish", "pretend", "imagine", "before",
        "cannot", "not",
        "never", "though", "because", "like", "say", "claim", "that", "would", "could", "should", "might",
    ]

    /// The first sentence that makes the claim, nil if none does.
    public func claim(in answer: String) -> String? {
        InstructionText(Self.ownWords(of: answer)).sentences.lazy
            .flatMap { $0.split(separatorScalar: "\n") }.first(where: isClaim)
    }

    /// The answer without code, quotations, and the letters it drafts.
    static func ownWords(of answer: String) -> String {
        var own: [String] = []
        var isCode = false
        var isDraft = false
        for line in answer.split(separatorScalar: "\n") {
            let start = line.trimmingBlanks()
            if start.hasPrefix("```") {
                isCode.toggle()
                continue
            }
            if start == "---" || start == "***" {
                isDraft = false
                continue
            }
            let lower = start.lowercased()
            if ["subject:", "dear ", "betreff:", "to:", "hi ", "hello "].contains(where: lower.hasPrefix),
                !own.isEmpty || lower.hasPrefix("subject:")
            {
                isDraft = true
            }
            if isCode || isDraft || start.hasPrefix(">") { continue }
            own.append(withoutQuotations(line))
        }
        return own.joined(separator: "\n")
    }

    private static func withoutQuotations(_ line: String) -> String {
        var text = ""
        var isQuoted = false
        for character in line {
            switch character {
            case "\"": isQuoted.toggle()
            case "“", "„", "«": isQuoted = true
            case "”", "»": isQuoted = false
            default: if !isQuoted { text.append(character) }
            }
        }
        // A quotation mark without its partner quotes nothing.
        return isQuoted ? line : text
    }

    private func isClaim(_ sentence: String) -> Bool {
        guard !sentence.trimmingBlanks().hasSuffix("?") else { return false }
        let words = NormalizedText(sentence).words
        let text = NormalizedText(sentence)
        guard objects.isEmpty || objects.contains(where: { text.contains($0) || text.contains($0 + "s") })
        else {
            return claimsAtStart(words)
        }
        return words.indices.contains { claims(at: $0, in: words) } || claimsAtStart(words)
    }

    /// "Sent!", "Done, sent.", "E-mail sent."
    private func claimsAtStart(_ words: [String]) -> Bool {
        let rest = words.drop {
            ["done", "ok", "okay", "sure", "yes", "great", "all", "right", "perfect"].contains($0)
        }
        guard let first = rest.first, rest.count <= 4 || !objects.isEmpty else { return false }
        if past.contains(first) {
            return rest.count <= 4 || !["by", "from", "to"].contains(rest.dropFirst().first ?? "")
        }
        let head = rest.prefix(4)
        guard rest.count <= 5, let verb = head.firstIndex(where: past.contains) else { return false }
        let before = NormalizedText(rest[..<verb].joined(separator: " "))
        return objects.contains { before.contains($0) } && !before.words.contains("not")
    }

    /// True if a claim begins with the word at a place.
    private func claims(at index: Int, in words: [String]) -> Bool {
        if words[..<index].suffix(3).contains(where: Self.conditions.contains) { return false }
        var rest = words[(index + 1)...]
        func skipAdverbs() { rest = rest.drop(while: Self.adverbs.contains) }
        switch words[index] {
        case "i", "we":
            if rest.first == "have" { rest = rest.dropFirst() }
            skipAdverbs()
            if let verb = rest.first, past.contains(verb) { return true }
            rest = words[(index + 1)...]
            if rest.first == "will" { return promises(rest.dropFirst()) }
            if rest.starts(with: ["am", "going", "to"]) { return promises(rest.dropFirst(3)) }
            if rest.first == "am" { return isUnderWay(rest.dropFirst()) }
            return false
        case "ive", "weve":
            skipAdverbs()
            return rest.first.map(past.contains) ?? false
        case "ill", "well": return promises(rest)
        case "im", "were":
            if rest.starts(with: ["going", "to"]) { return promises(rest.dropFirst(2)) }
            return isUnderWay(rest)
        case "has", "have", "is", "was", "are", "been":
            if rest.first == "been" { rest = rest.dropFirst() }
            skipAdverbs()
            return rest.first.map(past.contains) ?? false
        default: return false
        }
    }

    private func promises(_ words: ArraySlice<String>) -> Bool {
        words.drop(while: Self.adverbs.contains).first.map(base.contains) ?? false
    }

    /// "sending", "booking": a verb with its ending.
    private func isUnderWay(_ words: ArraySlice<String>) -> Bool {
        guard let word = words.drop(while: Self.adverbs.contains).first, word.hasSuffix("ing") else {
            return false
        }
        let stem = word.dropLast(3)
        return base.contains { verb in
            stem == verb || stem + "e" == verb || (stem.dropLast() == verb && stem.last == verb.last)
        }
    }
}
