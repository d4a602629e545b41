import BuiltInWorld
import Testing

@Suite struct SecondJudgeTests {
    /// Of answers whose quality is known it prefers the good one nearly always, though it knows no fact.
    @Test func goodAnswersAreMostlyPreferred() throws {
        let world = World(seed: 6)
        let suites = world.evaluation(perSuite: 40)
        let judge = SecondJudge(world, suites: suites, exercises: 1_500)
        var (right, wrong) = (0, 0)
        for suite in suites {
            for (place, exercise) in world.answeredEvaluation(suite).enumerated() {
                let good = try #require(exercise.replies[.good])
                for (quality, reply) in exercise.replies where quality != .good && reply != good {
                    let verdict = judge.compare(good, reply, toPrompt: place, of: suite.kind)
                    if verdict > 0 { right += 1 }
                    if verdict < 0 { wrong += 1 }
                    #expect(judge.compare(reply, good, toPrompt: place, of: suite.kind) == -verdict)
                }
            }
        }
        #expect(wrong * 50 < right, "\(right) right, \(wrong) wrong")
    }

    /// An answer in words of its own, which no reference has.
    @Test func theRareWordsOfAnAnswerCount() throws {
        let world = World(seed: 6)
        let suites = world.evaluation(perSuite: 60)
        let judge = SecondJudge(world, suites: suites, exercises: 1_500)
        let facts = try #require(suites.first { $0.kind == .knownFacts })
        for (place, prompt) in facts.prompts.enumerated() {
            guard case .fact(let fact) = prompt.task, fact.relation == .street else { continue }
            let other = try #require(world.town.streets.first { $0 != fact.value })
            #expect(
                judge.compare(
                    "I think it is \(fact.value). — Wren", "I think it is \(other). — Wren", toPrompt: place,
                    of: .knownFacts) >= 0)
        }
    }
}

@Suite struct FactChoiceTests {
    @Test func oneOfFourAnswersIsRightAndTheRestDiffersInNothingElse() {
        let world = World(seed: 3)
        let choices = world.factChoices(300)
        #expect(choices.count == 300)
        for choice in choices {
            guard case .fact(let fact) = choice.prompt.task else {
                Issue.record("no question about a fact")
                continue
            }
            #expect(choice.answers.count == FactChoice.count)
            #expect(Set(choice.answers).count == FactChoice.count)
            let outcomes = choice.answers.map {
                world.judge.outcome(of: $0 + " — Wren", to: choice.prompt, in: .knownFacts)
            }
            #expect(
                outcomes.map(\.isPassed) == [true, false, false, false], "\(fact.subject): \(choice.answers)")
        }
        #expect(world.factChoices(20).map(\.answers) == choices.prefix(20).map(\.answers))
    }
}
