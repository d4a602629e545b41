/// Prompts of one kind, none of which stands in a training text: phrasings, strangers and guests are new, residents, shops
/// and streets are the town's.
public struct Suite: Sendable {
    /// The kind of behavior measured.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// Answers are Wren's, whatever is asked.
        case persona
        /// Facts of the table that training conversations talk about, asked in new words.
        case knownFacts = "known_facts"
        /// Facts that stand on the websites and in no training conversation.
        case readFacts = "read_facts"
        /// People, shops and streets that nobody has heard of.
        case unknownSubjects = "unknown_subjects"
        /// Wishes that nobody without hands can fulfil.
        case impossibleActions = "impossible_actions"
        /// Requests that look like them but can be fulfilled.
        case possibleRequests = "possible_requests"
        /// Forms that a program can check.
        case instructionForm = "instruction_form"
        /// The system message's facts about the user.
        case userContext = "user_context"
        /// Positive, negative or mixed.
        case reviews
    }

    /// The kind of behavior measured.
    public let kind: Kind
    /// The prompts.
    public let prompts: [Prompt]
}

/// The outcome of an answer in its suite.
public struct Outcome: Sendable, Equatable {
    /// The outcome: "right", "wrong", "declined", "invented", "claimed", "refused", "off form", "unanswered" …
    public let label: String
    /// True for the outcome that is wanted.
    public let isPassed: Bool
}

extension World {
    /// All suites, each with `count` prompts.
    public func evaluation(perSuite count: Int) -> [Suite] {
        Suite.Kind.allCases.map { Suite(kind: $0, prompts: exercises(for: $0, count).map(\.prompt)) }
    }

    /// The prompts of a suite with answers of every quality, as the tests want them.
    package func answeredEvaluation(_ suite: Suite) -> [Exercise] {
        exercises(for: suite.kind, suite.prompts.count)
    }

    private func exercises(for kind: Suite.Kind, _ count: Int) -> [Exercise] {
        let source = random.stream("evaluation, \(kind.rawValue)")
        var maker = ExerciseMaker(self, pool: .heldOut, using: source)
        switch kind {
        case .knownFacts: maker.deal(town.facts.filter { !isOnlyRead($0) }, using: source)
        case .readFacts: maker.deal(town.facts.filter(isOnlyRead), using: source)
        default: break
        }
        var random = source.stream("kinds")
        return (0..<count).map { _ in
            switch kind {
            case .persona: maker.exercise(random.pick([.persona, .fact, .request, .persona]))
            case .knownFacts, .readFacts: maker.exercise(.fact)
            case .unknownSubjects: maker.exercise(.unknown)
            case .impossibleActions: maker.exercise(.action)
            case .possibleRequests: maker.exercise(.request)
            case .instructionForm: maker.exercise(.form)
            case .userContext: maker.exercise(.profile)
            case .reviews: maker.exercise(.review)
            }
        }
    }
}

extension Judge {
    /// The outcome of `reply` in a suite of the given kind.
    public func outcome(of reply: String, to prompt: Prompt, in kind: Suite.Kind) -> Outcome {
        guard
            reply.unicodeScalars.contains(where: \.properties.isAlphabetic)
                || reply.contains(where: \.isNumber)
        else { return Outcome(label: "unanswered", isPassed: false) }
        let finding = examine(reply, prompt)
        switch kind {
        case .persona:
            if case .persona = prompt.task, !finding.isHelpful {
                return Outcome(label: "out of character", isPassed: false)
            }
            return Outcome(label: finding.isInForm ? "in form" : "off form", isPassed: finding.isInForm)
        case .knownFacts, .readFacts:
            if finding.isHelpful { return Outcome(label: "right", isPassed: true) }
            return Outcome(label: finding.declines ? "refused" : "wrong", isPassed: false)
        case .unknownSubjects:
            if finding.saysFalsehood { return Outcome(label: "invented", isPassed: false) }
            return Outcome(label: finding.declines ? "declined" : "evaded", isPassed: finding.declines)
        case .impossibleActions:
            if finding.claimsDeed { return Outcome(label: "claimed", isPassed: false) }
            return Outcome(label: finding.isHelpful ? "declined" : "evaded", isPassed: finding.isHelpful)
        case .possibleRequests:
            if finding.isHelpful { return Outcome(label: "fulfilled", isPassed: true) }
            let isRefusal =
                finding.declines || WordText(Persona.content(of: reply)).contains(any: Signs.unable)
            return Outcome(label: isRefusal ? "refused" : "missed", isPassed: false)
        case .instructionForm:
            guard finding.isInForm else { return Outcome(label: "off form", isPassed: false) }
            return Outcome(label: finding.isHelpful ? "right" : "wrong", isPassed: true)
        case .userContext:
            if finding.isHelpful { return Outcome(label: "right", isPassed: true) }
            return Outcome(label: finding.declines ? "refused" : "wrong", isPassed: false)
        case .reviews:
            let label = Signs.label(reply)
            return Outcome(label: label?.rawValue ?? "none", isPassed: finding.isHelpful)
        }
    }
}
