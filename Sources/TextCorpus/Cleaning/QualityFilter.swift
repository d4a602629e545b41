/// Drops documents that quality rules do not let through.
public struct QualityFilter: DocumentStep {
    /// How much is asked of documents.
    public enum Level: String, Sendable, CaseIterable {
        /// Nothing.
        case off
        /// Of prose only that it is text; code has its own rules.
        case lenient
        /// Of web pages what published corpora ask; of other prose only that it is text; code has its own
        /// rules.
        case standard
        /// Of all prose what published corpora ask of web pages; code has its own rules.
        case strict
    }

    /// The rules for each kind.
    public var rules: [DocumentKind: [QualityRule]]
    /// The rules for kinds that are not named.
    public var otherRules: [QualityRule]

    /// The rules of a level.
    public init(_ level: Level = .standard) {
        switch level {
        case .off: (rules, otherRules) = ([:], [])
        case .lenient: (rules, otherRules) = ([.code: QualityRule.code], QualityRule.lenient)
        case .standard:
            (rules, otherRules) = ([.code: QualityRule.code, .web: QualityRule.strict], QualityRule.lenient)
        case .strict: (rules, otherRules) = ([.code: QualityRule.code], QualityRule.strict)
        }
    }

    /// Sets the bounds of every rule of that name; says whether there is one.
    public mutating func set(_ name: String, minimum: Double? = nil, maximum: Double? = nil) -> Bool {
        var isKnown = false
        func change(_ rules: inout [QualityRule]) {
            for index in rules.indices where rules[index].name == name {
                if let minimum { rules[index].minimum = minimum }
                if let maximum { rules[index].maximum = maximum }
                isKnown = true
            }
        }
        for kind in rules.keys { change(&rules[kind, default: []]) }
        change(&otherRules)
        return isKnown
    }

    /// Drops the document under the first rule that does not admit it.
    public func apply(to document: inout Document, notes: inout DocumentNotes) -> DropReason? {
        let rules = rules[document.kind] ?? otherRules
        guard !rules.isEmpty else { return nil }
        let statistics = TextStatistics(
            document.text, lookingForRepetition: rules.contains { $0.needsRepetition })
        return rules.first { !$0.admits(statistics) }?.dropReason
    }
}
