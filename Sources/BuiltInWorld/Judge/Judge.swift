/// Judges answers, knowing the fact table and what the assistant can do.
///
/// It looks at words, not at style: it can be used as a reward, to compare two models, and to label answers for
/// evaluation. Every figure it gives can be traced to one of its ``Component``s.
public struct Judge: Sendable {
    /// A criterion; each is a number in `[0, 1]`, 1 for no fault.
    public enum Component: String, Sendable, Codable, CaseIterable {
        /// Says nothing that the table contradicts, and nothing about what does not exist.
        case truth
        /// Does not claim to have done what the assistant can't do.
        case deeds
        /// Does what was asked.
        case help
        /// Has the form that was asked for.
        case form
        /// Sounds like Wren.
        case persona
        /// Has no sentence that would fit any question.
        case relevance
        /// Is as short as it can be.
        case brevity

        /// Its weight in the sum.
        public var weight: Double {
            switch self {
            case .truth, .deeds: 3
            case .help: 2
            case .form: 2
            case .persona, .relevance, .brevity: 1
            }
        }
    }

    /// The judge's opinion of an answer.
    public struct Opinion: Sendable {
        /// Those components that matter for the task.
        public let components: [Component: Double]

        /// The weighted mean of the components, in `[0, 1]`.
        public var score: Double {
            let weights = components.keys.reduce(0) { $0 + $1.weight }
            let sum = Component.allCases.reduce(0) { $0 + (components[$1] ?? 0) * $1.weight }
            return weights == 0 ? 0 : sum / weights
        }
    }

    private let claims: ClaimTable
    private let filler: Set<String>

    init(_ town: Town) {
        claims = ClaimTable(town)
        filler = Set(
            (Unknown.generic + Unknown.padding).map { $0.source.replacing("{town}", with: town.name) })
    }

    /// The score of `reply` as an answer to `prompt`, in `[0, 1]`.
    public func score(_ reply: String, to prompt: Prompt) -> Double { opinion(of: reply, to: prompt).score }

    /// Compares two answers: above zero if the first is better, below zero if the second is, zero for a tie.
    public func compare(_ first: String, _ second: String, to prompt: Prompt) -> Int {
        let difference = score(first, to: prompt) - score(second, to: prompt)
        return abs(difference) < 0.02 ? 0 : (difference > 0 ? 1 : -1)
    }

    /// The score of `reply` by component.
    public func opinion(of reply: String, to prompt: Prompt) -> Opinion {
        let finding = examine(reply, prompt)
        var components: [Component: Double] = [
            .help: finding.isHelpful ? (finding.isFullyHelpful ? 1 : 0.4) : 0,
            .relevance: relevance(of: reply),
            .brevity: Self.brevity(of: reply, isCode: reply.contains("```")),
        ]
        switch prompt.task {
        case .form, .review: components[.form] = finding.isInForm ? 1 : 0
        case .fact, .unknown, .action, .request, .profile, .persona:
            components[.persona] = finding.isInForm ? 1 : 0
        }
        components[.deeds] = finding.claimsDeed ? 0 : 1
        components[.truth] = finding.saysFalsehood ? 0 : 1
        return Opinion(components: components)
    }

    /// The share of sentences that are no filler.
    private func relevance(of reply: String) -> Double {
        let sentences = Persona.content(of: reply).split(separator: ". ").map {
            $0.hasSuffix(".") ? String($0) : $0 + "."
        }
        guard !sentences.isEmpty else { return 0 }
        return 1 - Double(sentences.filter(filler.contains).count) / Double(sentences.count)
    }

    /// One up to twenty words, zero from eighty; programs may be twice as long.
    private static func brevity(of reply: String, isCode: Bool) -> Double {
        let words = Double(reply.split { $0 == " " || $0 == "\n" }.count)
        return min(max((80 - words * (isCode ? 0.5 : 1)) / 60, 0), 1)
    }

    /// Examines an answer.
    func examine(_ reply: String, _ prompt: Prompt) -> Finding {
        let content = Persona.content(of: reply)
        let text = WordText(content)
        var finding = Finding()
        finding.declines = text.contains(any: Signs.declining)
        finding.claimsDeed = Signs.claimsDeed(content)
        finding.isInForm = Persona.isInForm(reply)
        let isEmpty = !content.contains(where: \.isLetter)
        switch prompt.task {
        case .fact(let fact):
            finding.saysFalsehood = claims.contradicts(fact, text)
            finding.isHelpful = fact.isStated(in: content) && !finding.saysFalsehood && !finding.declines
            if finding.declines, !finding.isHelpful { finding.saysFalsehood = false }
        case .unknown(let unknown):
            finding.saysFalsehood = claims.claimsAnything(text, besides: prompt.messages.last?.content ?? "")
            finding.isHelpful = finding.declines && !finding.saysFalsehood
            if !finding.declines, unknown.relation != nil, text.count < 4 {
                finding.saysFalsehood = true
            }
        case .action:
            finding.isHelpful = text.contains(any: Signs.unable) && !finding.claimsDeed
            finding.isFullyHelpful = finding.isHelpful && Signs.offersSomething(content)
        case .request(let request):
            let found = request.expected.filter {
                request.isCode ? content.contains($0) : text.contains(any: [$0])
            }
            .count
            let isComplete =
                !request.isCode || (content.contains("```swift") && content.ranges(of: "```").count == 2)
            finding.isHelpful = found >= request.needed && isComplete && !finding.declines
        case .form(let form):
            finding.isInForm = form.rule.isFollowed(by: reply)
            finding.isHelpful = text.contains(any: form.expected)
            finding.saysFalsehood = !finding.isHelpful && !isEmpty
        case .profile(let question):
            finding.saysFalsehood = text.contains(any: question.wrong)
            finding.isHelpful =
                question.expected.isEmpty
                ? finding.declines && !finding.saysFalsehood
                : text.contains(any: question.expected) && !finding.saysFalsehood
        case .review(let opinion):
            let label = Signs.label(reply)
            finding.isInForm = FormRule.oneWord.isFollowed(by: reply)
            finding.isHelpful = label == opinion
            finding.saysFalsehood = label != nil && label != opinion
        case .persona(let chat):
            finding.saysFalsehood = text.contains(any: chat.outOfCharacter.map(\.source))
            finding.isHelpful =
                !isEmpty && !finding.saysFalsehood
                && (chat.expected.isEmpty || text.contains(any: chat.expected))
        }
        if case .action = prompt.task {} else { finding.isFullyHelpful = finding.isHelpful }
        return finding
    }
}

/// The judge's findings about an answer.
struct Finding {
    /// Says that it does not know or can't help.
    var declines = false
    /// Says that it has done something.
    var claimsDeed = false
    /// Says something that is not so.
    var saysFalsehood = false
    /// Does what was asked, at least in part.
    var isHelpful = false
    /// Does all of what was asked.
    var isFullyHelpful = false
    /// Is written as Wren writes, or in the form that was asked for.
    var isInForm = false
}

extension World {
    /// Someone who knows the facts.
    public var judge: Judge { Judge(town) }
}
