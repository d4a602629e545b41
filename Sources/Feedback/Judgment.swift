public import JSON

/// One person's word on the answers of models to a prompt: a choice between two, or a thumb for one.
public struct Judgment: Hashable, Sendable {
    /// Chosen by who sends it; a judgment that is sent twice is kept once.
    public var key: String
    /// Seconds since 1970.
    public var time: Double
    /// The name of the person.
    public var rater: String
    /// The messages that were answered.
    public var prompt: [JSONValue]
    /// Two answers that were compared, or one.
    public var answers: [JudgedAnswer]
    /// The verdict.
    public var choice: Choice
    /// The better answer as the person would have it, if not as it stands.
    public var edit: String?
    /// A remark.
    public var note: String?

    /// A judgment.
    public init(
        key: String, time: Double, rater: String, prompt: [JSONValue], answers: [JudgedAnswer],
        choice: Choice, edit: String? = nil, note: String? = nil
    ) {
        self.key = key
        self.time = time
        self.rater = rater
        self.prompt = prompt
        self.answers = answers
        self.choice = choice
        self.edit = edit
        self.note = note
    }

    /// A verdict: the first four on two answers, the others on one.
    public enum Choice: String, Hashable, Sendable, CaseIterable {
        /// The first answer is better.
        case first
        /// The second answer is better.
        case second
        /// Both are good.
        case bothGood = "both_good"
        /// Both are bad.
        case bothBad = "both_bad"
        /// Thumbs up.
        case good
        /// Thumbs down.
        case bad

        /// Answers that it judges.
        public var answers: Int { self == .good || self == .bad ? 1 : 2 }
    }

    /// The place of the better answer; nil where neither is.
    var better: Int? {
        switch choice {
        case .first: 0
        case .second: 1
        default: nil
        }
    }

    /// Whether two answers were compared.
    public var isComparison: Bool { answers.count == 2 }

    /// What was judged: the prompt and the answers' texts, whichever stood first.
    public struct Subject: Hashable, Sendable {
        /// The messages that were answered.
        public let prompt: [JSONValue]
        /// The answers, in the order of their characters.
        public let texts: [String]
    }

    /// What was judged.
    public var subject: Subject { Subject(prompt: prompt, texts: answers.map(\.text).sorted()) }

    /// The choice in a form that does not depend on which answer stood first.
    var verdict: Choice {
        guard let better, answers[0].text > answers[1].text else { return choice }
        return better == 0 ? .second : .first
    }
}

/// An answer that somebody judged, with all that generates it again.
public struct JudgedAnswer: Hashable, Sendable {
    /// Its text.
    public var text: String
    /// The name by which its model was served.
    public var model: String
    /// The members of the request that settled how tokens were drawn, such as `temperature`.
    public var sampling: JSONObject
    /// The seed of the request.
    public var seed: Int?

    /// An answer of a model.
    public init(text: String, model: String, sampling: JSONObject = [:], seed: Int? = nil) {
        self.text = text
        self.model = model
        self.sampling = sampling
        self.seed = seed
    }
}
