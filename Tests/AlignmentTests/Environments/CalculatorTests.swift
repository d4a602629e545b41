import Alignment
import NeuralCore
import Testing

/// Sums of three numbers with a calculator that adds two.
@Suite struct CalculatorTests {
    private func begun(seed: UInt64 = 1) -> (Calculator, terms: [Int]) {
        var world = Calculator()
        var random = RandomSource(seed: seed)
        let question = world.reset(using: &random).messages[0].content
        return (world, question.matches(of: #/\d+/#).compactMap { Int($0.output) })
    }

    private func add(_ a: Int, _ b: Int) -> EpisodeTurn {
        EpisodeTurn(calls: [ToolCall(name: "add", arguments: ["a": .integer(a), "b": .integer(b)])])
    }

    @Test func theSumByTwoCallsIsWorthOne() {
        var (world, terms) = begun()
        #expect(terms.count == 3 && terms.allSatisfy { (1...20).contains($0) })
        let first = world.step(add(terms[0], terms[1]))
        #expect(first == .next([.tool("\(terms[0] + terms[1])", name: "add")]))
        let second = world.step(add(terms[0] + terms[1], terms[2]))
        let sum = terms.reduce(0, +)
        #expect(second.messages[0].content == "\(sum)")
        #expect(
            world.step(EpisodeTurn("It is \(sum)."))
                == .end(
                    EpisodeOutcome(isSuccess: true, madeNeedlessCall: false, claimedWithoutCall: false),
                    reward: 1)
        )
    }

    @Test func aSumThatWasNotAskedForIsWorthHalf() {
        var (world, terms) = begun()
        let end = world.step(EpisodeTurn("\(terms.reduce(0, +))"))
        #expect(
            end.reward == 0.5 && end.outcome?.isSuccess == true && end.outcome?.claimedWithoutCall == true)
        (world, terms) = begun()
        let wrong = world.step(EpisodeTurn("\(terms.reduce(0, +) + 1)"))
        #expect(wrong.reward == 0 && wrong.outcome?.isSuccess == false)
    }

    @Test func whoSaysNoNumberClaimsNothing() {
        var (world, _) = begun()
        #expect(
            world.step(EpisodeTurn("I do not know."))
                == .end(
                    EpisodeOutcome(isSuccess: false, madeNeedlessCall: false, claimedWithoutCall: false)))
    }

    @Test func needlessCallsCost() {
        var (world, terms) = begun()
        for _ in 0..<3 { _ = world.step(add(terms[0] + terms[1], terms[2])) }
        let end = world.step(EpisodeTurn("\(terms.reduce(0, +))"))
        #expect(abs(end.reward - 0.9) < 1e-6 && end.outcome?.madeNeedlessCall == true)
    }

    @Test func whatIsNoCallOfTheCalculatorFails() {
        var (world, _) = begun()
        let step = world.step(
            EpisodeTurn(calls: [
                ToolCall(name: "multiply", arguments: ["a": 1, "b": 2]),
                ToolCall(name: "add", arguments: ["a": "one", "b": 2]),
                ToolCall(name: "add", arguments: ["a": .integer(.max), "b": 1]),
            ]))
        #expect(step.failedCalls == 3 && step.messages.count == 3 && step.outcome == nil)
        #expect(step.messages.allSatisfy { $0.content.contains("error") })
    }

    @Test func copiesOfOneAnswerAlike() {
        let (world, terms) = begun(seed: 9)
        var (one, other) = (world, world)
        #expect(one.step(add(terms[0], 1)) == other.step(add(terms[0], 1)))
    }

    @Test func whoKnowsItGetsAll() async {
        for seed in 0..<20 as Range<UInt64> {
            var world = Calculator(numbers: 0...99)
            var random = RandomSource(seed: seed)
            let conversation = await world.demonstration(using: &random)
            try? conversation.validate()
            #expect(conversation.messages.count == 6 && conversation.tools.count == 1)
            random = RandomSource(seed: seed)
            _ = world.reset(using: &random)
            _ = world.step(world.solution)
            _ = world.step(world.solution)
            #expect(world.step(world.solution).reward == 1)
        }
    }
}
