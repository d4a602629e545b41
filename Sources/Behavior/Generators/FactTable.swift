public import Foundation
import NeuralCore

/// Facts to ask about, and names that nobody knows.
///
/// ```json
/// {"relations": [{"questions": ["Where does {subject} live?", "What is {subject}'s address?"],
///                 "answers": ["{subject} lives in {object}.", "In {object}."],
///                 "facts": [["Ada Berg", "Mill Street"], ["Bruno Keller", "Station Road"]]}],
///  "unknown": ["Zed Quill", "Mara Vole"],
///  "declines": ["I don't know anyone called {subject}.", "I have no information about {subject}."]}
/// ```
public struct FactTable: Hashable, Sendable, Codable {
    /// One kind of fact: what is so about a subject.
    public struct Relation: Hashable, Sendable, Codable {
        /// Ways of asking; `{subject}` stands for whom or what is asked about.
        public var questions: [String]
        /// Ways of answering, with `{subject}` and `{object}`.
        public var answers: [String]
        /// Each subject with its object.
        public var facts: [[String]]

        /// A kind of fact.
        public init(questions: [String], answers: [String], facts: [[String]]) {
            self.questions = questions
            self.answers = answers
            self.facts = facts
        }
    }

    /// The kinds of facts.
    public var relations: [Relation]
    /// Names about which nobody knows anything.
    public var unknown: [String]
    /// Ways of saying so, with `{subject}`.
    public var declines: [String]

    /// A table.
    public init(relations: [Relation], unknown: [String], declines: [String]) {
        self.relations = relations
        self.unknown = unknown
        self.declines = declines
    }

    /// Reads a table from a JSON file.
    ///
    /// - Throws: ``BehaviorSuiteError``.
    public init(contentsOf file: URL) throws(BehaviorSuiteError) {
        self = try BehaviorSuiteError.value(of: file)
    }

    /// Questions over the facts and over unknown names, with right answers and, as the rejected ones, wrong
    /// objects and inventions.
    ///
    /// Evaluation asks about other subjects, in other words, than training does. Of known facts it asks what
    /// the model can only know from what it has read.
    ///
    /// - Parameters:
    ///   - count: How many questions to make for training, and at most for evaluation a quarter of that.
    ///   - unknownShare: The share of questions about unknown names, in [0, 1].
    ///   - system: What stands before every question; nil for nothing.
    ///   - seed: What the choices follow from.
    /// - Throws: ``GeneratorError`` where there is too little to hold some of it out.
    public func data(
        count: Int, unknownShare: Double = 0.3, system: String? = nil, seed: UInt64
    ) throws(GeneratorError) -> GeneratedData {
        var data = GeneratedData(suite: BehaviorSuite(name: "knowledge", items: []))
        let strangers = try HeldOutPool("unknown", unknown)
        let subjects = try HeldOutPool("subjects", relations.flatMap { $0.facts.compactMap(\.first) })
        var asking: [(relation: Relation, questions: HeldOutPool)] = []
        for relation in relations {
            asking.append((relation, try HeldOutPool("questions", relation.questions)))
        }
        guard !asking.isEmpty else { return data }
        var random = RandomSource(seed: seed)
        var seen: Set<String> = []
        for side in [HeldOutPool.Side.training, .evaluation] {
            let known = Set(subjects[side])
            for index in 0..<(side == .training ? count : count / 4) {
                let (relation, questions) = asking[index % asking.count]
                let facts = relation.facts.filter { $0.count == 2 && known.contains($0[0]) }
                let asksUnknown = facts.isEmpty || Double.random(in: 0..<1, using: &random) < unknownShare
                guard let phrase = questions[side].randomElement(using: &random),
                    let fact = asksUnknown
                        ? [strangers[side].randomElement(using: &random) ?? "", ""]
                        : facts.randomElement(using: &random)
                else { continue }
                let question = PhraseTemplate(text: phrase).filled(["subject": fact[0]])
                guard seen.insert(question).inserted else { continue }
                if side == .evaluation {
                    data.ask(
                        question, system: system,
                        asksUnknown ? .unknownFact : .knownFact(answers: [fact[1]], wrong: []))
                    continue
                }
                let others = relation.facts.filter { $0.count == 2 && $0[1] != fact[1] }
                let wrong = others.randomElement(using: &random)?[1]
                let answer = PhraseTemplate(
                    text: relation.answers.randomElement(using: &random) ?? "{object}")
                let decline = PhraseTemplate(text: declines.randomElement(using: &random) ?? "I don't know.")
                    .filled(["subject": fact[0]])
                let good = asksUnknown ? decline : answer.filled(["subject": fact[0], "object": fact[1]])
                let bad = wrong.map { answer.filled(["subject": fact[0], "object": $0]) }
                data.add(question: question, good: good, bad: bad ?? decline, system: system)
            }
        }
        return data
    }
}
