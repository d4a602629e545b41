/// A fact of the table among other values for it, in sentences that differ in nothing else.
///
/// What a model finds most probable of them tells what it knows, whether or not it answers questions yet, and how sure
/// it is of that.
public struct FactChoice: Sendable {
    /// The question, in words that no training text has.
    public let prompt: Prompt
    /// Four answers as sentences; the first is right.
    public let answers: [String]

    /// The number of answers.
    public static let count = 4
}

extension World {
    /// Facts among other values, each fact of the table once before any comes again.
    public func factChoices(_ count: Int) -> [FactChoice] {
        var maker = ExerciseMaker(self, pool: .heldOut, using: random.stream("fact choices"))
        return (0..<count).map { _ in maker.factChoice() }
    }
}

extension ExerciseMaker {
    fileprivate mutating func factChoice() -> FactChoice {
        while true {
            let fact = facts.deal()
            let phrasing = Phrasing.of(fact.relation)
            let template = random.pick(phrasing.answers)
            let question = say(phrasing.questions[pool], fact.words)
            let others = random.shuffled(wrongWords(for: fact)).prefix(FactChoice.count - 1)
            guard others.count == FactChoice.count - 1 else { continue }
            // A template may stand for several sentences: each answer is the same one of them.
            let draws = random
            let answers = ([fact.words] + others).map { words in
                var draws = draws
                return template.rendered(with: words, using: &draws)
            }
            guard Set(answers).count == answers.count else { continue }
            return FactChoice(
                prompt: Prompt(messages: [.user(question)], task: .fact(fact)), answers: answers)
        }
    }

    /// The words of every other value under the fact's name, each value once.
    private func wrongWords(for fact: Fact) -> [Words] {
        var seen: Set<String> = [fact.value]
        return alternatives[fact.relation, default: []].filter {
            !fact.isStated(in: $0.value) && seen.insert($0.value).inserted
        }.map { $0.words.renamed(as: fact.words, keys: fact.relation.identity) }
    }
}
