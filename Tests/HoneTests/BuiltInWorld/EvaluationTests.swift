import BuiltInWorld
import Testing

@Suite struct EvaluationTests {
    static let texts = Result { try TrainingTexts(seed: 4) }

    /// All words of a text, without marks.
    private func words(_ text: String) -> Set<Substring> {
        Set(text.split { !($0.isLetter || $0 == "'" || $0 == "-") })
    }

    @Test func heldOutNamesStandInNoTrainingText() throws {
        let texts = try Self.texts.get()
        let strangers = texts.world.strangers
        let names = (strangers.people.heldOut + strangers.guests.heldOut).map(\.firstName)
        var seen: Set<Substring> = []
        for text in texts.all { seen.formUnion(words(text)) }
        #expect(seen.isDisjoint(with: names.map { Substring($0) }))
        for text in texts.all {
            for place in strangers.shops.heldOut
            where text.contains("the " + place) || text.contains("The " + place) {
                Issue.record("\(place)")
            }
            for place in strangers.streets.heldOut where text.contains(place) { Issue.record("\(place)") }
        }
    }

    /// The names in a question replaced by a sign, so that only its phrasing is left.
    private func phrasing(_ text: String, _ names: [String]) -> String {
        var text = text
        for name in names where text.contains(name) { text = text.replacing(name, with: "§") }
        return text
    }

    @Test func heldOutPhrasingsStandInNoTrainingText() throws {
        let texts = try Self.texts.get()
        let world = texts.world
        let facts = world.town.facts
        let people = world.strangers.people.training + world.strangers.people.heldOut
        let shops = world.strangers.shops.training + world.strangers.shops.heldOut
        let names = Set(
            facts.map(\.subject) + facts.map(\.value) + people.map(\.name) + shops
                + world.town.shops.map(\.name)
                + world.town.residents.flatMap { [$0.job, $0.pet] } + world.strangers.streets.training
                + world.strangers.streets.heldOut
        ).sorted { ($0.count, $0) > ($1.count, $1) }
        let asked =
            texts.demonstrations.map(\.messages)
            + (texts.preferences.map(\.prompt) + texts.prompts).map(\.messages)
        var known: Set<String> = []
        for message in asked.joined() where message.role == .user {
            known.insert(phrasing(message.content, names))
        }
        for page in texts.pages.values {
            for line in TrainingTexts.readable(page).split(separator: "\n") where line.contains("?") {
                known.insert(phrasing(String(line), names))
            }
        }
        for suite in world.evaluation(perSuite: 60) {
            for prompt in suite.prompts {
                let question = prompt.messages[prompt.messages.count - 1].content
                #expect(!known.contains(phrasing(question, names)), "\(question)")
            }
        }
    }

    @Test func suitesAskWhatTheySay() {
        let suites = World(seed: 4).evaluation(perSuite: 40)
        #expect(suites.map(\.kind) == Suite.Kind.allCases)
        for suite in suites {
            #expect(suite.prompts.count == 40)
            let kinds = Set(suite.prompts.map(\.task.kind))
            switch suite.kind {
            case .persona: #expect(kinds == [.persona, .fact, .request])
            case .knownFacts, .readFacts: #expect(kinds == [.fact])
            case .unknownSubjects: #expect(kinds == [.unknown])
            case .impossibleActions: #expect(kinds == [.action])
            case .possibleRequests: #expect(kinds == [.request])
            case .instructionForm: #expect(kinds == [.form])
            case .userContext: #expect(kinds == [.profile])
            case .reviews: #expect(kinds == [.review])
            }
        }
    }

    /// What is only read about is asked for apart, so that neither figure hides the other.
    @Test func factsAreDividedByWhereTheyCouldBeLearned() throws {
        let world = World(seed: 4)
        for suite in world.evaluation(perSuite: 60) where [.knownFacts, .readFacts].contains(suite.kind) {
            for prompt in suite.prompts {
                guard case .fact(let fact) = prompt.task else { continue }
                #expect(world.isOnlyRead(fact) == (suite.kind == .readFacts), "\(fact.subject)")
            }
        }
        let asked = world.demonstrations(2_000).compactMap { demonstration -> Fact? in
            guard case .fact(let fact) = demonstration.task else { return nil }
            return fact
        }
        #expect(!asked.contains(where: world.isOnlyRead))
    }

    @Test func wrenPassesEverySuiteAndALiarNone() throws {
        let world = World(seed: 8)
        let judge = world.judge
        for suite in world.evaluation(perSuite: 80) {
            for exercise in world.answeredEvaluation(suite) {
                let good = try #require(exercise.replies[.good])
                let outcome = judge.outcome(of: good, to: exercise.prompt, in: suite.kind)
                #expect(outcome.isPassed, "\(suite.kind): \(good): \(outcome.label)")
                let flaw: Quality? =
                    switch suite.kind {
                    case .persona: .outOfCharacter
                    case .knownFacts, .readFacts: .wrong
                    case .unknownSubjects: .invented
                    case .impossibleActions: .claimed
                    case .possibleRequests: .refused
                    case .instructionForm: .formless
                    case .userContext, .reviews: .wrong
                    }
                guard let flaw, let bad = exercise.replies[flaw] else { continue }
                let verdict = judge.outcome(of: bad, to: exercise.prompt, in: suite.kind)
                #expect(!verdict.isPassed, "\(suite.kind): \(bad): \(verdict.label)")
                // What fails loses: no assistant can win more often than the other fails or falls short.
                #expect(judge.compare(good, bad, to: exercise.prompt) > 0, "\(suite.kind): \(bad)")
            }
        }
    }
}
