import Formatting

/// Drops documents that quality rules do not let through.
public struct QualityFilter: DocumentStep {
    /// The sets of rules, from none to strict.
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

/// A figure of a text, and the bounds in which it must lie.
public struct QualityRule: Sendable {
    /// The name, in snake case.
    public let name: String
    /// The least that is let through.
    public var minimum: Double?
    /// The most that is let through.
    public var maximum: Double?
    /// The publication that the rule is from.
    public let origin: String
    /// The rule counts words as Western scripts set them apart, and does not hold for others.
    let isForSpacedScripts: Bool
    let needsRepetition: Bool
    let measure: @Sendable (TextStatistics) -> Double

    /// A rule of your own.
    public init(
        _ name: String, minimum: Double? = nil, maximum: Double? = nil, origin: String = "own",
        isForSpacedScripts: Bool = false, measure: @escaping @Sendable (TextStatistics) -> Double
    ) {
        self.init(
            name, minimum: minimum, maximum: maximum, origin: origin, isForSpacedScripts: isForSpacedScripts,
            needsRepetition: true, measure: measure)
    }

    fileprivate init(
        _ name: String, minimum: Double? = nil, maximum: Double? = nil, origin: String,
        isForSpacedScripts: Bool = false, needsRepetition: Bool,
        measure: @escaping @Sendable (TextStatistics) -> Double
    ) {
        self.name = name
        self.minimum = minimum
        self.maximum = maximum
        self.origin = origin
        self.isForSpacedScripts = isForSpacedScripts
        self.needsRepetition = needsRepetition
        self.measure = measure
    }

    /// True if the rule lets a text through.
    public func admits(_ statistics: TextStatistics) -> Bool {
        if isForSpacedScripts, statistics.isUnspaced { return true }
        let value = measure(statistics)
        return value >= minimum ?? -.infinity && value <= maximum ?? .infinity
    }

    var dropReason: DropReason {
        let bounds = [minimum.map { "at least \(shortest($0))" }, maximum.map { "at most \(shortest($0))" }]
        return DropReason(
            "quality_" + name,
            "the quality rule \(name) asks for \(bounds.compactMap { $0 }.joined(separator: " and ")) (\(origin))"
        )
    }
}

extension QualityRule {
    /// The rules for pages of the web.
    ///
    /// - SeeAlso: [Rae et al. 2021](https://arxiv.org/abs/2112.11446), §A1.1 (Gopher); [Raffel et al.
    ///   2020](https://arxiv.org/abs/1910.10683), §2.2 (C4). Departures: a word is a run of letters and
    ///   digits; function words of twelve languages count; of C4's rules only the one on filler text is
    ///   taken, the others would lose lists, code and poems.
    public static let strict: [QualityRule] =
        [
            rule("words", minimum: 50, maximum: 100_000, "Gopher") { Double($0.words) },
            rule("mean_word_length", minimum: 3, maximum: 10, "Gopher", isForSpacedScripts: true) {
                share($0.wordCharacters, $0.words)
            },
            rule("symbols_per_word", maximum: 0.1, "Gopher") { share($0.symbols, $0.words) },
            rule("bullet_lines", maximum: 0.9, "Gopher") { share($0.bulletLines, $0.lines) },
            rule("ellipsis_lines", maximum: 0.3, "Gopher") { share($0.ellipsisLines, $0.lines) },
            rule("alphabetic_words", minimum: 0.8, "Gopher") { share($0.alphabeticWords, $0.words) },
            rule("function_words", minimum: 2, "Gopher", isForSpacedScripts: true) {
                Double($0.functionWords)
            },
            rule("filler", maximum: 0, "C4") { $0.isFiller ? 1 : 0 },
            repetition("repeated_lines", maximum: 0.3) { $0.lines },
            repetition("repeated_line_bytes", maximum: 0.2) { $0.lineBytes },
            repetition("repeated_paragraphs", maximum: 0.3) { $0.paragraphs },
            repetition("repeated_paragraph_bytes", maximum: 0.2) { $0.paragraphBytes },
        ]
        + zip(2...4, [0.20, 0.18, 0.16]).map { length, most in
            repetition("most_frequent_\(length)_words", maximum: most, isForSpacedScripts: true) {
                $0.mostFrequent[length] ?? 0
            }
        }
        + zip(5...10, [0.15, 0.14, 0.13, 0.12, 0.11, 0.10]).map { length, most in
            repetition("repeated_\(length)_words", maximum: most, isForSpacedScripts: true) {
                $0.repeated[length] ?? 0
            }
        }

    /// The rules for text that somebody chose: only what is hardly text at all fails.
    public static let lenient: [QualityRule] = [
        rule("words", minimum: 5, "own") { Double($0.words) },
        rule("letters_and_digits", minimum: 0.4, "own") { share($0.wordBytes, $0.visibleBytes) },
        repetition("repeated_line_bytes", maximum: 0.6) { $0.lineBytes },
        repetition("most_frequent_3_words", maximum: 0.3, isForSpacedScripts: true) {
            $0.mostFrequent[3] ?? 0
        },
        repetition("repeated_10_words", maximum: 0.5, isForSpacedScripts: true) { $0.repeated[10] ?? 0 },
    ]

    /// The rules for code.
    ///
    /// - SeeAlso: [Chen et al. 2021](https://arxiv.org/abs/2107.03374), §3.1 (Codex), for the lengths of
    ///   lines; [Li et al. 2023](https://arxiv.org/abs/2305.06161), §3.1 (StarCoder), for the share of
    ///   letters and digits.
    public static let code: [QualityRule] = [
        rule("mean_line_length", maximum: 100, "Codex") { share($0.bytes, $0.lines) },
        rule("longest_line", maximum: 1_000, "Codex") { Double($0.longestLine) },
        rule("letters_and_digits", minimum: 0.25, "StarCoder") { share($0.wordBytes, $0.visibleBytes) },
    ]

    private static func rule(
        _ name: String, minimum: Double? = nil, maximum: Double? = nil, _ origin: String,
        isForSpacedScripts: Bool = false, measure: @escaping @Sendable (TextStatistics) -> Double
    ) -> QualityRule {
        QualityRule(
            name, minimum: minimum, maximum: maximum, origin: origin, isForSpacedScripts: isForSpacedScripts,
            needsRepetition: false, measure: measure)
    }

    private static func repetition(
        _ name: String, maximum: Double, isForSpacedScripts: Bool = false,
        measure: @escaping @Sendable (Repetition) -> Double
    ) -> QualityRule {
        QualityRule(
            name, maximum: maximum, origin: "Gopher", isForSpacedScripts: isForSpacedScripts,
            needsRepetition: true
        ) { measure($0.repetition) }
    }

    private static func share(_ part: Int, _ whole: Int) -> Double {
        whole == 0 ? 0 : Double(part) / Double(whole)
    }
}
